"""What can go wrong with a call of Slack's Web API: five families, each with one thing to do about it."""

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

RETRY_AFTER = timedelta(seconds=5)
"""How long to wait when Slack says "too fast" but not for how long."""
LONGEST_RETRY_AFTER = timedelta(hours=1)


class SlackFailure(Exception):
    """A call that did not succeed. `code` is Slack's own, or names what the network did; `details` are never text."""

    def __init__(self, code: str, *, method: str = "", pointers: tuple[str, ...] = ()) -> None:
        super().__init__(f"{method}: {code}" if method else code)
        self.code = code
        self.method = method
        self.pointers = pointers
        """JSON pointers into what was refused, where Slack gives them."""


class RateLimited(SlackFailure):
    """Too fast: nothing happened, and nothing may be tried for `retry_after`."""

    def __init__(self, code: str, retry_after: timedelta, *, method: str = "") -> None:
        super().__init__(code, method=method)
        self.retry_after = retry_after


class Transient(SlackFailure):
    """A passing failure, and nothing happened for certain: the request never left, or Slack says so."""


class Unclear(SlackFailure):
    """Nobody knows whether it happened: the answer was lost, broken, late, or said that part may have succeeded."""


class TokenRefused(SlackFailure):
    """The token or its scopes: nothing will work in this workspace until a person mends it."""


class TargetGone(SlackFailure):
    """The channel, person, thread or message cannot be reached (any more)."""


class ContentRefused(SlackFailure):
    """Slack does not take it as it is. Codes that are not known are treated so: never repeated blindly."""


# Source of all codes: Slack's method reference, "Errors" of each method used here.
_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_UNCLEAR = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable", "update_failed"})
_TRANSIENT = frozenset({"team_added_to_org", "external_channel_migrating", "fetch_members_failed"})
_TOKEN = frozenset(
    {
        "access_denied",
        "accesslimited",
        "account_inactive",
        "app_access_restricted",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "forbidden_team",
        "invalid_auth",
        "invalid_token",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "team_not_found",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)
_GONE = frozenset(
    {
        "cannot_dm_bot",
        "cannot_reply_to_message",
        "cant_delete_message",
        "cant_update_message",
        "channel_is_limited_access",
        "channel_not_found",
        "edit_window_closed",
        "invalid_user_combination",
        "is_archived",
        "is_bot",
        "is_inactive",
        "message_not_found",
        "messages_tab_disabled",
        "method_not_supported_for_channel_type",
        "not_enabled",
        "not_in_channel",
        "posting_to_channel_denied",
        "restricted_action",
        "thread_not_found",
        "user_disabled",
        "user_not_found",
        "user_not_in_channel",
        "user_not_visible",
        "users_not_found",
    }
)


def narrow(error: BaseException, method: str) -> SlackFailure:
    """The family of whatever the client raised. Anything unknown is unclear: it may have happened."""
    if isinstance(error, SlackApiError):
        return _of_answer(error.response, method)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.InvalidURL):
        return Transient("not_connected", method=method)  # name not found, refused, no route: not a byte left
    if isinstance(error, TimeoutError):
        return Unclear("timeout", method=method)
    return Unclear("connection_lost", method=method)


def _of_answer(response: Any, method: str) -> SlackFailure:
    """`response` is the SDK's answer, or aiohttp's when the body was no JSON."""
    status = int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)
    data = getattr(response, "data", None)
    code = str(data.get("error", "")) if isinstance(data, Mapping) else ""
    if status == 429 or code in _LIMITED:
        return RateLimited(code or "ratelimited", retry_after(response.headers), method=method)
    if not code or status >= 500:
        return Unclear(f"http_{status}", method=method)
    return family(code)(code, method=method, pointers=_pointers(data))


def family(code: str) -> type[SlackFailure]:
    """The family of one of Slack's error codes, rate limits apart."""
    if code in _UNCLEAR:
        return Unclear
    if code in _TRANSIENT:
        return Transient
    if code in _TOKEN:
        return TokenRefused
    if code in _GONE or code.startswith("restricted_action"):
        return TargetGone
    return ContentRefused


def retry_after(headers: Mapping[str, str]) -> timedelta:
    """How long Slack asks to wait: RETRY_AFTER for a missing or senseless header, an hour at most."""
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return RETRY_AFTER
    if not math.isfinite(seconds) or seconds < 0:
        return RETRY_AFTER
    return min(timedelta(seconds=min(seconds, LONGEST_RETRY_AFTER.total_seconds())), LONGEST_RETRY_AFTER)


def _pointers(data: Any) -> tuple[str, ...]:
    """Where in the blocks the mistake is. Slack's own sentences may quote text, so only the pointers are kept."""
    about = data.get("response_metadata") if isinstance(data, Mapping) else None
    messages = about.get("messages", ()) if isinstance(about, Mapping) else ()
    found = (str(message).partition("[json-pointer:")[2].partition("]")[0] for message in messages)
    return tuple(pointer for pointer in found if pointer)
