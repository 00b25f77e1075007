"""Exported tables: everything that was said, in stable columns, and nothing that a spreadsheet would run."""

import csv
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from models.access import SYSTEM, Side, stranger
from models.blockers.rules import NewBlocker
from models.checkins import service as checkins
from models.checkins.rules import Source
from models.checkins.submissions import Promise, Submission
from models.checkins.tables import CheckIn
from models.clock import ManualClock
from models.db import Database, select
from models.engagements import queries as engagements
from models.engagements.tables import Engagement
from models.errors import NotAllowed
from models.exports.files import Format, write
from models.exports.queries import COLUMNS, Table, records
from models.exports.rules import Record, Wanted, cell, harmless
from models.setup import service as setup
from models.setup.reading import read
from models.vault import Vault, parse_keys
from scheduler.due import DueQueue
from scheduler.steps import STEPS
from tests.cli.conftest import NORTHWIND, Shell
from tests.conftest import TEST_KEYS
from tests.support.world import at, build, nov

WORKSPACE = "T0NORTHWIND"
KEY = "northwind-brightlane"
DANGER = '=HYPERLINK("http://evil.example","click")'


@pytest.fixture
def told(shell: Shell) -> Shell:
    """An engagement in which Vera has answered a check-in, with a formula in every field."""
    shell.ok("migrate")
    clock = ManualClock(datetime(2026, 11, 23, 4, 5, tzinfo=UTC))
    db = Database(shell.database_url, clock, Vault(parse_keys(TEST_KEYS)))
    with db.transaction(SYSTEM) as tx:
        setup.apply(tx, WORKSPACE, read(NORTHWIND.read_bytes(), "northwind"))
    clock.set(datetime(2026, 11, 24, 4, 5, tzinfo=UTC))
    DueQueue(db, STEPS).run()
    with db.read(SYSTEM) as tx:
        vera = engagements.actor(tx, WORKSPACE, "U0VERA", None)
        checkin = tx.session.exec(select(CheckIn).order_by(CheckIn.local_date)).all()[0]
    said = Submission(
        answers={"done": DANGER},
        promises=(Promise("-2+3 the login page", date(2026, 11, 26)),),
        is_blocked=True,
        blockers=(NewBlocker("@SUM(A1) no access"),),
        asks=("=1+1, which port?",),
        note="+1 all is well",
    )
    with db.transaction(vera) as tx:
        checkins.submit(tx, checkin.id, said, source=Source.MODAL, source_key="view:V1")
    db.close()
    return shell


def _heading(path: Path) -> list[str]:
    """The names of the columns, which are there also when no record is."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_everything_said_is_there_and_no_cell_is_a_formula(told: Shell) -> None:
    said = told.ok("export", "northwind-brightlane", "-o", "out")

    responses = _rows(told.folder / "out/northwind-brightlane-responses.csv")
    commitments = _rows(told.folder / "out/northwind-brightlane-commitments.csv")
    blockers = _rows(told.folder / "out/northwind-brightlane-blockers.csv")
    assert "northwind-brightlane-commitments.csv: 1 record\n" in said
    answers = {row["question_id"]: row["answer"] for row in responses if row["person"] == "Vera Iyer" and row["answer"]}
    assert answers == {
        "done": f"'{DANGER}",
        "next": "'-2+3 the login page (by 2026-11-26)",
        "blocked": "yes; @SUM(A1) no access",
        "note": "'+1 all is well",
    }
    assert {row["person"] for row in responses} >= {"Ines Moreau", "Olaf Lindqvist", "Tomas Silva"}
    assert [(row["number"], row["what"], row["promised_due"]) for row in commitments] == [
        ("C-1", "'-2+3 the login page", "2026-11-26")
    ]
    assert [(row["number"], row["what"], row["raised_side"]) for row in blockers] == [
        ("B-1", "'@SUM(A1) no access", "vendor")
    ]


def test_columns_are_stable_in_both_forms(told: Shell) -> None:
    told.ok("export", "northwind-brightlane")
    told.ok("export", "northwind-brightlane", "--format", "json")

    for table in Table:
        base = told.folder / f"northwind-brightlane-{table}"
        found = json.loads(base.with_suffix(".json").read_text())
        assert tuple(_heading(base.with_suffix(".csv"))) == tuple(COLUMNS[table])
        assert all(tuple(record) == tuple(COLUMNS[table]) for record in found)
    assert json.loads((told.folder / "northwind-brightlane-blockers.json").read_text())[0]["what"] == (
        "@SUM(A1) no access"
    )
    (asked,) = json.loads((told.folder / "northwind-brightlane-questions.json").read_text())
    assert (asked["number"], asked["what"], asked["turn"]) == ("Q-1", "=1+1, which port?", 1)
    assert _rows(told.folder / "northwind-brightlane-questions.csv")[0]["what"] == "'=1+1, which port?"


@pytest.mark.parametrize(
    ("args", "people"),
    [
        (["--side", "inhouse"], {"Ines Moreau", "Olaf Lindqvist", "Ada Novak"}),
        (["--person", "U0VERA"], {"Vera Iyer"}),
        (["--from", "2027-01-01"], set()),
        (["--to", "2026-11-01"], set()),
    ],
)
def test_only_what_is_wanted(told: Shell, args: list[str], people: set[str]) -> None:
    told.ok("export", "northwind-brightlane", "--what", "responses", *args)

    assert {row["person"] for row in _rows(told.folder / "northwind-brightlane-responses.csv")} == people
    assert not (told.folder / "northwind-brightlane-blockers.csv").exists()


def test_a_span_that_ends_before_it_begins_is_wrong_usage(told: Shell) -> None:
    assert told.run("export", "northwind-brightlane", "--from", "2026-11-02", "--to", "2026-11-01").exit_code == 2


def test_only_the_operator_exports(told: Shell) -> None:
    db = told.database()
    with db.read(SYSTEM) as tx:
        engagement = tx.session.exec(select(Engagement)).one()
    with pytest.raises(NotAllowed), db.read(stranger(WORKSPACE, "U0MALLORY")) as tx:
        records(tx, Table.RESPONSES, engagement, Wanted(side=Side.VENDOR))
    db.close()


@pytest.mark.parametrize(
    "first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "\u200b=", "\ufeff+"]
)
def test_whatever_begins_like_a_formula_is_text(first: str) -> None:
    assert harmless(f"{first}1+1") == f"'{first}1+1"


@given(st.text(max_size=30))
def test_any_text_comes_back_out_of_a_csv_cell(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    text = text.encode("utf-8", "ignore").decode().replace("\x00", "")
    path = tmp_path_factory.mktemp("csv") / "one.csv"
    record: Record = {"text": text, "number": -5, "yes": True}

    write(path, Format.CSV, ("text", "number", "yes"), [record])

    (row,) = _rows(path)
    assert row == {"text": cell(text), "number": "-5", "yes": "yes"}
    assert row["text"] in (text, f"'{text}")


def test_a_broken_export_leaves_the_former_file(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    write(path, Format.CSV, ("a",), [{"a": 1}])

    def broken() -> "object":
        yield {"a": 2}
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write(path, Format.CSV, ("a",), broken())  # type: ignore[arg-type]

    assert _rows(path) == [{"a": "1"}]


def test_all_tables_show_one_moment_while_people_answer(shell: Shell, postgres_url: str, clock: ManualClock) -> None:
    """Somebody answers and promises something when the answers have been read, and the promises have not."""
    world = build(Database(postgres_url, clock, Vault(parse_keys(TEST_KEYS))), clock)
    world.until(at(23, 4, 30))
    shell.set(**shell.settings(DATABASE_URL=postgres_url))
    done: list[str] = []

    def answer(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM commitment" in statement and not done:
            done.append(statement)
            world.answers("vera", nov(23), Submission(promises=(Promise("Export"),)))

    event.listen(Engine, "before_cursor_execute", answer)
    shell.ok("export", KEY, "-o", "out")
    event.remove(Engine, "before_cursor_execute", answer)

    assert done
    answers, promises = ((Path("out") / f"{KEY}-{name}.csv").read_text() for name in ("responses", "commitments"))
    assert ("Vera Iyer" in promises) is ("Export" in answers)
    world.db.close()
