"""The frame around the conversation: whom one acts as, the clock, unread marks, narrow screens, a lost connection."""

import pytest
from playwright.async_api import expect

from sandbox import seed
from sandbox.server import SandboxServer
from tests.page import gallery
from tests.page.conftest import Sandbox

pytestmark = [pytest.mark.page, pytest.mark.xdist_group("page"), pytest.mark.asyncio(loop_scope="session")]

# Text whose contrast with what it stands on is below WCAG AA (4.5, or 3 for large text).
FAINT = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const channel = (part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const colour = parse(style.backgroundColor);
      if (colour.length === 3 || colour[3] > 0.9) return colour;
      if (style.backgroundImage !== 'none') return null;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || !node.checkVisibility({ visibilityProperty: true }) || node.closest(':disabled')) continue;
    const under = ground(node);
    if (!under) continue;
    const style = getComputedStyle(node);
    const size = Number.parseFloat(style.fontSize);
    const [one, two] = [light(parse(style.color)), light(under)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (two + 0.05);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faint.push(`${text.data.trim()} ${ratio.toFixed(2)}`);
  }
  return faint;
}"""
NAMELESS = """() => [...document.querySelectorAll('button, input, select, textarea, a[href]')]
  .filter((node) => node.checkVisibility() && !node.innerText?.trim() && !node.getAttribute('aria-label')
    && !node.getAttribute('aria-labelledby') && !node.labels?.length && !node.querySelector('img[alt]'))
  .map((node) => node.outerHTML.slice(0, 120))"""
WIDER = "() => document.documentElement.scrollWidth > window.innerWidth"


async def test_acting_as_somebody_else_shows_their_channels_and_their_time(sandbox: Sandbox) -> None:
    await sandbox.post(gallery.MESSAGE[1:2])
    page = await sandbox.open()
    closes = page.locator(".section-text time")
    await expect(closes).to_have_text("11:00")
    await expect(page.get_by_role("navigation")).to_contain_text("vendor-inhouse")

    await page.get_by_role("button", name="You act as Ines Moreau of Northwind Retail").click()
    await page.get_by_role("button", name="Vera Iyer").click()

    await expect(page.get_by_role("button", name="You act as Vera Iyer of Brightlane Systems")).to_contain_text(
        "Provider"
    )
    await expect(closes).to_have_text("15:30")
    await expect(page.get_by_role("navigation")).not_to_contain_text("vendor-inhouse")
    await expect(page.get_by_text("Shared with Northwind Retail")).to_be_visible()


async def test_the_clock_buttons_move_the_sandbox_clock(sandbox: Sandbox) -> None:
    page = await sandbox.open()
    face = page.get_by_role("timer", name="Sandbox time")
    following = page.get_by_role("button", name="Go to the next event")
    await expect(face).to_contain_text("Mon 23 Nov 08:59")
    await expect(face).to_contain_text("07:59 UTC")
    await expect(following).to_contain_text("09:00 The stand-up opens")

    await following.click()
    await expect(face).to_contain_text("Mon 23 Nov 09:00")
    await expect(following).to_be_disabled()
    await page.get_by_label("Speed of the sandbox clock").select_option("600")
    await page.get_by_role("button", name="Let the clock run").click()
    await expect(face).to_contain_text("running 600×")
    await expect(face).not_to_contain_text("09:00")
    await page.get_by_role("button", name="Stop the clock").click()

    await expect(face).to_contain_text("stopped")
    assert sandbox.clock.paused
    assert sandbox.clock.speed == 600


async def test_the_first_steps_go_away_and_come_back(sandbox: Sandbox) -> None:
    page = await sandbox.open()
    steps = page.get_by_role("region", name="First steps")
    await expect(steps).to_contain_text("You are Ines of Northwind Retail")
    await expect(steps).to_contain_text("Switch to Vera and answer")

    await page.get_by_role("button", name="Dismiss these steps").click()
    await page.reload()
    await page.get_by_role("log", name="Messages").wait_for()
    await expect(steps).to_be_hidden()

    await page.get_by_role("button", name="Show the first steps").click()
    await expect(steps).to_be_visible()


async def test_what_is_new_elsewhere_is_marked(sandbox: Sandbox) -> None:
    page = await sandbox.open()
    await page.get_by_role("navigation").get_by_role("button", name="general").click()
    shared = page.get_by_role("navigation").get_by_role("button", name="northwind-brightlane")

    await sandbox.post(text="Nothing special")
    await expect(shared).to_have_class("entry unseen")
    await sandbox.post(text=f"<@{seed.INES}>, a question for you")
    await expect(shared.get_by_label("1 unread")).to_be_visible()
    await shared.click()

    await expect(page.get_by_role("separator", name="New")).to_be_visible()
    await expect(shared).to_have_class("entry")


async def test_what_one_is_writing_stays_when_others_write(sandbox: Sandbox) -> None:
    await sandbox.server.person(seed.INES).posts(seed.SHARED, "Frist")
    page = await sandbox.open()
    message = page.locator(".message").first
    await message.hover()
    await message.get_by_role("button", name="Edit message").click()
    await page.keyboard.type(" and last")

    await sandbox.server.person(seed.VERA).posts(seed.SHARED, "Meanwhile")
    await expect(page.locator(".message")).to_have_count(2)
    await page.keyboard.type(" word")

    await expect(message.locator("textarea")).to_have_value("Frist and last word")


async def test_a_long_history_is_drawn_a_page_at_a_time(sandbox: Sandbox) -> None:
    vera = sandbox.server.person(seed.VERA)
    for number in range(160):
        await vera.posts(seed.SHARED, f"line {number}")
    page = await sandbox.open()
    await expect(page.locator(".message")).to_have_count(150)

    await page.get_by_role("button", name="Show earlier messages (10)").click()

    await expect(page.locator(".message")).to_have_count(160)


async def test_a_narrow_screen_folds_the_sidebar(sandbox: Sandbox) -> None:
    await sandbox.post(gallery.MESSAGE)
    page = await sandbox.open(viewport={"width": 390, "height": 844}, touch=True)
    general = page.get_by_role("navigation").get_by_role("button", name="general")
    await expect(general).to_be_hidden()
    assert not await page.evaluate(WIDER)

    await page.get_by_role("button", name="Channels and messages").tap()
    await general.tap()

    await expect(page.get_by_role("heading", name="general").first).to_be_visible()
    await expect(general).to_be_hidden()


async def test_what_tells_of_a_thread_keeps_to_one_line_on_a_phone(sandbox: Sandbox) -> None:
    ts = await sandbox.post()
    page = await sandbox.open(viewport={"width": 390, "height": 844}, touch=True)
    for words in ("Index done", "No VPN yet", "Mine is on its way"):
        await sandbox.server.person(seed.VERA).posts(seed.SHARED, words, thread_ts=ts)
        await sandbox.server.person(seed.OLAF).posts(seed.SHARED, words, thread_ts=ts)
    bar = page.locator(".thread-bar")
    await expect(bar).to_contain_text("6 replies")
    await expect(bar.locator(".new-mark")).to_have_text("6 new")

    assert await bar.evaluate("(node) => node.clientHeight") < 32


async def test_a_lost_connection_is_said_and_comes_back(sandbox: Sandbox) -> None:
    page = await sandbox.open()
    port = int(sandbox.server.base_url.rpartition(":")[2])

    await sandbox.server.stop()
    await expect(page.get_by_text("Reconnecting to the sandbox")).to_be_visible()
    sandbox.server = SandboxServer(sandbox.ws)
    await sandbox.server.start(port=port)
    await sandbox.server.person(seed.VERA).posts(seed.SHARED, "Back again")

    await expect(page.locator(".message .text")).to_have_text("Back again")
    await expect(page.get_by_text("Reconnecting to the sandbox")).to_be_hidden()


async def test_text_is_readable_and_every_control_has_a_name(sandbox: Sandbox) -> None:
    sandbox.app.opens(gallery.modal(gallery.FIELDS))
    await sandbox.post(gallery.MESSAGE, text=f"<@{seed.INES}>")
    await sandbox.server.person(seed.VERA).posts(seed.SHARED, "With a `code` and a <https://example.org>")
    page = await sandbox.open()
    assert await page.evaluate(FAINT) == []
    assert await page.evaluate(NAMELESS) == []

    await page.click("[data-action=answer]")
    await page.get_by_role("button", name="Send", exact=True).click()

    await expect(page.get_by_text("Please complete this required field.").first).to_be_visible()
    assert await page.evaluate(FAINT) == []
    assert await page.evaluate(NAMELESS) == []
