"""What to say when a command fails: one plain sentence for every failure that can be expected."""

from sqlalchemy.exc import DBAPIError

from bot import logs
from bot.settings import SettingsError
from bot.slack_errors import RateLimited, SlackFailure, TokenRefused, Transient, Unclear
from models.errors import DomainError
from models.schema import SchemaError
from models.setup.file import FileErrors
from models.upkeep.box import BackupError
from models.vault import VaultError

_TOKENS = {
    "invalid_auth": "Slack does not know this token: copy the bot token again from OAuth & Permissions.",
    "not_authed": "Slack got no token: set SLACK_BOT_TOKEN.",
    "account_inactive": "The token belongs to an app that was removed: install the app again.",
    "token_revoked": "The token was revoked: install the app again and copy the new one.",
    "missing_scope": "The token lacks a scope: install the app again with the present manifest.",
}


def sentence(error: Exception) -> str | None:
    """The sentence for a failure; None for one that nobody expected."""
    match error:
        case SettingsError():
            return "The settings do not work:\n" + "\n".join(f"  {problem}" for problem in error.problems)
        case FileErrors():
            many = len(error.problems)
            end = f"{'One thing' if many == 1 else f'{many} things'} to mend; nothing was changed."
            return "\n".join(["The file cannot be used.", *error.lines(), end])
        case DomainError() | SchemaError() | VaultError() | BackupError():
            return str(error)
        case SlackFailure():
            return slack_sentence(error)
        case DBAPIError():
            return f"The database cannot be used: {database_reason(error)}."
        case OSError():
            return f"{error.filename or 'A file'}: {error.strerror}." if error.strerror else str(error)
        case _:
            return None


def slack_sentence(error: SlackFailure) -> str:
    """What Slack, or the way to it, had to say."""
    match error:
        case TokenRefused():
            return _TOKENS.get(error.code, f"Slack refuses the token ({error.code}).")
        case Transient() | Unclear():
            return f"Slack cannot be reached ({error.code}). Check the network and SLACK_API_URL."
        case RateLimited():
            return f"Slack asks to wait {error.retry_after.total_seconds():.0f} seconds. Try again then."
        case _:
            return f"Slack refuses {error.method or 'the call'}: {error.code}."


def database_reason(error: DBAPIError) -> str:
    """The driver's own words on one line, without passwords."""
    words = str(error.orig).strip().splitlines() or [type(error).__name__]
    return logs.redacted(words[0]).rstrip(".")
