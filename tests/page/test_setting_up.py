"""The whole set-up as the owner sees it in the browser: from a channel without anything to the first stand-up."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, expect

from sandbox.seed import INES, SHARED, VERA
from tests.page.steps import chooses, comes, goes_on_to, keep, opened, presses, shows, types
from tests.support.stage import stage

pytestmark = [pytest.mark.page, pytest.mark.xdist_group("page"), pytest.mark.asyncio(loop_scope="session")]

MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


async def test_a_channel_is_set_up_in_five_forms_and_asks_on_the_same_day(
    browser: Browser, database_address: str
) -> None:
    async with stage(database_address, MONDAY, engagement=None, patient=True) as day:
        page = await opened(browser, day, INES)
        await types(page, "/cadence setup")
        await shows(page, "Step 1 of 5")
        await keep(page, "setup-1")
        await presses(page, "Next")
        await shows(page, "Please complete this required field.")
        await page.get_by_label("The provider").fill("Northwind Retail")
        await presses(page, "Next")
        await shows(page, "The provider has the same name as your company.")
        await keep(page, "setup-1-error")
        await page.get_by_label("The provider").fill("Brightlane Systems")
        await goes_on_to(page, "Step 2 of 5")
        await keep(page, "setup-2")
        await page.get_by_role("button", name="Remove Mallory Finch").click()
        await presses(page, "Next")
        await shows(page, "Step 3 of 5")
        await keep(page, "setup-3")
        await presses(page, "Back")
        await shows(page, "Step 2 of 5")
        await expect(page.get_by_role("button", name="Remove Mallory Finch")).to_have_count(0)
        await presses(page, "Next")
        await shows(page, "Step 3 of 5")
        await presses(page, "Next")
        await shows(page, "Step 4 of 5")
        await page.get_by_label("Holidays of Northwind Retail").fill("FR")
        await keep(page, "setup-4")
        await presses(page, "Next")
        await shows(page, "Nothing has been sent yet")
        await keep(page, "setup-5")
        await presses(page, "Start")
        await shows(page, "I have greeted both sides")
        await keep(page, "setup-done")
        await presses(page, "Close")
        await comes(day, page.locator(".channel .messages").first, "Who sees what")
        await keep(page, "setup-greeting", page.locator(".channel .message", has_text="Who sees what").first)
        await day.until(MONDAY.replace(hour=9))
        vera = await opened(browser, day, VERA)
        await expect(vera.get_by_role("button", name="Answer", exact=True).first).to_be_visible()
        await keep(vera, "setup-vera")
        assert day.board("Daily stand-up")["channel"] == SHARED


async def test_a_cadence_is_moved_in_the_settings_after_a_look_at_everybodys_clock(
    browser: Browser, database_address: str
) -> None:
    async with stage(database_address, MONDAY, patient=True) as day:
        page = await opened(browser, day, INES)
        await types(page, "/cadence settings")
        await shows(page, "Check-ins")
        await keep(page, "settings")
        await chooses(page, "rhythm", "Weekly review")
        await shows(page, "On whose clock?")
        await keep(page, "settings-cadence")
        await page.get_by_label("On which days?").fill("someday")
        await presses(page, "Next")
        await expect(page.locator("[data-block-id=repeats] .field-error")).to_be_visible()
        await keep(page, "settings-cadence-error")
        await page.get_by_label("On which days?").fill("every second thursday")
        await presses(page, "Next")
        await shows(page, "on everybody's clock")
        await keep(page, "settings-review")
        await presses(page, "Save")
        await shows(page, "Saved: 1 change.")
        await keep(page, "settings-saved")

        await chooses(page, "rhythm", "Weekly review")
        await expect(page.get_by_label("On which days?")).to_have_value("every second Thursday")


FORMS = {
    "people.inhouse": ("Olaf Lindqvist", "Person", "Side"),
    "people.vendor": ("+ Add somebody", "Add somebody", "Whom?"),
    "questions": ("What will be finished next, and by when?", "Question", "What is asked?"),
    "holidays": ("Northwind Retail", "Holidays", "Country"),
    "names": ("Change", "Names and channels", "The provider"),
    "owner": ("Hand over", "Hand over", "Who is to be the owner?"),
    "state": ("Pause", "Check and save", "paused"),
}
"""What is chosen in a row of the settings, the form it opens, and words on that form."""


@pytest.mark.parametrize("row", FORMS)
async def test_every_form_of_the_settings_opens_and_goes_back(
    browser: Browser, database_address: str, row: str
) -> None:
    choice, title, words = FORMS[row]
    async with stage(database_address, MONDAY, patient=True) as day:
        page = await opened(browser, day, INES)
        await types(page, "/cadence settings")
        await shows(page, "Check-ins")
        await chooses(page, row, choice)
        form = page.get_by_role("dialog", name=title)
        await expect(form.get_by_text(words).first).to_be_visible()
        await keep(page, f"form-{row}")
        await form.get_by_role("button", name="Back", exact=True).first.click()

        await shows(page, "Check-ins")
