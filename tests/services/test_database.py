"""The database object: commits, roll-backs, sealed text, on SQLite and on PostgreSQL."""

import pytest
from sqlmodel import select

from models.access import SYSTEM
from models.db import Database, Tx
from models.engagements.tables import Person
from models.vault import VaultError


def _ines(tx: Tx) -> Person:
    return tx.add(Person(workspace_id="T1", slack_user_id="U1", name="Ines", zone="Europe/Paris"))


async def test_a_transaction_is_committed_and_its_watchers_are_told(each_db: Database) -> None:
    told: list[str] = []
    each_db.after_commit.append(lambda: told.append("commit"))

    await each_db.run(SYSTEM, _ines)

    people = await each_db.look(SYSTEM, lambda tx: tx.session.exec(select(Person)).all())
    assert [person.name for person in people] == ["Ines"]
    assert told == ["commit"]


def test_a_failing_transaction_changes_nothing(each_db: Database) -> None:
    with pytest.raises(RuntimeError), each_db.transaction(SYSTEM) as tx:
        _ines(tx)
        raise RuntimeError

    with each_db.read(SYSTEM) as tx:
        assert tx.session.exec(select(Person)).all() == []


def test_a_sealed_text_opens_only_in_its_own_row_and_column(db: Database) -> None:
    with db.transaction(SYSTEM) as tx:
        ines = _ines(tx)
        other = Person(workspace_id="T1", slack_user_id="U2", name="Olaf", zone="UTC")
        other.name = ines.name = tx.seal(ines, "name", "secret")

        assert tx.unseal(ines, "name") == "secret"
        with pytest.raises(VaultError):
            tx.unseal(other, "name")
        tx.session.rollback()
