"""What people do in the page with the whole application behind it, and what is seen of it."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from tests.page.conftest import DESKTOP, PATIENCE
from tests.support.stage import Stage

WRITE = ".channel .composer textarea"
PICTURES = os.environ.get("PICTURES", "")
"""A folder for pictures of every form, to be looked at by whoever changes one."""
_LOOKS = 20
_PRESSES = 10
TALL: ViewportSize = {"width": 1280, "height": 1400}
"""So that a picture shows all of a form."""


async def opened(browser: Browser, day: Stage, user_id: str) -> Page:
    page = await (await browser.new_context(viewport=TALL if PICTURES else DESKTOP)).new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: pytest.fail(f"The page failed: {error}"))
    await page.clock.set_fixed_time(day.clock.now())  # what it calls today and yesterday
    await page.goto(f"{day.sandbox.base_url}/?as={user_id}")
    await page.locator(".messages").first.wait_for()
    return page


async def types(page: Page, line: str) -> None:
    await page.locator(WRITE).fill(line)
    await page.locator(WRITE).press("Enter")


async def keep(page: Page, name: str, of: Locator | None = None) -> None:
    """A picture of one thing; without one, of the form that is open, else of all the page."""
    if PICTURES:
        await page.wait_for_timeout(300)
        form = page.get_by_role("dialog")
        shown = of or (form.last if await form.count() else page)
        await shown.screenshot(path=Path(PICTURES) / f"{name}.png")


async def presses(page: Page, label: str) -> None:
    await page.get_by_role("dialog").last.get_by_role("button", name=label, exact=True).last.click()


async def goes_on_to(page: Page, words: str) -> None:
    """Press Next, and once more for as long as one is told to: on a busy machine Slack may be slow to answer."""
    dialog = page.get_by_role("dialog").last
    for _ in range(_PRESSES):
        await presses(page, "Next")
        await expect(dialog.get_by_text(words).or_(dialog.get_by_text("press Next once more")).first).to_be_visible()
        if await dialog.get_by_text(words).count():
            return
    raise AssertionError(f"{words!r} does not come.")


async def chooses(page: Page, row: str, label: str) -> None:
    """What is chosen in a row of the settings, or its button."""
    place = page.get_by_role("dialog").last.locator(f"[data-block-id^='{row}.']")
    select = place.get_by_role("combobox")
    if await select.count():
        await select.click()
        await page.get_by_role("option", name=label, exact=True).first.click()
    else:
        await place.get_by_role("button", name=label).click()


async def comes(day: Stage, thing: Locator, words: str) -> None:
    """The stage settles until these words are there: what a person did reaches the bot a moment after the click."""
    for _ in range(_LOOKS):
        await day.settle()
        with suppress(AssertionError):
            await expect(thing).to_contain_text(words, timeout=500)
            return
    await expect(thing).to_contain_text(words)


async def shows(page: Page, words: str) -> None:
    await expect(page.get_by_role("dialog").last.get_by_text(words).first).to_be_visible()
