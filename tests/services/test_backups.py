"""Backups: taken while people write, restored into either database, and refused when anything about them is wrong."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from models import schema
from models.access import SYSTEM
from models.checkins.submissions import NewBlocker, Promise, Submission
from models.clock import ManualClock
from models.db import Database, select
from models.engagements.tables import Workspace
from models.installations.service import GRACE
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import Gate, OutboxMessage
from models.tables import METADATA
from models.upkeep import backups, box, erasing
from models.upkeep.box import BackupError, BoxReader, BoxWriter
from models.upkeep.cells import Layout, kind_of
from models.vault import Vault, VaultError, new_key, parse_keys
from tests.conftest import MONDAY, TEST_KEYS
from tests.support.databases import BACKENDS, empty_database, fresh_database
from tests.support.world import World, at, build, nov

pytestmark = pytest.mark.slow

CANARY = "zebra-canary"


@contextmanager
def opened(url: str, keys: str = TEST_KEYS) -> Iterator[Database]:
    db = Database(url, ManualClock(MONDAY), Vault(parse_keys(keys)))
    try:
        yield db
    finally:
        db.close()


def contents(db: Database) -> dict[str, list[bytes]]:
    """Every row of every table but the marks, in one form."""
    found = {}
    with db.engine.connect() as connection:
        for table in METADATA.sorted_tables:
            rows = connection.execute(table.select())
            found[table.name] = sorted(Layout.of(table).line(row) for row in rows)
    del found["upkeep_mark"]
    return found


def a_day(db: Database) -> World:
    """A day on which people of both sides answered."""
    assert isinstance(db.clock, ManualClock)
    world = build(db, db.clock)
    world.until(at(23, 4, 30))
    world.answers("vera", nov(23), Submission(promises=(Promise(CANARY),), blockers=(NewBlocker("No VPN"),)))
    world.until(at(24, 12))
    return world


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with a day in it. Not to be changed."""
    with fresh_database("sqlite", tmp_path_factory.mktemp("lived")) as url, opened(url) as db:
        a_day(db)
        yield db


@pytest.fixture(scope="module")
def backup(lived: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it."""
    path = tmp_path_factory.mktemp("backup") / "day.backup"
    backups.write(lived, path)
    return path


def test_every_column_of_every_table_has_a_form_in_backups() -> None:
    for table in METADATA.sorted_tables:
        for column in table.columns:
            kind_of(column)


@pytest.mark.parametrize("end", BACKENDS)
@pytest.mark.parametrize("start", BACKENDS)
def test_a_backup_of_either_database_is_restored_into_either(start: str, end: str, tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    with fresh_database(start, tmp_path) as url, opened(url) as db:
        a_day(db)
        made = backups.write(db, path)
        before = contents(db)

    with empty_database(end, tmp_path) as url, opened(url) as db:
        restored = backups.restore(db, path)
        schema.require_current(db)
        after = contents(db)

    assert restored.rows == made.rows == {name: len(lines) for name, lines in before.items()} | {"upkeep_mark": 0}
    assert made.total > 50
    without_outbox = {name for name in before if name != "outbox_message"}
    assert {name: after[name] for name in without_outbox} == {name: before[name] for name in without_outbox}
    assert len(after["outbox_message"]) == len(before["outbox_message"])


def test_a_backup_shows_nothing_and_is_for_its_owner_alone(backup: Path) -> None:
    content = backup.read_bytes()

    assert CANARY.encode() not in content
    assert b"Vera" not in content
    assert backup.stat().st_mode & 0o077 == 0


def test_an_existing_file_is_never_overwritten(lived: Database, backup: Path) -> None:
    before = backup.read_bytes()

    with pytest.raises(BackupError, match="exists already"):
        backups.write(lived, backup)

    assert backup.read_bytes() == before


def test_a_backup_that_fails_leaves_no_file(lived: Database, tmp_path: Path) -> None:
    def fails(table: str, _rows: int) -> None:
        if table == "prompt":
            raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        backups.write(lived, tmp_path / "x.backup", fails)

    assert list(tmp_path.iterdir()) == []


def test_it_shows_one_moment_while_others_write(each_address: str, tmp_path: Path) -> None:
    """Pairs of rows are written together, far apart in what is read: never is one of a pair missing."""
    path = tmp_path / "load.backup"
    with opened(each_address) as db:
        with pairs_written(db) as another:
            made = backups.write(db, path, lambda _table, _rows: another())
        written = len(contents(db)["workspace"])

    assert 0 < made.rows["workspace"] == made.rows["gate"] < written
    with opened(f"sqlite:///{tmp_path / 'back.db'}") as back:
        assert backups.restore(back, path).rows == made.rows


@contextmanager
def pairs_written(db: Database) -> Iterator[Callable[[], object]]:
    """A thread writes pairs all the time; what is given waits until it has written another one."""
    is_over, written = threading.Event(), threading.Semaphore(0)

    def write() -> None:
        number = 0
        while not is_over.is_set():
            number += 1
            with db.transaction(SYSTEM) as tx:
                tx.add(Workspace(workspace_id=f"W{number}"))
                tx.add(Gate(workspace_id=f"W{number}", key="posts", free_at=tx.now))
            written.release()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    written.acquire(timeout=10)
    try:
        yield lambda: bool(written.acquire(timeout=10))
    finally:
        is_over.set()
        writer.join(10)


def test_what_waited_is_looked_for_before_it_is_sent(tmp_path: Path) -> None:
    with fresh_database("sqlite", tmp_path) as url, opened(url) as db:
        world = a_day(db)
        waiting = world.rows(OutboxMessage)[0]
        world.change(OutboxMessage, {"id": waiting.id}, state=OutboxState.READY)
        backups.write(db, tmp_path / "a.backup")
    with opened(f"sqlite:///{tmp_path / 'back.db'}") as db:
        backups.restore(db, tmp_path / "a.backup")
        with db.read(SYSTEM) as tx:
            after = tx.session.exec(select(OutboxMessage).where(OutboxMessage.id == waiting.id)).one()

    assert waiting.operation is Operation.POST
    assert after.state is OutboxState.UNSURE


# -- what is refused --------------------------------------------------------------------------------------------------

Spoil = Callable[[bytes], bytes]


def _head_of(content: bytes) -> dict[str, object]:
    found: dict[str, object] = json.loads(content.split(b"\n")[1])
    return found


def _with_head(**changes: object) -> Spoil:
    def spoil(content: bytes) -> bytes:
        magic, head, frames = content.split(b"\n", 2)
        changed = json.loads(head) | changes
        return b"\n".join([magic, json.dumps(changed, sort_keys=True).encode(), frames])

    return spoil


def _frames(content: bytes) -> tuple[bytes, list[bytes]]:
    magic, head, rest = content.split(b"\n", 2)
    found = []
    while rest:
        size = 4 + int.from_bytes(rest[:4], "big")
        found.append(rest[:size])
        rest = rest[size:]
    return magic + b"\n" + head + b"\n", found


def _reordered(content: bytes) -> bytes:
    head, frames = _frames(content)
    return head + frames[1] + frames[0] + b"".join(frames[2:])


def _without_frame(number: int) -> Spoil:
    def spoil(content: bytes) -> bytes:
        head, frames = _frames(content)
        del frames[number]
        return head + b"".join(frames)

    return spoil


def _repeated(content: bytes) -> bytes:
    head, frames = _frames(content)
    return head + frames[0] + b"".join(frames)


def _flipped(where: float) -> Spoil:
    def spoil(content: bytes) -> bytes:
        spot = min(int(len(content) * where), len(content) - 1)
        return content[:spot] + bytes([content[spot] ^ 1]) + content[spot + 1 :]

    return spoil


def _cut(where: float) -> Spoil:
    return lambda content: content[: int(len(content) * where)]


_SPOILT: dict[str, tuple[Spoil, str]] = {
    "empty": (lambda _: b"", "not a backup"),
    "a text file": (lambda _: b"hello\n" * 100, "not a backup"),
    "a database file": (lambda _: b"SQLite format 3\x00" + b"\x00" * 4096, "not a backup"),
    "cut in the first line": (lambda content: content[:10], "not a backup"),
    "cut in the head": (lambda content: content[:40], "ends too early"),
    "cut behind the head": (lambda content: b"\n".join(content.split(b"\n")[:2]) + b"\n", "ends too early"),
    "cut at a tenth": (_cut(0.1), "ends too early"),
    "cut in the middle": (_cut(0.5), "ends too early"),
    "cut by one byte": (lambda content: content[:-1], "ends too early"),
    "without its last frame": (_without_frame(-1), "ends too early"),
    "without its first frame": (_without_frame(0), "cannot be opened"),
    "without a frame in between": (_without_frame(1), "damaged"),
    "frames exchanged": (_reordered, "cannot be opened"),
    "a frame twice": (_repeated, "damaged"),
    "a bit changed in the middle": (_flipped(0.5), "damaged|cannot be opened"),
    "a bit changed at three quarters": (_flipped(0.75), "damaged|cannot be opened"),
    "a bit changed at the end": (_flipped(1.0), "damaged|cannot be opened"),
    "something behind it": (lambda content: content + b"x", "behind its end"),
    "two backups joined": (lambda content: content * 2, "behind its end"),
    "a newer format": (_with_head(format=2), "format 2"),
    "a newer schema": (_with_head(revision="9999"), "9999.*newer version"),
    "another schema than it says": (_with_head(revision="0001"), "cannot be opened"),
    "another moment than it says": (_with_head(made_at="2020-01-01T00:00:00+00:00"), "cannot be opened"),
    "sealed with a key that is not here": (_with_head(key="other"), "key 'other'.*add that key"),
    "another salt": (_with_head(salt="A" * 44), "damaged|cannot be opened"),
    "a head that is no JSON": (lambda content: content.replace(b'{"format"', b"{format", 1), "damaged"),
}


@pytest.fixture(scope="module")
def long_backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of several frames: what fills them cannot be compressed."""
    folder = tmp_path_factory.mktemp("long")
    with fresh_database("sqlite", folder) as url, opened(url) as db:
        with db.transaction(SYSTEM) as tx:
            for number in range(4000):
                tx.add(Workspace(workspace_id=f"W{number}", name=os.urandom(40).hex()))
        backups.write(db, folder / "long.backup")
    return folder / "long.backup"


@pytest.mark.parametrize("what", _SPOILT, ids=str)
def test_a_bad_backup_is_refused_with_the_reason_and_nothing_is_stored(
    long_backup: Path, tmp_path: Path, what: str
) -> None:
    spoil, said = _SPOILT[what]
    bad = tmp_path / "bad.backup"
    bad.write_bytes(spoil(long_backup.read_bytes()))

    with opened(f"sqlite:///{tmp_path / 'back.db'}") as db:
        with pytest.raises(BackupError, match=said):
            backups.restore(db, bad)
        assert schema.state(db).current is None


def test_a_backup_made_with_another_key_of_the_same_name_is_refused(backup: Path, tmp_path: Path) -> None:
    with (
        opened(f"sqlite:///{tmp_path / 'back.db'}", f"test:{new_key()}") as db,
        pytest.raises(BackupError, match=r"key 'test' in CADENCE_KEYS is not the one"),
    ):
        backups.restore(db, backup)


def test_a_backup_whose_texts_need_another_key_is_refused(lived: Database, tmp_path: Path) -> None:
    """Sealed with the new key, it still holds texts of the former one."""
    both = f"new:{new_key()}"
    lived_url = str(lived.engine.url)
    with opened(lived_url, f"{both},{TEST_KEYS}") as db:
        backups.write(db, tmp_path / "both.backup")

    with opened(f"sqlite:///{tmp_path / 'back.db'}", both) as db:
        with pytest.raises(VaultError, match=r"key 'test', which CADENCE_KEYS does not have"):
            backups.restore(db, tmp_path / "both.backup")
        assert schema.state(db).current is None


def _forged(vault: Vault, path: Path, lines: list[bytes]) -> Path:
    """A file that is sealed as it must be, with a content that is not."""
    head = {"revision": _head_revision(), "made_at": MONDAY.isoformat()}
    with path.open("wb") as out, BoxWriter(out, vault, head) as made:
        for line in lines:
            made.write(line)
    return path


def _head_revision() -> str:
    with opened("sqlite://") as db:
        return schema.state(db).head


_TABLE = b'{"table": "workspace", "columns": [["workspace_id", "text"], ["name", "text"]]}'
_MANIFEST = b'{"manifest": {"workspace": {"rows": 2, "hash": "00"}}}'


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [_TABLE],
        [_TABLE, b'["W1", ""]', _MANIFEST],
        [_MANIFEST],
        [_TABLE, _MANIFEST, _TABLE],
        [b'["W1"]', _MANIFEST],
        [_TABLE, b'["W1"]', _MANIFEST],
        [_TABLE.replace(b"text", b"colour"), _MANIFEST],
        [b"{}"],
        [b'{"manifest": {}}', b'{"manifest": {}}'],
    ],
    ids=[
        "nothing",
        "no manifest",
        "fewer rows than the manifest says",
        "a manifest alone",
        "something behind the manifest",
        "rows of no table",
        "rows that do not fit",
        "a kind nobody knows",
        "a line that says nothing",
        "two manifests",
    ],
)
def test_a_content_that_is_not_what_the_manifest_says_is_refused(
    vault: Vault, tmp_path: Path, lines: list[bytes]
) -> None:
    forged = _forged(vault, tmp_path / "forged.backup", lines)

    with opened(f"sqlite:///{tmp_path / 'back.db'}") as db:
        with pytest.raises(BackupError, match="does not hold what its manifest says"):
            backups.restore(db, forged)
        assert schema.state(db).current is None


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_workspace_that_had_removed_the_app_is_not_erased_by_a_restore(backend: str, tmp_path: Path) -> None:
    """It may have installed it again after the backup, and would have an hour to do it once more."""
    path = tmp_path / "a.backup"
    with fresh_database(backend, tmp_path) as url, opened(url) as db:
        with db.transaction(SYSTEM) as tx:
            tx.add(Workspace(workspace_id="T0LEFT", stopped_at=tx.now, erase_at=tx.now + GRACE))
            tx.add(Workspace(workspace_id="T0HERE"))
        backups.write(db, path)

    with empty_database(backend, tmp_path) as url, opened(url) as db:
        assert isinstance(db.clock, ManualClock)
        db.clock.advance(GRACE + timedelta(days=1))
        backups.restore(db, path)
        with db.read(SYSTEM) as tx:
            assert erasing.due(tx) == ()
            assert tx.session.get_one(Workspace, "T0HERE").erase_at is None
        db.clock.advance(GRACE)
        with db.read(SYSTEM) as tx:
            assert erasing.due(tx) == ("T0LEFT",)


def test_a_database_that_is_not_empty_is_left_alone(lived: Database, backup: Path) -> None:
    before = contents(lived)

    with pytest.raises(schema.SchemaError, match="not empty"):
        backups.restore(lived, backup)

    assert contents(lived) == before


def test_an_older_backup_is_brought_up_to_the_present_schema(vault: Vault, tmp_path: Path) -> None:
    """Laid down at its own revision, filled, then migrated."""
    path = tmp_path / "old.backup"
    head = {"revision": "0001", "made_at": MONDAY.isoformat()}
    row = b'["W1","Name","",""]'
    figures = backups._Sum()
    figures.add(row)
    with path.open("wb") as out, BoxWriter(out, vault, head) as made:
        columns = [[name, "text"] for name in ("workspace_id", "name", "bot_user_id", "bot_id")]
        made.write(json.dumps({"table": "workspace", "columns": columns}).encode())
        made.write(row)
        made.write(json.dumps({"manifest": {"workspace": figures.figures}}).encode())

    with opened(f"sqlite:///{tmp_path / 'back.db'}") as db:
        assert backups.restore(db, path).rows == {"workspace": 1}
        schema.require_current(db)
        with db.read(SYSTEM) as tx:
            assert [one.name for one in tx.session.exec(select(Workspace))] == ["Name"]


def test_the_drill_leaves_nothing_behind(backup: Path, vault: Vault, clock: ManualClock, tmp_path: Path) -> None:
    told: list[str] = []

    content = backups.verify(backup, vault, clock, lambda table, rows: told.append(f"{table} {rows}"))

    assert content.total > 50
    assert f"commitment {content.rows['commitment']}" in told
    assert list(tmp_path.iterdir()) == []


def test_a_box_is_read_only_in_order(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "box"
    lines = [os.urandom(30_000).hex().encode() for _ in range(10)]
    with path.open("wb") as out, BoxWriter(out, vault, {"revision": "1"}) as made:
        for line in lines:
            made.write(line)

    with path.open("rb") as source:
        assert list(BoxReader(source, vault).lines()) == lines
    assert path.stat().st_size > 3 * box._FRAME


def test_a_box_of_any_length_is_read_back_whole(vault: Vault, tmp_path: Path) -> None:
    """Also when what the compression still holds at the end is more than one frame has room for."""
    filling = os.urandom(400_000).hex().encode()
    for length in range(150_000, 450_000, 6_500):
        path = tmp_path / f"{length}"
        with path.open("wb") as out, BoxWriter(out, vault, {"revision": "1"}) as made:
            made.write(filling[:length])

        with path.open("rb") as source:
            assert list(BoxReader(source, vault).lines()) == [filling[:length]], length
