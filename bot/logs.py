"""The log: one structured line a happening, in UTC, with ids and outcomes; never text of people, never tokens."""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.settings import LogFormat, LogLevel

# fmt: off
ALLOWED = frozenset({
    "event", "level", "logger", "timestamp", "action", "address", "attempts", "callback", "channel", "code",
    "connections", "count", "database", "engagement", "error", "event_type", "kind", "lane", "method",
    "milliseconds", "mode", "operation", "outcome", "part", "post", "reason", "reference", "row", "seconds",
    "frames", "job", "silent_for", "state", "status", "step", "subject", "table", "team", "tokens", "user",
    "version", "workspace",
})
# fmt: on
"""Fields that may be written. Anything else is left out, so that a careless call cannot leak what people wrote."""

_QUIET = ("slack_sdk", "slack_bolt", "aiohttp", "apscheduler", "asyncio", "alembic", "sqlalchemy")
_SECRETS = re.compile(
    r"xox[a-z](?:\.[a-z]+)?-[\w.-]+|xapp-[\w-]+"  # tokens
    r"|(?<=://)[^\s/@]+@"  # user and password of a database address
    r"|https://hooks\.slack\.com/\S+"  # addresses anybody may post to
    r"|(?<=[?&]ticket=)[^\s&'\"]+"  # what lets somebody in as the app by WebSocket
    r"|-----BEGIN [^-]+-----[\s\S]*?-----END [^-]+-----"
)


def configure(shape: LogFormat, level: LogLevel) -> None:
    """Set up logging of the process: our lines and the libraries' warnings, in one shape, to standard error."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, without_trace, only_allowed, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Redacting(shape, shared))
    logging.basicConfig(handlers=[handler], level=number, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


def without_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """An exception as its kind and where it came from."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if error is not None:
        event["error"], event["frames"] = type(error).__name__, frames(error)
    return event


def only_allowed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep the fields of the allow-list."""
    return {name: value for name, value in event.items() if name in ALLOWED}


def redacted(text: str) -> str:
    """`text` without tokens and passwords: the last net, should one have slipped through."""
    return _SECRETS.sub("[redacted]", text)


def frames(error: BaseException) -> list[str]:
    """Where an exception came from, outermost first, as `file:line function`: neither local values nor its text."""
    found = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{'/'.join(code.co_filename.split('/')[-2:])}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return found


class _Redacting(structlog.stdlib.ProcessorFormatter):
    def __init__(self, shape: LogFormat, shared: list[Processor]) -> None:
        last: Processor = (
            structlog.processors.JSONRenderer(default=str)
            if shape is LogFormat.JSON
            else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        )
        clean = structlog.stdlib.ProcessorFormatter.remove_processors_meta
        super().__init__(foreign_pre_chain=[*shared, _trace_of_record], processors=[clean, last])

    def format(self, record: logging.LogRecord) -> str:
        """The finished line, redacted."""
        return redacted(super().format(record))


def _trace_of_record(_logger: Any, _method: str, event: EventDict) -> EventDict:
    record = event.get("_record")
    if isinstance(record, logging.LogRecord) and record.exc_info:
        event["exc_info"], record.exc_info, record.exc_text = record.exc_info[1], None, None
        return without_trace(_logger, _method, event)
    return event
