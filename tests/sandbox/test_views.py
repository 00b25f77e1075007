"""Triggers, the stack of modals, hashes and sizes, through Slack's own client."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from sandbox.seed import ADA, VERA
from sandbox.workspace import Workspace
from tests.sandbox.conftest import MODAL, Hand, error_of, refusal

Json = dict[str, Any]
HOME_VIEW = {"type": "home", "blocks": [{"type": "divider"}]}


async def test_a_trigger_opens_one_view_within_three_seconds(
    client: AsyncWebClient, world: Workspace, hand: Hand
) -> None:
    trigger = world.new_trigger(ADA)
    hand.seconds += 3
    await client.views_open(trigger_id=trigger, view=MODAL)
    assert await error_of(client.views_open(trigger_id=trigger, view=MODAL)) == "exchanged_trigger_id"
    late = world.new_trigger(ADA)
    hand.seconds += 3.01
    assert await error_of(client.views_open(trigger_id=late, view=MODAL)) == "expired_trigger_id"
    assert await error_of(client.views_open(trigger_id="1.2.3", view=MODAL)) == "invalid_trigger_id"


async def test_an_invalid_view_does_not_spend_the_trigger(client: AsyncWebClient, world: Workspace) -> None:
    trigger = world.new_trigger(ADA)
    wrong = {**MODAL, "title": {"type": "plain_text", "text": "x" * 25}}
    answer = await refusal(client.views_open(trigger_id=trigger, view=wrong))
    assert answer["error"] == "invalid_arguments"
    expected = ["[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"]
    assert answer["response_metadata"]["messages"] == expected
    await client.views_open(trigger_id=trigger, view=MODAL)


async def test_a_stack_holds_three_views(client: AsyncWebClient, world: Workspace) -> None:
    def trigger() -> str:
        return world.new_trigger(ADA)

    assert await error_of(client.views_push(trigger_id=trigger(), view=MODAL)) == "not_found"
    root = (await client.views_open(trigger_id=trigger(), view=MODAL))["view"]
    second = (await client.views_push(trigger_id=trigger(), view=MODAL))["view"]
    await client.views_push(trigger_id=trigger(), view=MODAL)
    assert (second["root_view_id"], second["previous_view_id"]) == (root["id"], root["id"])
    assert await error_of(client.views_push(trigger_id=trigger(), view=MODAL)) == "push_limit_reached"
    assert len(world.modals[ADA]) == 3


async def test_updates_by_id_and_external_id_and_stale_hashes(client: AsyncWebClient, world: Workspace) -> None:
    named = {**MODAL, "external_id": "mine"}
    opened = (await client.views_open(trigger_id=world.new_trigger(ADA), view=named))["view"]
    updated = (await client.views_update(external_id="mine", view=named, hash=opened["hash"]))["view"]
    assert updated["id"] == opened["id"]
    assert updated["hash"] != opened["hash"]
    stale = client.views_update(view_id=opened["id"], view=MODAL, hash=opened["hash"])
    assert await error_of(stale) == "hash_conflict"
    assert await error_of(client.views_update(view_id="V0NONE", view=MODAL)) == "not_found"
    twice = client.views_open(trigger_id=world.new_trigger(VERA), view=named)
    assert await error_of(twice) == "duplicate_external_id"


async def test_a_view_has_a_greatest_size(client: AsyncWebClient, world: Workspace) -> None:
    option: Json = {"text": {"type": "plain_text", "text": "ж" * 75}, "value": "ж" * 150}
    select = {"type": "static_select", "action_id": "a", "options": [option] * 100}
    row = {"type": "actions", "elements": [select]}
    view = {**MODAL, "blocks": [row] * 10}
    assert await error_of(client.views_open(trigger_id=world.new_trigger(ADA), view=view)) == "view_too_large"


async def test_publishing_the_home_tab(client: AsyncWebClient, world: Workspace) -> None:
    first = (await client.views_publish(user_id=ADA, view=HOME_VIEW))["view"]
    await client.views_publish(user_id=ADA, view=HOME_VIEW, hash=first["hash"])
    stale = client.views_publish(user_id=ADA, view=HOME_VIEW, hash=first["hash"])
    assert await error_of(stale) == "hash_conflict"
    assert await error_of(client.views_publish(user_id="U0NOBODY", view=HOME_VIEW)) == "user_not_found"
    assert await error_of(client.views_publish(user_id=ADA, view=MODAL)) == "invalid_arguments"
    assert (await client.views_publish(user_id=VERA, view=HOME_VIEW))["ok"]
    world.app.home_tab_enabled = False
    assert await error_of(client.views_publish(user_id=ADA, view=HOME_VIEW)) == "not_enabled"
