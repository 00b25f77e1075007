"""Checks of how the installation is looked after: its keys, its backups, and what the auditor finds."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.doctor.findings import Finding, bad, good, odd
from models.db import Tx
from models.marks import service as marks
from models.marks.tables import UpkeepMark
from models.shared_clock import MOST
from models.upkeep import keys as key_marks
from models.vault import Vault, VaultError
from scheduler.auditor import audit as audited
from scheduler.steps import STEPS

BACKUP_AGE = timedelta(days=2)
DRILL_AGE = timedelta(days=90)
KEY_AGE = timedelta(days=365)
_SAVE = "cadence backup FILE"
_DRILL = "cadence restore --verify FILE"
_SAID_ELSEWHERE = frozenset({"overdue", "failing", "unsure"})


def marked_keys(tx: Tx, vault: Vault) -> Finding | None:
    """Do the marks of the keys fit? None when they do: the texts themselves are tried too."""
    try:
        key_marks.prove(tx, vault)
    except VaultError as error:
        remedy = "Put the former key back into CADENCE_KEYS, behind the present one."
        return bad("keys", str(error), remedy)
    return None


def key_age(tx: Tx, vault: Vault) -> Iterator[Finding]:
    """Has the same key sealed for too long?"""
    began = key_marks.since(tx, vault)
    if began is not None and tx.now - began > KEY_AGE:
        remedy = "cadence keys new NAME, and on as `cadence keys --help` says."
        yield odd("key age", f"The key {vault.key_id} has sealed for {_age(tx.now, began)}.", remedy)


def backups(tx: Tx) -> Iterator[Finding]:
    """When was the last backup, and was one ever restored?"""
    saved, drilled = marks.mark(tx, marks.BACKUP), marks.mark(tx, marks.DRILL)
    if saved is None:
        yield odd("backup", "There is none yet.", "cadence backup FILE, every night from cron")
        return
    if _is_to_come(tx, saved.at):
        yield odd("backup", f"The last one is said to be of {saved.at:%d %b %Y}: a clock was wrong.", _SAVE)
    elif tx.now - saved.at > BACKUP_AGE:
        yield odd("backup", f"The last one is {_age(tx.now, saved.at)} old.", _SAVE)
    else:
        yield good("backup", f"The last one is {_age(tx.now, saved.at)} old.")
    yield _drill(tx, drilled)


def _drill(tx: Tx, drilled: UpkeepMark | None) -> Finding:
    """Was a backup restored for proof lately, and one of which something is to be hoped for?"""
    if drilled is None or _is_to_come(tx, drilled.at):
        return odd("restore drill", "A backup was never restored for proof.", _DRILL)
    when = _age(tx.now, drilled.at)
    if tx.now - drilled.at > DRILL_AGE:
        return odd("restore drill", f"A backup was {when} ago restored for proof.", _DRILL)
    made_at = drilled.figures.get("made_at")
    if made_at is None:
        return good("restore drill", f"A backup was restored for proof {when} ago.")
    shown = datetime.fromisoformat(str(made_at))
    said = f"A backup that is {_age(tx.now, shown)} old was restored for proof {when} ago."
    if tx.now - shown > DRILL_AGE:
        return odd("restore drill", said, f"Prove a newer one: {_DRILL}")
    return good("restore drill", said)


def _is_to_come(tx: Tx, moment: datetime) -> bool:
    return moment - tx.now > MOST


def audit(tx: Tx) -> Iterator[Finding]:
    """What the auditor finds, beyond what other checks say."""
    found = [one for one in audited(tx, STEPS) if one.what not in _SAID_ELSEWHERE]
    for one in found:
        yield odd("audit", f"{one.count} {one.said}", one.remedy)
    if not found:
        yield good("audit", "What the rules say is what stands in the database.")


def _age(now: datetime, then: datetime) -> str:
    hours = int((now - then).total_seconds() // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
