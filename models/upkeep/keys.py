"""Are these the right keys? A known text sealed with every key in use proves it, before anything else is sealed."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlmodel import col, select

from models.access import system_only
from models.base import Sealed
from models.db import Tx
from models.marks.service import add_once, arrive, mark, sealing
from models.marks.tables import UpkeepMark
from models.upkeep.sealed import sealed_columns
from models.vault import Vault, VaultError

_MARK = "key:"
_CANARY = "canary"


def prove(tx: Tx, vault: Vault) -> None:
    """Refuse keys that are not those of this database. Changes nothing. Raises VaultError with what to do."""
    system_only(tx)
    for row in _marks(tx):
        key_id = row.name.removeprefix(_MARK)
        if key_id not in vault.key_ids:
            raise VaultError(_lacking(key_id))
        try:
            vault.open(Sealed(row.canary or ""), row.name)
        except VaultError:
            raise VaultError(_another(key_id)) from None


def enrol(tx: Tx, vault: Vault) -> None:
    """Prove the keys, then remember every one of them that seals, or has sealed, something here."""
    prove(tx, vault)
    known = {row.name for row in _marks(tx)}
    if not known:
        _prove_by_samples(tx, vault)
    used = {vault.key_id} | (set() if known else {_key_of(text) for _, text in samples(tx)})
    for key_id in sorted(used):
        if f"{_MARK}{key_id}" not in known:
            _note(tx, vault, key_id)


def say_present(tx: Tx, vault: Vault, process_id: str) -> None:
    """A process works here and seals with its first key: that one is needed, should it have been retired meanwhile."""
    arrive(tx, process_id, vault.key_id)
    _note(tx, vault, vault.key_id)


def since(tx: Tx, vault: Vault) -> datetime | None:
    """When the key that seals was first used here; none when nobody noted it."""
    found = mark(tx, f"{_MARK}{vault.key_id}")
    return found.at if found else None


def others_sealing(tx: Tx, vault: Vault) -> list[str]:
    """The other keys with which processes that run at the moment seal still."""
    return sorted(sealing(tx) - {vault.key_id})


def retire(tx: Tx, vault: Vault) -> list[str]:
    """Forget every key but the present one: nothing is sealed with them any more. Their names.

    Only when nobody seals with another one (`others_sealing`).
    """
    system_only(tx)
    retired = []
    for row in _marks(tx):
        key_id = row.name.removeprefix(_MARK)
        if key_id != vault.key_id:
            tx.session.delete(row)
            retired.append(key_id)
    return retired


def _note(tx: Tx, vault: Vault, key_id: str) -> None:
    name = f"{_MARK}{key_id}"
    add_once(tx, name, vault.seal(_CANARY, name, key_id))


def _marks(tx: Tx) -> Sequence[UpkeepMark]:
    statement = select(UpkeepMark).where(col(UpkeepMark.name).startswith(_MARK)).order_by(col(UpkeepMark.name))
    return tx.session.exec(statement).all()


def _prove_by_samples(tx: Tx, vault: Vault) -> None:
    """A database of before there were marks: whatever its oldest and newest texts say."""
    for where, text in samples(tx):
        if _key_of(text) not in vault.key_ids:
            raise VaultError(_lacking(_key_of(text)))
        try:
            vault.open(Sealed(text), where)
        except VaultError:
            raise VaultError(_another(_key_of(text))) from None


def samples(tx: Tx) -> Iterator[tuple[str, str]]:
    """The oldest and the newest text of every sealed column, with what each is bound to."""
    for one in sealed_columns():
        cell = getattr(one.table, one.column)
        for order in (one.table.id.asc(), one.table.id.desc()):
            row = tx.session.exec(select(one.table).where(cell.is_not(None), cell != "").order_by(order)).first()
            if row is not None:
                yield one.place(row.workspace_id, row.id), getattr(row, one.column)


def _key_of(text: str) -> str:
    return text.split("|")[1] if text.count("|") == 2 else ""


def _lacking(key_id: str) -> str:
    return (
        f"This database holds text sealed with the key {key_id!r}, which CADENCE_KEYS does not have. Put it back "
        f"behind the present one, as {key_id}:…; only after `cadence keys rotate` it may be left out. "
        "Nothing was changed."
    )


def _another(key_id: str) -> str:
    return (
        f"CADENCE_KEYS has a key named {key_id!r}, but not the one this database was sealed with. Put back the one "
        "that belongs to this database, or use the database that belongs to it; a new key needs a new name. "
        "Nothing was changed."
    )
