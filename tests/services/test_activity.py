"""Every change of an engagement is in the activity log, with each fact before and after, and without people's words."""

from sqlmodel import col, select

from models.access import SYSTEM
from models.activity.tables import Activity
from models.db import Database
from models.setup import service
from models.setup.reading import read
from tests.services.test_engagement_files import NORTHWIND, WORKSPACE


def _apply(db: Database, text: str) -> None:
    with db.transaction(SYSTEM) as tx:
        service.apply(tx, WORKSPACE, read(text.encode(), "file.yaml"))


def _log(db: Database) -> list[tuple[str, object, object]]:
    with db.read(SYSTEM) as tx:
        rows = tx.session.exec(select(Activity).order_by(col(Activity.id)))
        return [(row.action, row.before, row.after) for row in rows]


def test_each_change_says_what_was_and_what_is(db: Database) -> None:
    _apply(db, NORTHWIND)
    known = len(_log(db))

    _apply(
        db,
        NORTHWIND.replace("at: 09:30", "at: 10:00")
        .replace("company: Northwind Retail", "company: Northwind")
        .replace("country: FR", "country: DE")
        .replace("name: Ada Novak, slack: U0ADA", "name: Ada Kral, slack: U0ADA, deputy: yes"),
    )

    assert sorted(_log(db)[known:], key=lambda entry: entry[0]) == [
        ("cadence.changed", {"at": "09:30:00"}, {"at": "10:00:00"}),
        ("engagement.changed", {"company": "Northwind Retail"}, {"company": "Northwind"}),
        ("holidays.changed", {"country": "FR"}, {"country": "DE"}),
        ("participant.changed", {"is_deputy": True}, {"is_deputy": False}),
        ("participant.changed", {"is_deputy": False}, {"is_deputy": True}),
        ("person.changed", {"name": "changed"}, {"name": "changed"}),
    ]


def test_what_is_added_and_removed_is_said_too(db: Database) -> None:
    _apply(db, NORTHWIND)
    added = {action: after for action, _, after in _log(db)}
    known = len(_log(db))

    _apply(db, NORTHWIND.replace("    - {name: Ada Novak, slack: U0ADA, zone: Europe/Prague}\n", ""))

    assert added["engagement.added"]["vendor"] == "Brightlane Systems"  # type: ignore[index]
    assert added["cadence.added"]["at"] == "16:30:00"  # type: ignore[index]
    assert _log(db)[known:] == [("participant.removed", {"is_active": True}, {"is_active": False})]
