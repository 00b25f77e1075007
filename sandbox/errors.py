"""How the sandbox says no, in Slack's own codes."""

from typing import Any


class SlackError(Exception):
    """An answer with `ok: false`.

    `code` is one of Slack's documented error codes; `messages` become `response_metadata.messages`;
    further keyword arguments become fields of the answer (for example `needed` and `provided` of `missing_scope`).
    """

    def __init__(self, code: str, *, messages: list[str] | None = None, **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []
        self.fields = fields

    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        answer: dict[str, Any] = {"ok": False, "error": self.code, **self.fields}
        if self.messages:
            answer["response_metadata"] = {"messages": self.messages}
        return answer


class RateLimited(SlackError):
    """HTTP 429; `retry_after` is in whole seconds, None leaves the header out."""

    def __init__(self, retry_after: int | None) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


class Refused(Exception):
    """Slack's client does not let a person do this; the text is what the person reads."""


class NotAnswered(Exception):
    """The app did not acknowledge in time; the text is what the person reads."""
