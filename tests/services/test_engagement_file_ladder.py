"""The ladder in an engagement file: read, written without loss, versioned, and every mistake named."""

import pytest

from models.access import SYSTEM, Side
from models.db import Database
from models.engagements.tables import Engagement
from models.escalations import service as escalations
from models.escalations import versions
from models.escalations.ladders import DEFAULT, Severity, Wait
from models.escalations.tables import Escalation, LadderVersion
from models.setup import service
from models.setup.file import EngagementFile, FileErrors
from models.setup.reading import read
from models.setup.writing import write
from tests.support.world import WORKSPACE, World

LEAST = """\
engagement: acme-support
company: Acme
vendor: Helpful
channel: C0123456789
zone: Europe/Berlin
people:
  inhouse:
    - {name: Anna, slack: U0123456781, role: owner}
    - {name: Jonas, slack: U0123456783, role: lead}
  vendor:
    - {name: Ravi, slack: U0123456782, role: lead}
"""
LADDER = """
ladder:
  S2:
    update: 90m
    levels:
      - {wait: 2h, inhouse: [concerned], vendor: [lead, U0123456782]}
      - {wait: 2d, vendor: [executive], channel: C0OPS}
  S1:
    around_the_clock: yes
  S4:
    waits_in: inhouse
"""


def read_text(text: str) -> EngagementFile:
    return read(text.encode(), "any.yaml")


def problems(text: str) -> list[str]:
    with pytest.raises(FileErrors) as caught:
        read_text(text)
    return caught.value.lines()


def test_what_a_file_does_not_say_is_the_default() -> None:
    assert read_text(LEAST).ladder == DEFAULT

    climb = read_text(LEAST + LADDER).ladder.climb(Severity.S1)

    assert climb.around_the_clock
    assert climb.levels == DEFAULT.climb(Severity.S1).levels


def test_levels_are_read_and_written_without_loss() -> None:
    file = read_text(LEAST + LADDER)
    first, second = file.ladder.climb(Severity.S2).levels

    assert (first.wait, first.told[Side.VENDOR]) == (Wait(minutes=120), ("lead", "U0123456782"))
    assert (second.wait, second.told[Side.INHOUSE], second.channel) == (Wait(days=2), (), "C0OPS")
    assert read_text(write(file)) == file


def test_every_mistake_is_named_with_its_line() -> None:
    wrong = """
ladder:
  S2:
    update: 5m
    levels:
      - {wait: 1d2h, inhouse: [boss]}
      - {inhouse: []}
  S1: {around_the_clock: yes, waits_in: vendor}
  S5: {}
cadences:
  daily: {escalate_after: 40}
  summary: {escalate_after: 2}
"""
    found = problems(LEAST + wrong)

    assert [line.split(": ")[1] for line in found] == [
        "ladder.S2.update",
        "ladder.S2.levels[1].inhouse[1]",
        "ladder.S2.levels[1].wait",
        "ladder.S2.levels[2]",
        "ladder.S2.levels[2].wait",
        "ladder.S1.waits_in",
        "ladder.S5",
        "cadences.daily.escalate_after",
        "cadences.summary.escalate_after",
    ]
    assert "neither a role" in found[1]


def test_a_change_is_a_new_version_and_what_climbs_keeps_its_own(db: Database) -> None:
    def apply(text: str) -> list[str]:
        with db.transaction(SYSTEM) as tx:
            return service.apply(tx, WORKSPACE, read_text(text)).lines()

    apply(LEAST)
    assert db_rows(db) == []
    assert any("ladder S2" in line for line in apply(LEAST + LADDER))
    assert [row.version for row in db_rows(db)] == [1]
    assert apply(LEAST + LADDER) == ["acme-support: nothing to change."]
    assert any("default levels hold again" in line for line in apply(LEAST))
    assert [row.version for row in db_rows(db)] == [1, 2]


def db_rows(db: Database) -> list[LadderVersion]:
    with db.read(SYSTEM) as tx:
        return sorted(tx.session.query(LadderVersion).all(), key=lambda row: row.version)


def test_an_escalation_keeps_the_ladder_it_started_with(world: World) -> None:
    row = world.does("ines", escalations.escalate, world.engagement_id, "Stuck", Severity.S2, source_key="k")
    calm = read_text(LEAST + LADDER).ladder
    with world.db.transaction(world.actor("ines")) as tx:
        assert versions.change(tx, tx.one(Engagement, WORKSPACE, world.engagement_id), calm)

    with world.db.read(SYSTEM) as tx:
        assert versions.frozen(tx, WORKSPACE, world.one(Escalation, id=row.id).ladder_id) == DEFAULT
        assert versions.ladder(tx, tx.one(Engagement, WORKSPACE, world.engagement_id)) == calm
