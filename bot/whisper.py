"""Tell one person something that only they see; in their direct message where it cannot be shown in place."""

import structlog

from bot.blocks import kit
from bot.blocks.kit import Rendered
from bot.blocks.markup import esc
from bot.gateway import Gateway, SlackFailure

_LONGEST = 1000
_log = structlog.get_logger(__name__)


def notice(text: str) -> Rendered:
    """A sentence or two for one person: what happened, what was kept, what to do."""
    return kit.message([esc(text, _LONGEST)], [kit.quoted(text)])


async def whisper(
    slack: Gateway, channel_id: str | None, user_id: str, said: Rendered, *, thread_ts: str | None = None
) -> None:
    """Say it as well as it can be: Slack promises no delivery of what only one person sees."""
    if not user_id:
        return
    try:
        if channel_id:
            await slack.post_ephemeral(channel_id, user_id, said.text, said.blocks, thread_ts=thread_ts)
        else:
            await slack.post_message(user_id, said.text, said.blocks)
    except SlackFailure as failure:
        _log.info("whisper_failed", code=failure.code, channel=channel_id or "", user=user_id)
        if channel_id:
            await whisper(slack, None, user_id, said)
