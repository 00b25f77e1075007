"""Makes the pictures of the documents anew: `python -m tests.page.pictures [folder]`.

Those of a day's course come from a scripted demo, those of the forms from the tests that go through every form.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.page.conftest import FLAGS, find_chromium

IMAGES = Path("docs/images")
FORMS = ("tests/page/test_setting_up.py", "tests/page/test_escalating.py", "tests/page/test_forms.py")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


def main(folder: Path = IMAGES) -> None:
    """Play a stand-up and a week, and keep what they looked like."""
    folder.mkdir(parents=True, exist_ok=True)
    chromium = find_chromium()
    if chromium is None:
        sys.exit("No Chromium was found: install the package `chromium`, or name one in CHROMIUM.")
    with tempfile.TemporaryDirectory() as kept, _demo(kept) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        _play(Studio(browser, address, folder))
        browser.close()
    _keep_forms(folder)


def _keep_forms(folder: Path) -> None:
    """What the tests saw, if a document shows it."""
    shown = "".join(page.read_text() for page in (Path("README.md"), *Path("docs").rglob("*.md")))
    with tempfile.TemporaryDirectory() as seen:
        subprocess.run([sys.executable, "-m", "pytest", *FORMS], env={**os.environ, "PICTURES": seen}, check=True)
        for picture in Path(seen).glob("*.png"):
            if f"images/{picture.name}" in shown:
                shutil.copy(picture, folder)


@contextmanager
def _demo(folder: str) -> Iterator[str]:
    """The demo in a process of its own; its address."""
    command = [sys.executable, "-u", "-m", "bot", "demo", "--folder", folder, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield next(found[0] for line in process.stdout if (found := _ADDRESS.search(line)))
    finally:
        process.terminate()
        process.wait(timeout=20)


class Studio:
    """One page a person."""

    def __init__(self, browser: Browser, address: str, folder: Path) -> None:
        self._browser = browser
        self._address = address
        self._folder = folder
        self._pages: dict[str, Page] = {}

    def page(self, who: str, *, phone: bool = False) -> Page:
        """The workspace as this person sees it."""
        key = f"{who}:{phone}"
        if key not in self._pages:
            size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 800}
            page = self._browser.new_context(viewport=size, has_touch=phone, is_mobile=phone).new_page()  # type: ignore[arg-type]
            page.set_default_timeout(10_000)
            page.goto(f"{self._address}/?as=U0{who.upper()}")
            page.locator(".messages").first.wait_for()
            self._pages[key] = page
        page = self._pages[key]
        page.bring_to_front()
        return page

    def keep(self, name: str, of: Page | Locator) -> None:
        """Save a picture."""
        page = of if isinstance(of, Page) else of.page
        page.wait_for_timeout(500)
        of.screenshot(path=self._folder / f"{name}.png")

    def next_event(self, page: Page, *, until: str = "", times: int = 1) -> None:
        """Press the clock's button, until what comes next reads as given."""
        button = page.locator(".next-event")
        for _ in range(60 if until else times):
            if until and until in button.inner_text():
                break
            button.click()
            page.wait_for_timeout(700)


def _play(studio: Studio) -> None:
    """A stand-up from both sides, the week's end, and a phone."""
    vera = studio.page("vera")
    studio.keep("sandbox", vera)
    studio.next_event(vera)
    _answer(
        vera, "The import runs every night.", "Export for the tax office by Friday", "No access to the test database"
    )
    studio.keep("modal", vera)
    _rate_and_ask(studio, vera)
    _send(vera)
    vera.get_by_text("to answer by").last.wait_for()
    studio.keep("question", vera)
    vikram = studio.page("vikram")
    _reply(vikram, "Looked into the slow search.\nnext: New index on the archive by Friday\nno blockers")
    studio.keep("thread", vikram)
    studio.next_event(vera)
    ines = studio.page("ines")
    _answer(ines, "Order signed.", "Access for Brightlane by tomorrow", None)
    _send(ines)
    studio.keep("board", ines)
    _take(studio, ines)
    studio.next_event(ines, until="Daily stand-up opens")
    ines.get_by_role("button", name="Close thread").or_(
        ines.locator(".thread button[aria-label*='lose']")
    ).first.click()
    studio.keep("report", ines)
    studio.keep("phone", studio.page("olaf", phone=True))
    ines.locator("nav, aside").get_by_text("Vendor Cadence").first.click()
    studio.keep("dm", ines)
    ines.get_by_role("tab", name="Home").first.click()
    ines.get_by_text("What the other side can see").wait_for()
    studio.keep("home", ines)
    ines.locator("nav, aside").get_by_text("northwind-brightlane").first.click()
    studio.next_event(ines, until="Weekly summary")
    studio.next_event(ines)
    summary = ines.locator(".channel .message", has_text="Weekly summary").last
    summary.wait_for(timeout=60_000)
    summary.scroll_into_view_if_needed()
    studio.keep("summary", ines)
    _escalate(studio)
    _show_ladder(studio)


def _escalate(studio: Studio) -> None:
    """Ines escalates, and Vera owns it."""
    ines, vera = studio.page("ines"), studio.page("vera")
    _write(ines, "/escalate The tills of two stores are down")
    form = ines.get_by_role("dialog")
    form.get_by_text("S2: work is badly hindered").click()
    form.get_by_role("button", name="Escalate").click()
    form.wait_for(state="hidden")
    vera = studio.page("vera")
    vera.get_by_role("button", name="I own it").last.click()
    vera.get_by_text("owned by").last.wait_for(timeout=60_000)
    studio.keep("escalation", vera)


def _rate_and_ask(studio: Studio, page: Page) -> None:
    """In the answer form: how bad the blocker is, and a question to the other side."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What do you need to know").fill("Which tax years must the export cover?")
    dialog.get_by_label("How bad is it?").click()
    studio.keep("severity", page)
    page.get_by_role("option", name="S3: it slows us down").click()


def _show_ladder(studio: Studio) -> None:
    """The form for the ladder of one severity."""
    ines = studio.page("ines")
    _write(ines, "/cadence settings")
    row = ines.get_by_role("dialog").last.locator("[data-block-id^='ladder.']")
    row.get_by_role("combobox").click()
    ines.get_by_role("option", name=re.compile("^S2")).first.click()
    ines.get_by_text("Level 1 is told at once").wait_for()
    studio.keep("ladder", ines)


def _write(page: Page, text: str) -> None:
    box = page.locator(".channel .composer textarea")
    box.fill(text)
    box.press("Enter")
    page.wait_for_timeout(1500)


def _answer(page: Page, done: str, promise: str, blocker: str | None) -> None:
    page.get_by_role("button", name="Answer", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    boxes = dialog.locator("textarea")
    boxes.nth(0).fill(done)
    boxes.nth(1).fill(promise)
    dialog.get_by_text("Yes, something" if blocker else "No, nothing").click()
    if blocker:
        page.wait_for_timeout(800)
        dialog.get_by_label("What is in the way?").fill(blocker)
        dialog.get_by_label("What is in the way?").scroll_into_view_if_needed()


def _send(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    page.get_by_role("dialog").wait_for(state="hidden")
    page.wait_for_timeout(2500)


def _reply(page: Page, text: str) -> None:
    page.get_by_text("repl").first.click()
    box = page.locator(".thread textarea, .thread [contenteditable]").first
    box.fill(text)
    box.press("Enter")
    page.wait_for_timeout(2500)


def _take(studio: Studio, page: Page) -> None:
    page.get_by_text("repl").first.click()
    page.get_by_role("button", name="Mine").first.click()
    page.wait_for_timeout(2500)
    studio.keep("blocker", page)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
