"""What is counted, for Prometheus. Labels hold kinds and outcomes: never a workspace, a person, a vendor or a channel.

The metrics are the process's. Doors count here; what stands in the database is read when somebody asks (`read`).
"""

from dataclasses import dataclass
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, text
from sqlmodel import select

from models.access import system_only
from models.db import Tx
from models.installations.renewal import first_to_end
from models.marks import service as marks
from models.outbox.agenda import oldest_waiting
from models.outbox.rules import OPEN_STATES, OutboxState
from models.outbox.tables import OutboxMessage

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REGISTRY = CollectorRegistry()
_LATENESS = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600)
_QUICK = (0.005, 0.01, 0.03, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


def _counter(name: str, meaning: str, *labels: str) -> Counter:
    return Counter(f"cadence_{name}", meaning, labels, registry=REGISTRY)


def _gauge(name: str, meaning: str, *labels: str) -> Gauge:
    return Gauge(f"cadence_{name}", meaning, labels, registry=REGISTRY)


STEPS = _counter("occurrences_total", "Due rows looked at, by step and outcome.", "kind", "outcome")
LATENESS = Histogram(
    "cadence_occurrence_lateness_seconds", "How late due rows were looked at.", registry=REGISTRY, buckets=_LATENESS
)
DELIVERIES = _counter("deliveries_total", "Tries to deliver a message, by outcome.", "outcome")
SLACK_REQUESTS = _counter("slack_requests_total", "Calls of Slack's Web API.", "method", "outcome")
SLACK_SECONDS = Histogram(
    "cadence_slack_request_duration_seconds", "How long Slack took.", ("method",), registry=REGISTRY, buckets=_QUICK
)
RATE_LIMITED = _counter("slack_rate_limited_total", "How often Slack asked to wait.", "method")
INBOUND = _counter("inbound_requests_total", "Requests of Slack, by way in and outcome.", "kind", "outcome")
ACK_SECONDS = Histogram(
    "cadence_ack_duration_seconds", "From a request of Slack to its answer.", registry=REGISTRY, buckets=_QUICK
)
REJECTIONS = _counter("signature_rejections_total", "Requests that were not let in.", "reason")
DENIALS = _counter("authz_denials_total", "Requests of people who may not do that.", "action")
BUSY = _counter("db_busy_total", "Requests that could not be stored just then.")
VIOLATIONS = _gauge("invariant_violations", "What the auditor found at its last look.", "what")
TICKED = _gauge("scheduler_last_tick_timestamp_seconds", "When this process last looked for due work.")
AUDITED = _gauge("reconciler_last_success_timestamp_seconds", "When the auditor last found nothing wrong.")
BACKED_UP = _gauge("backup_last_success_timestamp_seconds", "When a backup was last written.")
DRILLED = _gauge("restore_drill_last_success_timestamp_seconds", "When a backup was last restored for proof.")
WAITING = _gauge("outbox_messages", "Messages in which something is still to be done, by state.", "state")
OLDEST = _gauge("outbox_oldest_seconds", "How long the oldest of them has waited.")
AMBIGUOUS = _gauge("outbox_ambiguous", "Messages of which nobody knows whether they are in Slack.")
DATABASE_BYTES = _gauge("db_size_bytes", "Size of the database.")
TOKEN_ENDS = _gauge("token_expiry_timestamp_seconds", "When the first token that is renewed by itself ends; 0: none.")
_gauge("build_info", "Which version runs.", "version").labels(version("vendor-cadence")).set(1)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database says."""

    waiting: dict[OutboxState, int]
    oldest_seconds: float
    size: int
    marks: dict[str, float]
    token_ends: float


def stored(tx: Tx) -> Stored:
    """Read what is measured in the database: a few probes of an index, whatever its size."""
    system_only(tx)
    counts = {}
    for state in OPEN_STATES:
        is_that = text(f"outbox_message.state = '{state.value}'")  # a literal: only so the partial index serves
        counts[state] = tx.session.exec(select(func.count()).select_from(OutboxMessage).where(is_that)).one()
    oldest = oldest_waiting(tx)
    done = {name: marks.mark(tx, name) for name in (marks.AUDIT, marks.BACKUP, marks.DRILL)}
    return Stored(
        waiting=counts,
        oldest_seconds=(tx.now - oldest).total_seconds() if oldest else 0.0,
        size=_size(tx),
        marks={name: mark.at.timestamp() for name, mark in done.items() if mark},
        token_ends=ends.timestamp() if (ends := first_to_end(tx)) else 0.0,
    )


def exposition(found: Stored, ticked: float) -> bytes:
    """Everything in Prometheus' text form. `ticked` is when this process last looked, in seconds since 1970."""
    for state, count in found.waiting.items():
        WAITING.labels(state.value).set(count)
    AMBIGUOUS.set(found.waiting[OutboxState.UNSURE])
    OLDEST.set(found.oldest_seconds)
    DATABASE_BYTES.set(found.size)
    TICKED.set(ticked)
    TOKEN_ENDS.set(found.token_ends)
    for name, gauge in ((marks.AUDIT, AUDITED), (marks.BACKUP, BACKED_UP), (marks.DRILL, DRILLED)):
        gauge.set(found.marks.get(name, 0.0))
    return generate_latest(REGISTRY)


def _size(tx: Tx) -> int:
    if tx.dialect.name == "sqlite":
        statement = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    else:
        statement = "SELECT pg_database_size(current_database())"
    return int(tx.beside(text(statement)).scalar_one())
