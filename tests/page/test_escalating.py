"""An escalation's whole life in the browser, from both sides: raised, owned, said to be done, closed, opened again."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from models.escalations.rules import EscalationState
from models.escalations.tables import Escalation
from sandbox.seed import INES, VERA
from tests.page.steps import comes, keep, opened, presses, shows, types
from tests.support.stage import Stage, stage

pytestmark = [pytest.mark.page, pytest.mark.xdist_group("page"), pytest.mark.asyncio(loop_scope="session")]

MONDAY = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
"""Working hours in Kolkata."""


def card(page: Page) -> Locator:
    """The escalation's card in the channel."""
    return page.locator(".channel .message", has_text="E-1").filter(has=page.get_by_role("button")).first


async def offers(page: Page, *buttons: str) -> None:
    """The card has these buttons and no others."""
    names = card(page).locator("[data-action^='escalation.']")
    await expect(names).to_have_text(list(buttons))


async def raised(day: Stage, ines: Page) -> None:
    await types(ines, "/escalate The tills of two stores are down")
    await shows(ines, "What is stuck?")
    await keep(ines, "escalation-form")
    await presses(ines, "Escalate")
    await comes(day, card(ines), "🔴 Open")
    await expect(card(ines)).to_contain_text("nobody owns it yet")


async def owned(day: Stage, vera: Page) -> None:
    await offers(vera, "I own it", "Update", "Done", "Let it rest", "Severity")
    await keep(vera, "escalation-open")
    await card(vera).get_by_role("button", name="I own it").click()
    await comes(day, card(vera), "🟡 Owned")
    await expect(card(vera)).to_contain_text("an update by Vera Iyer")
    await offers(vera, "Take over", "Update", "Done", "Let it rest", "Severity")
    await keep(vera, "escalation-owned")


async def proposed(day: Stage, vera: Page) -> None:
    await card(vera).get_by_role("button", name="Done").click()
    await shows(vera, "is asked to close it. Until then it stays open.")
    await vera.get_by_label("How was it solved?").fill("New switch, both stores sell again")
    await keep(vera, "escalation-done-form")
    await presses(vera, "It is done")
    await comes(day, card(vera), "says that it is done")


async def resolved(day: Stage, ines: Page) -> None:
    await keep(ines, "escalation-proposed")
    await card(ines).get_by_role("button", name="Done").click()
    await shows(ines, "This closes it.")
    await presses(ines, "Close it")
    await comes(day, card(ines), "🟢 Resolved")
    await offers(ines, "Open again")
    await keep(ines, "escalation-resolved")


async def opened_again(day: Stage, ines: Page) -> None:
    await card(ines).get_by_role("button", name="Open again").click()
    await ines.get_by_label("What is still wrong?").fill("Down again since noon")
    await presses(ines, "Open again")
    await comes(day, card(ines), "opened again once")
    await expect(card(ines)).not_to_contain_text("both stores sell again")
    await expect(card(ines)).to_contain_text("Ines Moreau: Down again since noon")
    await card(ines).get_by_text("repl").first.click()
    await expect(ines.locator(".thread")).to_contain_text("Down again since noon")
    await keep(ines, "escalation-again")


async def test_an_escalation_from_its_beginning_to_its_end_and_on(browser: Browser, database_address: str) -> None:
    async with stage(database_address, MONDAY, patient=True) as day:
        ines, vera = await opened(browser, day, INES), await opened(browser, day, VERA)

        await raised(day, ines)
        await owned(day, vera)
        await proposed(day, vera)
        await expect(card(ines)).to_contain_text("says that it is done")
        await resolved(day, ines)
        await opened_again(day, ines)

        row: Any = day.rows(Escalation)[0]
        assert (row.state, row.reopened_count) == (EscalationState.OPEN, 1)
