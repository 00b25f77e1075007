"""The doctor finds what is wrong, names the remedy, and is content with what is well."""

import json
import os
import re
import socket
import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot.doctor import machine, outward
from bot.doctor import slack as slack_checks
from bot.doctor.findings import Level
from models.access import SYSTEM, Role, Side
from models.cadences.tables import Cadence
from models.commitments.rules import CommitmentState
from models.commitments.tables import Commitment
from models.db import Database, select
from models.engagements.tables import Engagement, Participant
from models.marks import service as marks
from models.marks.tables import UpkeepMark
from models.outbox import service as outbox
from models.outbox.rules import OutboxState
from models.outbox.tables import OutboxMessage
from models.upkeep import keys as key_marks
from models.vault import new_key
from sandbox.seed import INHOUSE, SHARED, TOMAS
from tests.cli.conftest import NORTHWIND, Shell, Slack

Found = dict[str, list[dict[str, str]]]


def _doctor(shell: Shell, *args: str, code: int) -> Found:
    """The findings by what they are about, without those that are well."""
    result = shell.run("doctor", "--json", *args)
    assert result.exit_code == code, result.output
    report = json.loads(result.stdout)
    assert report["ok"] is (code == 0)
    found: Found = {}
    for check in report["checks"]:
        found.setdefault(check["what"], []).append(check)
    return found


def _not_well(found: Found) -> list[tuple[str, str, str]]:
    return [
        (check["level"], check["what"], check["said"])
        for checks in found.values()
        for check in checks
        if check["level"] != "pass"
    ]


@pytest.fixture
def well(shell: Shell, slack: Slack) -> Shell:
    """Everything is set up and ticked once."""
    shell.apply()
    shell.ok("tick")
    shell.ok("backup", "a.backup", "--quiet")
    shell.ok("restore", "--verify", "a.backup", "--quiet")
    (shell.folder / ".env").chmod(0o600)
    return shell


def test_what_is_well_passes(well: Shell) -> None:
    found = _doctor(well, code=0)

    assert _not_well(found) == []
    assert found["token"][0]["said"] == "It belongs to Northwind Retail (T0NORTHWIND)."
    assert found["way in"][0]["said"].startswith("Socket Mode")
    assert len(found["northwind-brightlane roster"]) == 6
    assert found["northwind-brightlane weekly"][0]["said"].endswith("14:00 Europe/Paris.")


def test_it_is_readable_too(well: Shell) -> None:
    said = well.ok("doctor")

    assert "PASS  schema: At revision" in said
    assert said.splitlines()[-1].endswith("0 to look at, 0 to mend.")


def test_without_an_engagement_both_ways_to_set_one_up_are_named(shell: Shell, slack: Slack) -> None:
    shell.ok("migrate")

    found = _doctor(shell, "--no-slack", code=shell.run("doctor", "--json", "--no-slack").exit_code)

    (remedy,) = [check["remedy"] for check in found["engagements"]]
    assert "cadence engagement apply FILE" in remedy
    assert "/cadence setup in the shared channel" in remedy
    assert "/cadence setup" in shell.ok("engagement", "list")


def test_missing_settings_are_findings(shell: Shell) -> None:
    (shell.folder / ".env").unlink()

    found = _doctor(shell, code=1)

    assert {check["level"] for check in found["settings"]} == {"fail"}
    assert all(check["remedy"] for check in found["settings"])


def test_a_misspelt_setting_and_an_open_file_are_warnings(well: Shell) -> None:
    env = well.folder / ".env"
    env.write_text(env.read_text() + "LOG_LEVL=debug\n")
    env.chmod(0o644)

    said = [check["said"] for check in _doctor(well, code=0)["settings"] if check["level"] == "warn"]

    assert any("LOG_LEVEL" in sentence for sentence in said)
    assert any("can be read by others" in sentence for sentence in said)


def test_a_database_without_its_schema_names_the_command(shell: Shell) -> None:
    (check,) = _doctor(shell, "--no-slack", code=1)["schema"]

    assert check["remedy"] == "cadence migrate"


def test_a_newer_database_is_refused(well: Shell) -> None:
    db = well.database()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    db.close()

    (check,) = _doctor(well, "--no-slack", code=1)["schema"]

    assert "newer version" in check["said"]


def test_a_database_that_cannot_be_reached(shell: Shell) -> None:
    shell.set(**shell.settings(DATABASE_URL="postgresql://ines:secret@127.0.0.1:9/cadence"))

    result = shell.run("doctor", "--json", "--no-slack")

    assert result.exit_code == 1
    assert "It cannot be reached" in result.stdout
    assert "secret" not in result.output


def test_keys_that_do_not_open_what_is_stored(well: Shell) -> None:
    db = well.database()
    _promise(db)
    db.close()
    well.set(**_settings_of(well) | {"CADENCE_KEYS": f"other:{new_key()}"})

    (check,) = _doctor(well, "--no-slack", code=1)["keys"]

    assert "its key is not set" in check["said"]


def _settings_of(shell: Shell) -> dict[str, str]:
    lines = (shell.folder / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def _promise(db: Database) -> None:
    with db.transaction(SYSTEM) as tx:
        place = tx.session.exec(select(Participant)).all()[0]
        row = Commitment(
            workspace_id=place.workspace_id,
            engagement_id=place.engagement_id,
            number=1,
            side=place.side,
            participant_id=place.id,
            what="",
            promised_due=tx.now.date(),
            current_due=tx.now.date(),
            state=CommitmentState.OPEN,
            made_at=tx.now,
        )
        row.what = tx.seal(row, "what", "a promise")
        tx.add(row)


def test_keys_that_open_are_sampled(well: Shell) -> None:
    db = well.database()
    _promise(db)
    db.close()

    assert "samples" in _doctor(well, "--no-slack", code=0)["keys"][0]["said"]


def test_a_token_that_slack_does_not_know(well: Shell) -> None:
    well.set(**_settings_of(well) | {"SLACK_BOT_TOKEN": "xoxb-unknown"})

    (check,) = _doctor(well, code=1)["token"]

    assert "copy the bot token again" in check["said"]


def test_scopes_are_held_against_the_manifest(well: Shell, slack: Slack) -> None:
    slack.workspace.app.scopes.remove("users:read")
    (missing,) = _doctor(well, code=1)["scopes"]
    slack.workspace.app.scopes[:] = [*slack.workspace.app.scopes, "users:read", "files:write"]
    (more,) = _doctor(well, code=0)["scopes"]

    assert missing["said"] == "The token lacks users:read."
    assert (more["level"], more["said"]) == ("warn", "The token may do more than is needed: files:write.")


def test_an_app_token_that_slack_does_not_know(well: Shell) -> None:
    well.set(**_settings_of(well) | {"SLACK_APP_TOKEN": "xapp-unknown"})

    (check,) = _doctor(well, code=1)["way in"]

    assert "connections:write" in check["remedy"]


def test_a_bot_that_is_not_in_the_channel(well: Shell, slack: Slack) -> None:
    slack.workspace.channels[SHARED].members.remove(slack.workspace.app.bot_user_id)

    assert ("fail", "northwind-brightlane channel") in [item[:2] for item in _not_well(_doctor(well, code=1))]


def test_an_in_house_channel_that_outsiders_can_read(well: Shell, slack: Slack) -> None:
    slack.workspace.channels[INHOUSE].shared_team_ids.append("T0BRIGHTLANE")

    (check,) = _doctor(well, code=1)["northwind-brightlane in-house channel"]

    assert "is shared with others" in check["said"]


def test_people_on_the_wrong_side(well: Shell) -> None:
    db = well.database()
    with db.transaction(SYSTEM) as tx:
        for place in tx.session.exec(select(Participant).where(Participant.side == Side.VENDOR)):
            place.side = Side.INHOUSE
    db.close()

    found = _not_well(_doctor(well, code=1))

    assert [(level, said.split(" (")[0]) for level, what, said in found if what.endswith("roster")] == [
        ("fail", "Vera Iyer"),
        ("warn", "Tomas Silva"),
        ("fail", "Vikram Rao"),
    ]


def test_people_who_are_gone_or_not_in_the_channel(well: Shell, slack: Slack) -> None:
    slack.workspace.users[TOMAS].deleted = True
    slack.workspace.channels[SHARED].members.remove("U0ADA")

    said = [(level, said) for level, what, said in _not_well(_doctor(well, code=1)) if what.endswith("roster")]

    assert said == [
        ("warn", "Ada Novak (U0ADA) is not in the shared channel."),
        ("fail", "Tomas Silva (U0TOMAS) is deactivated."),
    ]


def test_an_engagement_in_trouble_and_one_of_another_workspace(well: Shell, tmp_path: Path) -> None:
    db = well.database()
    with db.transaction(SYSTEM) as tx:
        tx.session.exec(select(Engagement)).one().trouble = "The channel was archived."
    db.close()
    other = tmp_path / "other.yaml"
    other.write_text(NORTHWIND.read_text().replace("T0NORTHWIND", "T0OTHER").replace("northwind-brightlane", "other"))
    well.ok("engagement", "apply", str(other), "--yes")

    found = _not_well(_doctor(well, code=1))

    assert ("fail", "northwind-brightlane", "The channel was archived.") in found
    assert ("fail", "other", "It belongs to the workspace T0OTHER, the token to T0NORTHWIND.") in found


def test_several_processes_on_one_sqlite_file_are_told(well: Shell) -> None:
    db = well.database()
    with db.transaction(SYSTEM) as tx:
        marks.arrive(tx, "one")
    assert _doctor(well, "--no-slack", code=0)["running"][0]["said"] == "1 process on this database."

    with db.transaction(SYSTEM) as tx:
        marks.arrive(tx, "two")
    (check,) = _doctor(well, "--no-slack", code=1)["running"]
    assert check["said"] == "2 processes run on this SQLite file."
    assert "PostgreSQL" in check["remedy"]

    with db.transaction(SYSTEM) as tx:
        marks.leave(tx, "one")
        tx.session.get_one(UpkeepMark, "process:two").at -= marks.PRESENT_FOR  # it was killed
    db.close()
    assert _doctor(well, "--no-slack", code=0)["running"][0]["level"] == "pass"


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, Level.PASS), (29, Level.PASS), (-31, Level.WARN), (200, Level.WARN), (-400, Level.FAIL)]
)
def test_a_clock_that_differs_from_slacks_is_told(seconds: int, level: Level) -> None:
    now = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)

    finding = slack_checks.clock(now + timedelta(seconds=seconds), now)

    assert finding.level is level
    assert (level is Level.PASS) or "time servers" in finding.remedy


def test_the_time_of_slacks_answer_is_compared(well: Shell) -> None:
    assert _doctor(well, code=0)["clock"][0]["said"] == "It agrees with Slack's."


# -- how it is looked after -------------------------------------------------------------------------------------------


def _lasted(shell: Shell, name: str, days: int) -> None:
    db = shell.database()
    with db.transaction(SYSTEM) as tx:
        mark = marks.mark(tx, name)
        assert mark is not None
        mark.at = tx.now - timedelta(days=days)
    db.close()


def test_a_backup_that_was_never_made_is_missed(shell: Shell) -> None:
    shell.apply()

    (check,) = _doctor(shell, "--no-slack", code=0)["backup"]

    assert (check["level"], check["remedy"]) == ("warn", "cadence backup FILE, every night from cron")


@pytest.mark.parametrize(
    ("name", "days", "what", "remedy"),
    [("backup", 3, "backup", "cadence backup FILE"), ("drill", 91, "restore drill", "cadence restore --verify FILE")],
)
def test_a_backup_or_a_drill_that_is_too_old(well: Shell, name: str, days: int, what: str, remedy: str) -> None:
    _lasted(well, name, days)

    (check,) = _doctor(well, "--no-slack", code=0)[what]
    assert (check["level"], check["remedy"]) == ("warn", remedy)
    assert f"{days} days" in check["said"]

    args = [part if part != "FILE" else f"{name}.new" for part in remedy.removeprefix("cadence ").split()]
    if name == "drill":
        args[-1] = "a.backup"
    well.ok(*args, "--quiet")

    assert [check["level"] for check in _doctor(well, "--no-slack", code=0)[what]] == ["pass"]


def test_an_old_backup_that_was_restored_for_proof_proves_little(well: Shell) -> None:
    (check,) = _doctor(well, "--no-slack", code=0)["restore drill"]
    assert (check["level"], check["said"]) == (
        "pass",
        "A backup that is 0 hours old was restored for proof 0 hours ago.",
    )

    db = well.database()
    with db.transaction(SYSTEM) as tx:
        marks.set_mark(tx, marks.DRILL, made_at=(tx.now - timedelta(days=400)).isoformat())
    db.close()

    (check,) = _doctor(well, "--no-slack", code=0)["restore drill"]
    assert check["level"] == "warn"
    assert check["said"] == "A backup that is 400 days old was restored for proof 0 hours ago."
    assert check["remedy"] == "Prove a newer one: cadence restore --verify FILE"


@pytest.mark.parametrize(("name", "what"), [("backup", "backup"), ("drill", "restore drill")])
def test_what_was_done_by_a_clock_that_was_ahead_does_not_count(well: Shell, name: str, what: str) -> None:
    """Else it would count as done for as long as that clock was ahead."""
    _lasted(well, name, -400)

    assert [check["level"] for check in _doctor(well, "--no-slack", code=0)[what]] == ["warn"]


def test_a_process_that_was_there_by_a_clock_that_was_ahead_is_not_there(well: Shell) -> None:
    db = well.database()
    with db.transaction(SYSTEM) as tx:
        for name in ("one", "two"):
            marks.arrive(tx, name)
        tx.session.get_one(UpkeepMark, "process:two").at += timedelta(days=400)  # it was killed
    db.close()

    assert _doctor(well, "--no-slack", code=0)["running"][0]["said"] == "1 process on this database."


def test_the_mark_of_a_key_that_is_not_this_one(well: Shell) -> None:
    db = well.database()
    with db.transaction(SYSTEM) as tx:
        key_marks.enrol(tx, db.vault)
    db.close()
    well.set(**_settings_of(well) | {"CADENCE_KEYS": f"test:{new_key()}"})

    (check,) = _doctor(well, "--no-slack", code=1)["keys"]

    assert "a key named 'test', but not the one this database was sealed with" in check["said"]
    assert check["remedy"].startswith("Put the former key back")


def test_what_the_auditor_finds_is_named_and_mended(well: Shell) -> None:
    db = well.database()
    with db.transaction(SYSTEM) as tx:
        next(row for row in tx.session.exec(select(Cadence)) if row.due_at).due_at = None
    db.close()

    (check,) = _doctor(well, "--no-slack", code=0)["audit"]
    assert (check["level"], check["said"]) == ("warn", "1 cadences go on, but nothing will wake them.")
    assert check["remedy"].startswith("Apply its file with another time, then with the right one")

    other = well.folder / "other.yaml"
    other.write_text(re.sub(r"(\d\d:)(\d\d)", r"\g<1>07", NORTHWIND.read_text()))
    for path in (other, NORTHWIND):
        well.ok("engagement", "apply", str(path), "--yes")
        well.ok("tick")
    assert [one["level"] for one in _doctor(well, "--no-slack", code=0)["audit"]] == ["pass"]


# -- each of these is made, seen, mended as the remedy says, and seen to be well ---------------------------------------


def test_a_database_file_that_others_can_read(well: Shell) -> None:
    file = well.folder / "cadence.db"
    _let_others_in(file)
    file.chmod(0o644)

    check, _ = _doctor(well, "--no-slack", code=0)["database file"]
    assert (check["level"], check["remedy"]) == ("warn", f"chmod 600 {file.resolve()}")

    file.chmod(0o600)
    assert [one["level"] for one in _doctor(well, "--no-slack", code=0)["database file"]] == ["pass"]


def _let_others_in(file: Path) -> None:
    """The folders above it are open to all, as far as they are ours."""
    for folder in file.resolve().parents:
        if folder.stat().st_uid == os.getuid() and not folder.stat().st_mode & stat.S_IXOTH:
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH)


def test_what_is_safe_to_mend_is_mended_when_asked(well: Shell) -> None:
    env, file = well.folder / ".env", (well.folder / "cadence.db").resolve()
    env.chmod(0o644)
    _let_others_in(file)
    file.chmod(0o644)
    with well.database().transaction(SYSTEM) as tx:
        key_marks_before = tx.session.exec(select(UpkeepMark)).all()

    result = well.run("doctor", "--no-slack", "--fix", "--json")

    assert result.exit_code == 0, result.output
    assert "Mended: chmod 600 .env" in result.stderr
    assert f"Mended: chmod 600 {file}" in result.stderr
    assert [one.stat().st_mode & 0o777 for one in (env, file)] == [0o600, 0o600]
    assert not [check for check in json.loads(result.stdout)["checks"] if "can be read by others" in check["said"]]
    with well.database().read(SYSTEM) as tx:
        assert len(tx.session.exec(select(UpkeepMark)).all()) == len(key_marks_before), "nothing else was touched"


def test_a_schema_that_is_behind_is_mended_when_asked(shell: Shell) -> None:
    assert _doctor(shell, "--no-slack", code=1)["schema"][0]["level"] == "fail"

    result = shell.run("doctor", "--no-slack", "--fix")

    assert "Mended: cadence migrate" in result.stderr
    assert _doctor(shell, "--no-slack", code=0)["schema"][0]["level"] == "pass"


def test_what_cannot_be_mended_is_told_and_the_rest_goes_on(well: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    (well.folder / ".env").chmod(0o644)

    def refuse(_path: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(machine, "_shut", refuse)  # a file of another owner, as nothing else can make one here
    result = well.run("doctor", "--no-slack", "--fix", "--json")

    assert "Not mended: chmod 600 .env (PermissionError)" in result.stderr
    assert [one for one in json.loads(result.stdout)["checks"] if "can be read by others" in one["said"]]


def test_without_being_asked_nothing_is_mended(well: Shell) -> None:
    env = well.folder / ".env"
    env.chmod(0o644)

    well.ok("doctor", "--no-slack")

    assert env.stat().st_mode & 0o777 == 0o644


def test_a_damaged_file_is_told(well: Shell) -> None:
    file = well.folder / "cadence.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'activity'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    whole = file.read_bytes()
    place = (root - 1) * size
    file.write_bytes(whole[:place] + b"\xff" * size + whole[place + size :])

    (check,) = _doctor(well, "--no-slack", code=1)["database file"]
    assert (check["level"], "cadence restore" in check["remedy"]) == ("fail", True)

    file.write_bytes(whole)
    assert _doctor(well, "--no-slack", code=0)["database file"][0]["said"] == "It is whole."


@pytest.mark.parametrize("url", ["https://localhost:99999/x", "http://a..b/x", f"http://{'a' * 64}.example/x"])
async def test_an_address_that_is_none_is_a_finding(url: str) -> None:
    (found,) = await outward.heartbeat(SecretStr(url))

    assert (found.level, found.what) == (Level.WARN, "heartbeat")


@pytest.mark.parametrize("is_there", [True, False])
def test_the_heartbeats_address_is_reached_but_not_called(well: Shell, is_there: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/secret-path"
        if not is_there:
            server.close()
        env = well.folder / ".env"
        env.write_text(f"{env.read_text()}HEARTBEAT_URL={url}\n")

        (check,) = _doctor(well, code=0)["heartbeat"]

        if is_there:
            heard, _ = server.accept()
            assert heard.recv(100) == b"", "it was not called"
            heard.close()
    assert check["level"] == ("pass" if is_there else "warn")
    assert "secret-path" not in json.dumps(check)


def test_messages_that_could_not_be_sent_are_told_for_a_week(well: Shell) -> None:
    db = well.database()
    with db.transaction(SYSTEM) as tx:
        engagement = tx.session.exec(select(Engagement)).one()
        outbox.post(tx, engagement, "checkin.board", engagement.id, key="board:1")
        message = tx.session.exec(select(OutboxMessage)).one()
        message.state, message.error = OutboxState.DEAD, "is_archived"
    (check,) = _doctor(well, "--no-slack", code=0)["outbox"]
    assert (check["level"], check["said"]) == (
        "warn",
        "1 messages of this week could not be sent; the last one: is_archived.",
    )

    with db.transaction(SYSTEM) as tx:
        tx.one(OutboxMessage, message.workspace_id, message.id).written_at -= timedelta(days=8)
    db.close()
    assert _doctor(well, "--no-slack", code=0)["outbox"][0]["level"] == "pass"


def test_an_engagement_that_nobody_owns(well: Shell) -> None:
    db = well.database()
    with db.transaction(SYSTEM) as tx:
        for place in tx.session.exec(select(Participant).where(Participant.role == Role.OWNER)):
            place.is_active = False
    db.close()

    found = _doctor(well, "--no-slack", code=1)["northwind-brightlane"]
    assert [(check["level"], check["said"]) for check in found] == [
        ("fail", "Nobody owns it: what goes wrong is told to nobody.")
    ]
    assert "apply it" in found[0]["remedy"]

    well.ok("engagement", "apply", str(NORTHWIND), "--yes")
    assert "northwind-brightlane" not in _doctor(well, "--no-slack", code=0)


def test_a_key_that_has_sealed_for_more_than_a_year(well: Shell) -> None:
    db = well.database()
    with db.transaction(SYSTEM) as tx:
        key_marks.enrol(tx, db.vault)
        tx.session.get_one(UpkeepMark, f"key:{db.vault.key_id}").at -= timedelta(days=400)
    db.close()
    (check,) = _doctor(well, "--no-slack", code=0)["key age"]
    assert (check["level"], check["said"]) == ("warn", "The key test has sealed for 400 days.")
    assert check["remedy"].startswith("cadence keys new")

    settings = _settings_of(well)
    well.set(**settings | {"CADENCE_KEYS": f"fresh:{new_key()},{settings['CADENCE_KEYS']}"})
    (well.folder / ".env").chmod(0o600)
    well.ok("keys", "rotate")
    assert "key age" not in _doctor(well, "--no-slack", code=0)


@pytest.mark.parametrize(
    ("version", "level"), [("2026f", "pass"), ("2025a", "pass"), ("2024b", "warn"), ("2019c", "warn"), ("", "pass")]
)
def test_time_zones_of_years_ago_are_told(version: str, level: str) -> None:
    finding = machine.time_zones(version, 2026)

    assert finding.level == level
    assert (level == "pass") or finding.remedy.startswith("Update tzdata")


def test_the_time_zones_in_use_are_looked_at(well: Shell) -> None:
    (check,) = _doctor(well, "--no-slack", code=0)["time zones"]

    assert check["said"] == f"They are those of {machine.zones_version()}."
