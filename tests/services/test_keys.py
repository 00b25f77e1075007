"""The keys that seal what people write: proved before anything is sealed, and changed while everything goes on."""

import threading

import pytest

from models.access import SYSTEM
from models.base import Sealed
from models.blockers.tables import Blocker
from models.checkins.submissions import NewBlocker, Promise, Submission
from models.checkins.tables import Response
from models.clock import ManualClock
from models.commitments.tables import Commitment
from models.db import Database, Tx, select
from models.marks.tables import UpkeepMark
from models.upkeep import keys, rotation
from models.upkeep.sealed import sealed_columns
from models.vault import Vault, VaultError, new_key, parse_keys
from tests.conftest import TEST_KEYS
from tests.support.world import World, at, build, nov

FIRST = TEST_KEYS
SECOND = f"second:{new_key()}"


def vault_of(text: str) -> Vault:
    return Vault(parse_keys(text))


@pytest.fixture
def written(world: World) -> World:
    return _day(world)


def _day(world: World) -> World:
    """A day on which people wrote things of every kind."""
    world.until(at(23, 4, 30))
    world.answers("vera", nov(23), Submission(promises=(Promise("Export"),), blockers=(NewBlocker("No VPN"),)))
    world.answers("ines", nov(23), Submission(note="all well"))
    return world


def in_tx(db: Database, use: object, *args: object) -> object:
    with db.transaction(SYSTEM) as tx:
        return use(tx, *args)  # type: ignore[operator]


def rotate(db: Database, vault: Vault, limit: int = rotation.BATCH, batches: int = 1000) -> int:
    """Seal anew, at most so many batches; how many cells that were."""
    done = 0
    for one in sealed_columns():
        after, is_begun = None, False
        while (after is not None or not is_begun) and batches:
            with db.transaction(SYSTEM) as tx:
                turned = rotation.reseal(tx, vault, one, after, limit)
            after, is_begun, batches, done = turned.after, True, batches - 1, done + turned.resealed
    return done


def everything(db: Database, vault: Vault) -> dict[str, str]:
    """Every sealed cell that is filled, opened."""
    found = {}
    with db.read(SYSTEM) as tx:
        for one in sealed_columns():
            for row in tx.session.exec(select(one.table)):
                if sealed := getattr(row, one.column):
                    where = one.place(row.workspace_id, row.id)
                    found[where] = vault.open(sealed, where)
    return found


def test_every_column_of_sealed_text_is_known() -> None:
    names = {one.name for one in sealed_columns()}

    assert {"response.answers", "reply.text", "commitment.what", "blocker.what", "weekly_summary.facts"} <= names


def test_the_right_key_is_proved_by_its_mark(db: Database) -> None:
    in_tx(db, keys.enrol, vault_of(FIRST))
    in_tx(db, keys.enrol, vault_of(FIRST))

    with db.read(SYSTEM) as tx:
        keys.prove(tx, vault_of(FIRST))
        assert [mark.name for mark in tx.session.exec(select(UpkeepMark))] == ["key:test"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (f"test:{new_key()}", r"a key named 'test', but not the one.*a new key needs a new name"),
        (SECOND, r"sealed with the key 'test', which CADENCE_KEYS does not have.*as test:….*keys rotate"),
    ],
    ids=["another key of that name", "the key is missing"],
)
@pytest.mark.parametrize("is_enrolled", [True, False], ids=["with a mark", "from before there were marks"])
def test_wrong_keys_are_refused_before_anything_is_sealed(
    written: World, given: str, said: str, *, is_enrolled: bool
) -> None:
    if is_enrolled:
        in_tx(written.db, keys.enrol, vault_of(FIRST))
    before = everything(written.db, vault_of(FIRST))

    with pytest.raises(VaultError, match=said):
        in_tx(written.db, keys.enrol, vault_of(given))

    assert everything(written.db, vault_of(FIRST)) == before
    with written.db.read(SYSTEM) as tx:
        assert len(tx.session.exec(select(UpkeepMark)).all()) == is_enrolled


def test_replicas_that_start_together_enrol_the_key_once(postgres_db: Database) -> None:
    failures: list[Exception] = []
    barrier = threading.Barrier(4)

    def enrol(tx: Tx) -> None:
        barrier.wait()
        keys.enrol(tx, vault_of(FIRST))

    def start() -> None:
        try:
            in_tx(postgres_db, enrol)
        except Exception as error:  # looked at below
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    with postgres_db.read(SYSTEM) as tx:
        assert len(tx.session.exec(select(UpkeepMark)).all()) == 1


def test_after_the_change_the_former_key_opens_nothing_and_nothing_is_lost(written: World) -> None:
    db, both = written.db, vault_of(f"{SECOND},{FIRST}")
    in_tx(db, keys.enrol, vault_of(FIRST))
    in_tx(db, keys.enrol, both)
    before = everything(db, vault_of(FIRST))

    assert rotate(db, both) == len(before)

    assert everything(db, vault_of(SECOND)) == before
    assert in_tx(db, rotation.left, both) == 0
    assert in_tx(db, rotation.cells_by_key) == {"second": len(before)}
    assert in_tx(db, keys.retire, both) == ["test"]
    with db.read(SYSTEM) as tx:
        keys.prove(tx, vault_of(SECOND))


def test_a_change_that_was_broken_off_is_taken_up_again(written: World) -> None:
    db, both = written.db, vault_of(f"{SECOND},{FIRST}")
    before = everything(db, vault_of(FIRST))

    first = rotate(db, both, limit=1, batches=2)
    rest = rotate(db, both, limit=1)

    assert 0 < first < len(before)
    assert first + rest == len(before)
    assert everything(db, vault_of(SECOND)) == before


@pytest.mark.parametrize("damage", ["moved", "cut", "garbled"])
def test_a_cell_that_no_key_opens_is_named_and_the_others_are_sealed_anew(written: World, damage: str) -> None:
    db, both = written.db, vault_of(f"{SECOND},{FIRST}")
    promise, blocker = written.rows(Commitment)[0], written.rows(Blocker)[0]
    damaged = {"moved": blocker.what, "cut": promise.what[:20], "garbled": "v1|test|*"}[damage]
    written.change(Commitment, {"id": promise.id}, what=damaged)

    unreadable: list[str] = []
    for one in sealed_columns():
        with db.transaction(SYSTEM) as tx:
            unreadable += rotation.reseal(tx, both, one, None).unreadable

    assert unreadable == [f"{promise.workspace_id}|commitment|what|{promise.id}"]
    assert in_tx(db, rotation.left, both) == 1


def test_what_somebody_writes_meanwhile_is_kept(postgres_db: Database, clock: ManualClock) -> None:
    """A cell changes between the reading and the writing of a batch. (SQLite has one writer: nobody comes between.)"""
    written = _day(build(postgres_db, clock))
    row = written.rows(Response)[0]

    class Overtaken(Vault):
        """Somebody else writes while it opens."""

        def open(self, sealed: Sealed, bound_to: str) -> str:
            if bound_to.endswith(str(row.id)):
                written.change(Response, {"id": row.id}, answers=self.seal("newer", bound_to))
            return super().open(sealed, bound_to)

    rotate(postgres_db, Overtaken(parse_keys(f"{SECOND},{FIRST}")))

    found = everything(postgres_db, vault_of(SECOND))
    assert found[f"{row.workspace_id}|response|answers|{row.id}"] == "newer"
