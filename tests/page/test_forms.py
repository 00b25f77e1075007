"""Every form of a card opens in the browser with its words; and how each message of a stuck matter looks."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from sandbox.seed import INES, VERA
from tests.page.steps import keep, opened, shows, types
from tests.support.stage import Stage, stage

pytestmark = [pytest.mark.page, pytest.mark.xdist_group("page"), pytest.mark.asyncio(loop_scope="session")]

REPLIES = re.compile(r"\d repl")
MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

ESCALATION = {
    "Update": ("Where does it stand?", "escalation-update"),
    "Let it rest": ("Rest until the morning of", "escalation-rest"),
    "Severity": ("The ladder of the new severity", "escalation-severity"),
    "Done": ("This closes it.", "escalation-close"),
}
BLOCKER = {
    "Update": ("Where does it stand?", "blocker-update"),
    "Resolved": ("It leaves the list of open blockers", "blocker-resolve"),
    "Escalate": ("It climbs the ladder of its severity", "blocker-escalate"),
}
"""By button: words of the form it opens, and the name of its picture."""


def message(page: Page, words: str, where: str = ".channel") -> Locator:
    """The newest message with these words."""
    return page.locator(f"{where} .message", has_text=words).last


async def goes_to(page: Page, place: str) -> None:
    await page.get_by_role("navigation").get_by_role("button", name=place).click()


async def each_form(page: Page, card: Locator, forms: dict[str, tuple[str, str]]) -> None:
    for button, (words, picture) in forms.items():
        await card.get_by_role("button", name=button, exact=True).click()
        await shows(page, words)
        await keep(page, picture)
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)


async def escalated(day: Stage) -> None:
    """Ines has escalated something; Vera was told."""
    ines = day.person("ines")
    await ines.commands("/escalate The tills of two stores are down", "C0SHARED")
    assert not await ines.submits(ines.open_views[-1])
    await day.settle()


async def test_the_forms_of_an_escalation(browser: Browser, database_address: str) -> None:
    async with stage(database_address, MONDAY, patient=True) as day:
        await escalated(day)
        ines, vera = await opened(browser, day, INES), await opened(browser, day, VERA)
        card = message(ines, "E-1")
        await keep(ines, "escalation-card", card)
        await each_form(ines, card, ESCALATION)

        await goes_to(vera, "Vendor Cadence")
        told = message(vera, "The tills of two stores are down")
        await expect(told).to_contain_text("You are told as level 1")
        await expect(told.locator("[data-action^='escalation.']")).to_have_text(["I own it", "Update", "Done"])
        await keep(vera, "escalation-direct", told)

        await goes_to(ines, "vendor-inhouse")
        twin = message(ines, "E-1")
        await expect(twin).to_contain_text("Only your side sees this message")
        await keep(ines, "escalation-twin", twin)
        await each_form(ines, twin, {"Private note": ("Note, for your side alone", "escalation-note")})


async def test_the_forms_of_a_blocker_and_the_shortcut_that_makes_one(browser: Browser, database_address: str) -> None:
    async with stage(database_address, MONDAY, patient=True) as day:
        await day.until(MONDAY.replace(hour=9))
        await day.replies("ines", "blocked: no access to the archive")
        await day.person("vera").posts("C0SHARED", "The new rule blocks the tills")
        page = await opened(browser, day, INES)
        await page.locator(".channel").get_by_role("button", name=REPLIES).first.click()
        card = page.locator(".thread .message").filter(has=page.get_by_role("button", name="Resolved", exact=True))
        await keep(page, "blocker-card", card)
        await each_form(page, card, BLOCKER)
        await page.get_by_role("button", name="Close thread").click()

        await message(page, "The new rule blocks the tills").hover()
        await message(page, "The new rule blocks the tills").get_by_role("button", name="More actions").click()
        await page.get_by_role("menuitem", name="Raise a blocker").click()
        await shows(page, "What is in the way?")
        await keep(page, "blocker-raise")


async def test_a_question_home_by_mention_and_being_away(browser: Browser, database_address: str) -> None:
    async with stage(database_address, MONDAY, patient=True) as day:
        await day.mentions("ines", "needs an answer: which tax years can the export cover?")
        vera = await opened(browser, day, VERA)
        await vera.locator(".channel").get_by_role("button", name=REPLIES).first.click()
        card = message(vera, "Q-1", ".thread")
        await expect(card).to_contain_text("to answer by")
        await keep(vera, "question-card", card)
        await vera.get_by_role("button", name="Close thread").click()
        await day.mentions("vera", "home")
        await vera.locator(".channel").get_by_role("button", name=REPLIES).last.click()
        home = vera.locator(".thread .message").last
        await expect(home).to_contain_text("Q-1")
        await keep(vera, "home-by-mention", home)

        ines = await opened(browser, day, INES)
        await types(ines, "/cadence away")
        await shows(ines, "First day")
        await keep(ines, "away")


async def test_what_people_are_told_directly_when_time_passes(browser: Browser, database_address: str) -> None:
    async with stage(database_address, MONDAY, patient=True) as day:
        await day.mentions("ines", "needs an answer: which tax years can the export cover?")
        await escalated(day)
        await day.person("vera").clicks(day.board("🔴 Open: E-1"), "escalation.own.press")
        vera = await opened(browser, day, VERA)
        await goes_to(vera, "Vendor Cadence")
        moments = ((9, "Still stuck?", "told-still-stuck"), (13, "has waited for your side", "told-nudge"))
        for hour, words, picture in moments:
            await day.until(MONDAY.replace(hour=hour))
            told = message(vera, words)
            await expect(told).to_be_visible()
            await expect(told.get_by_role("button", name="Take over")).to_have_count(0)
            await keep(vera, picture, told)

        await day.until(MONDAY + timedelta(days=8))
        ines = await opened(browser, day, INES)
        await goes_to(ines, "Vendor Cadence")
        await ines.get_by_role("tab", name="Messages").click()
        told = message(ines, "The ladder has ended and nobody owns this.")
        await expect(told).to_contain_text("both owners")
        await keep(ines, "told-ladder-ended", told)
