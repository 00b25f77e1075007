"""What a person does on the page reaches the app and the others as on Slack."""

import pytest
from playwright.async_api import expect

from sandbox import seed
from tests.page import gallery
from tests.page.conftest import Sandbox
from tests.page.small_app import Payload

pytestmark = [pytest.mark.page, pytest.mark.xdist_group("page"), pytest.mark.asyncio(loop_scope="session")]

WRITE = ".channel .composer textarea"
REPLY = ".thread .composer textarea"


async def test_a_button_tells_the_app_with_the_state_of_its_message(sandbox: Sandbox) -> None:
    ts = await sandbox.post(gallery.MESSAGE)
    page = await sandbox.open()

    await page.get_by_role("combobox", name="Status").click()
    await page.get_by_role("option", name="At risk").click()
    chosen = await sandbox.app.hears("block_actions")
    await page.click("[data-action=answer]")
    pressed = await sandbox.app.hears("block_actions")

    assert chosen["actions"][0]["selected_option"]["value"] == "at-risk"
    assert (pressed["actions"][0]["action_id"], pressed["actions"][0]["value"]) == ("answer", "occurrence-1")
    assert (pressed["user"]["id"], pressed["container"]["message_ts"]) == (seed.INES, ts)
    assert pressed["state"]["values"]["doings"]["status"]["selected_option"]["value"] == "at-risk"
    assert pressed["state"]["values"]["doings"]["day"] == {"type": "datepicker", "selected_date": "2026-11-25"}


async def test_a_button_that_asks_first_waits_for_the_answer(sandbox: Sandbox) -> None:
    await sandbox.post(gallery.MESSAGE)
    page = await sandbox.open()

    await page.click("[data-action=skip]")
    await page.keyboard.press("Escape")
    await page.click("[data-action=skip]")
    await page.get_by_role("alertdialog").get_by_role("button", name="Skip it").click()
    await page.click("[data-action=more]")
    await page.get_by_role("menuitem", name="Snooze").click()
    first, second = await sandbox.app.hears("block_actions"), await sandbox.app.hears("block_actions")

    assert [p["actions"][0]["action_id"] for p in (first, second)] == ["skip", "more"]
    assert second["actions"][0]["selected_option"]["value"] == "snooze"


async def test_a_modal_shows_field_errors_and_closes_when_it_is_taken(sandbox: Sandbox) -> None:
    refusals: list[Payload | None] = [{"response_action": "errors", "errors": {"done": "Please say a little more."}}]

    async def judge(_: Payload) -> Payload | None:
        return refusals.pop() if refusals else None

    sandbox.app.opens(gallery.modal(gallery.FIELDS[:2]))
    sandbox.app.on("view_submission", judge)
    await sandbox.post(gallery.MESSAGE[4:5])
    page = await sandbox.open()
    await page.click("[data-action=answer]")
    modal = page.get_by_role("dialog", name="Your check-in")
    send = modal.get_by_role("button", name="Send")
    done = modal.get_by_label("What got done?")
    await expect(done).to_be_focused()

    await send.click()
    required = modal.get_by_text("Please complete this required field.")
    await expect(required).to_have_count(2)
    await done.fill("ok")
    await expect(required).to_have_count(1)
    await modal.get_by_label("On track").check()
    await send.click()
    await expect(modal.locator("[data-block-id=done] .field-error")).to_have_text("Please say a little more.")
    await expect(done).to_have_value("ok")
    await done.fill("Both stores are patched")
    await send.click()
    await expect(modal).to_be_hidden()

    await sandbox.app.hears("view_submission")
    taken = await sandbox.app.hears("view_submission")
    assert taken["view"]["state"]["values"]["done"]["a"]["value"] == "Both stores are patched"
    await expect(page.locator("[data-action=answer]")).to_be_focused()


async def test_what_is_typed_survives_an_update_of_the_modal(sandbox: Sandbox) -> None:
    more: gallery.Block = {
        "type": "actions",
        "block_id": "add",
        "elements": [{"type": "button", "action_id": "add", "text": gallery.plain("Add a blocker")}],
    }

    async def rule(payload: Payload) -> None:
        if "view" not in payload:
            view = gallery.modal([*gallery.FIELDS[:1], more])
            await sandbox.app.slack.views_open(trigger_id=payload["trigger_id"], view=view)
            return
        renamed = {**gallery.FIELDS[0], "block_id": "blocker", "label": gallery.plain("What is in the way?")}
        view = gallery.modal([*gallery.FIELDS[:1], renamed])
        await sandbox.app.slack.views_update(view_id=payload["view"]["id"], view=view)

    sandbox.app.on("block_actions", rule)
    await sandbox.post(gallery.MESSAGE[4:5])
    page = await sandbox.open()
    await page.click("[data-action=answer]")
    await page.get_by_label("What got done?").fill("half of it")
    await page.get_by_role("button", name="Add a blocker").click()

    await expect(page.get_by_label("What is in the way?")).to_have_value("")
    await expect(page.get_by_label("What got done?")).to_have_value("half of it")


async def test_escape_closes_the_modal_and_tells_the_app(sandbox: Sandbox) -> None:
    sandbox.app.opens(gallery.modal(gallery.FIELDS[:1]))
    await sandbox.post(gallery.MESSAGE[4:5])
    page = await sandbox.open()
    await page.click("[data-action=answer]")
    await page.get_by_role("dialog", name="Your check-in").wait_for()

    await page.keyboard.press("Escape")

    await expect(page.get_by_role("dialog", name="Your check-in")).to_be_hidden()
    assert (await sandbox.app.hears("view_closed"))["view"]["callback_id"] == "checkin"


async def test_a_modal_on_a_modal_goes_back_or_closes_with_all(sandbox: Sandbox) -> None:
    deeper: gallery.Block = {
        "type": "input",
        "block_id": "find",
        "dispatch_action": True,
        "label": gallery.plain("Find"),
        "element": {"type": "plain_text_input", "action_id": "find"},
    }

    async def rule(payload: Payload) -> None:
        if "view" not in payload:
            await sandbox.app.slack.views_open(trigger_id=payload["trigger_id"], view=gallery.modal([deeper], "First"))
            return
        view = gallery.modal(gallery.FIELDS[:1], "Second")
        await sandbox.app.slack.views_push(trigger_id=payload["trigger_id"], view=view)

    sandbox.app.on("block_actions", rule)
    await sandbox.post(gallery.MESSAGE[4:5])
    page = await sandbox.open()
    first, second = page.get_by_role("dialog", name="First"), page.get_by_role("dialog", name="Second")
    await page.click("[data-action=answer]")
    await sandbox.app.hears("block_actions")

    await page.get_by_label("Find").fill("firewall")
    await page.get_by_label("Find").press("Enter")
    assert (await sandbox.app.hears("block_actions"))["actions"][0]["value"] == "firewall"
    await second.get_by_role("button", name="Back").click()
    await expect(first.get_by_label("Find")).to_have_value("firewall")
    await page.get_by_label("Find").press("Enter")
    await second.get_by_role("button", name="Close").click()

    await expect(first).to_be_hidden()
    await expect(second).to_be_hidden()
    assert sandbox.server.person(seed.INES).open_views == []


async def test_a_reply_stands_in_the_thread(sandbox: Sandbox) -> None:
    ts = await sandbox.post(text="How is it going?")
    page = await sandbox.open(seed.VERA)

    await page.locator(".message").last.hover()
    await page.get_by_role("button", name="Reply in thread").click()
    await page.locator(REPLY).fill("All is well\n& on time")
    await page.locator(REPLY).press("Enter")
    await expect(page.locator(".thread .message").last.locator(".text")).to_have_text("All is well& on time")
    event = (await sandbox.app.hears("message"))["event"]
    while event.get("user") != seed.VERA:
        event = (await sandbox.app.hears("message"))["event"]

    assert (event["thread_ts"], event["text"]) == (ts, "All is well\n&amp; on time")
    await expect(page.locator(".thread-bar")).to_contain_text("1 reply")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("complementary", name="Thread")).to_be_hidden()


async def test_mentions_are_completed_and_sent_as_ids(sandbox: Sandbox) -> None:
    page = await sandbox.open()

    await page.locator(WRITE).press_sequentially("Hello @vik")
    await expect(page.get_by_role("option", name="Vikram Rao")).to_be_visible()
    await page.locator(WRITE).press("Enter")
    await page.locator(WRITE).press("Shift+Enter")
    await page.locator(WRITE).press_sequentially("see you")
    await page.locator(WRITE).press("Enter")
    await expect(page.locator(".message .mention")).to_have_text("@Vikram Rao")

    said = sandbox.server.person(seed.OLAF).messages(seed.SHARED)[-1]["text"]
    assert said == f"Hello <@{seed.VIKRAM}> \nsee you"
    await expect(page.locator(WRITE)).to_have_value("")


async def test_a_slash_command_is_offered_and_its_answer_seen_by_one_person(sandbox: Sandbox) -> None:
    async def answer(command: Payload) -> Payload:
        return {"text": f"*{command['text']}*: nothing is overdue"}

    sandbox.app.on("command", answer)
    page = await sandbox.open()
    olaf = await sandbox.open(seed.OLAF)

    await page.locator(WRITE).press_sequentially("/cad")
    await page.locator(WRITE).press("Tab")
    await page.locator(WRITE).press_sequentially("status")
    await page.locator(WRITE).press("Enter")

    shown = page.locator(".message.ephemeral")
    await expect(shown).to_contain_text("Only visible to you")
    await expect(shown.locator(".text")).to_have_text("status: nothing is overdue")
    await expect(olaf.locator(".message")).to_have_count(0)


async def test_an_external_person_has_no_slash_commands(sandbox: Sandbox) -> None:
    page = await sandbox.open(seed.VERA)

    await page.locator(WRITE).press_sequentially("/standup now")
    await expect(page.locator(".offers [role=option]")).to_have_count(0)
    await page.locator(WRITE).press("Enter")

    await expect(page.get_by_role("alert").filter(has_text="/standup")).to_contain_text("is not a valid command")
    await expect(page.locator(WRITE)).to_have_value("/standup now")


async def test_own_messages_can_be_edited_reacted_to_and_deleted(sandbox: Sandbox) -> None:
    page = await sandbox.open()
    await page.locator(WRITE).fill("Frist & last")
    await page.locator(WRITE).press("Enter")
    message = page.locator(".message").last

    await message.hover()
    await message.get_by_role("button", name="Edit message").click()
    await expect(message.locator("textarea")).to_have_value("Frist & last")
    await message.locator("textarea").fill("First & last")
    await message.locator("textarea").press("Enter")
    await expect(message.locator(".text")).to_have_text("First & last (edited)")
    await message.hover()
    await message.get_by_role("button", name="Add reaction").click()
    await page.get_by_label("Search emoji").fill("tada")
    await page.keyboard.press("Enter")
    await expect(message.locator(".reaction")).to_have_text("🎉1")
    await message.hover()
    await message.get_by_role("button", name="Delete message").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()

    await expect(page.locator(".message")).to_have_count(0)


async def test_the_home_tab_is_asked_for_and_its_buttons_work(sandbox: Sandbox) -> None:
    async def publish(payload: Payload) -> None:
        user = payload["event"]["user"]
        await sandbox.app.slack.views_publish(user_id=user, view={"type": "home", "blocks": gallery.MESSAGE[1:5]})

    sandbox.app.on("app_home_opened", publish)
    page = await sandbox.open()

    await page.get_by_role("navigation").get_by_role("button", name="Vendor Cadence").click()
    await page.locator(".home [data-action=answer]").click()
    pressed = await sandbox.app.hears("block_actions")

    assert (pressed["container"]["type"], pressed["view"]["type"]) == ("view", "home")


async def test_a_shortcut_takes_the_message_along(sandbox: Sandbox) -> None:
    said = await sandbox.server.person(seed.VERA).posts(seed.SHARED, "The new rule blocks the tills")
    page = await sandbox.open()

    await page.locator(".message").last.hover()
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Raise a blocker").click()
    used = await sandbox.app.hears("message_action")

    assert (used["callback_id"], used["message"]["ts"]) == ("raise_blocker_msg", said["ts"])
