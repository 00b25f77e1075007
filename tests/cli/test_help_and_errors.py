"""Every command explains itself, and whatever goes wrong is said in a sentence with the right exit code."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bot.__main__ import _failure, cadence
from tests.cli.conftest import NORTHWIND, Shell


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


COMMANDS = dict(_commands(cadence))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(shell: Shell, path: tuple[str, ...]) -> None:
    said = shell.ok(*path, "--help")

    assert (COMMANDS[path].help or "").strip()
    if not isinstance(COMMANDS[path], click.Group) and path != ("demo",):
        assert "Example" in said
        assert f"cadence {' '.join(path)}" in said
    for parameter in COMMANDS[path].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{parameter.name} says nothing"


def test_the_help_lists_every_command_in_full(shell: Shell) -> None:
    said = shell.ok("--help")

    assert [path[0] for path in COMMANDS if len(path) == 1] == [
        *("init", "doctor", "migrate", "engagement", "run", "next", "tick", "export"),
        *("backup", "restore", "keys", "config", "healthcheck"),
        "demo",
    ]
    assert "..." not in said.split("Commands:")[1].split("demo")[0]


@pytest.mark.parametrize(
    "args", [["nonsense"], ["next", "--limit", "0"], ["engagement", "apply", "nowhere.yaml"], ["export"]]
)
def test_wrong_usage_is_two(shell: Shell, args: list[str]) -> None:
    result = shell.run(*args)

    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_settings_that_do_not_work_are_all_named(shell: Shell) -> None:
    shell.set(SLACK_BOT_TOKEN="xoxb-your-token", DATABASE_URL="mysql://x")

    result = shell.run("next")

    assert result.exit_code == 1
    for name in ("SLACK_BOT_TOKEN", "DATABASE_URL", "CADENCE_KEYS"):
        assert name in result.stderr


@pytest.mark.parametrize("args", [["next"], ["tick"], ["engagement", "list"], ["export", "acme"]])
def test_an_empty_database_says_what_to_run(shell: Shell, args: list[str]) -> None:
    result = shell.run(*args)

    assert result.exit_code == 1
    assert "Run `cadence migrate`" in result.stderr


def test_a_database_that_cannot_be_used_is_said_without_the_password(shell: Shell, tmp_path: Path) -> None:
    shell.set(**shell.settings(DATABASE_URL="postgresql://ines:secret@127.0.0.1:9/cadence"))

    result = shell.run("next")

    assert result.exit_code == 1
    assert "The database cannot be used" in result.stderr
    assert "secret" not in result.output

    (tmp_path / "cadence.db").write_text("this is no database, and long enough to be looked at" * 50)
    shell.set(**shell.settings())
    assert "The database cannot be used: file is not a database." in shell.run("next").stderr


def test_slack_that_does_not_answer_is_a_sentence(shell: Shell) -> None:
    shell.ok("migrate")

    result = shell.run("tick")

    assert result.exit_code == 1
    assert "Slack cannot be reached" in result.stderr


def test_what_nobody_expected_has_a_reference_that_stays_the_same() -> None:
    def trip() -> Exception:
        try:
            raise RuntimeError("what Ines wrote")
        except RuntimeError as error:
            return error

    first, second = (_failure(trip(), is_debugging=False).message for _ in range(2))

    assert first == second
    assert "RuntimeError (reference " in first
    assert "what Ines wrote" not in first


def test_debug_shows_where_it_came_from(shell: Shell) -> None:
    result = shell.run("--debug", "next")

    assert "Traceback" in result.stderr
    assert "SchemaError" in result.stderr


def test_a_file_with_problems_is_one_and_names_each(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(NORTHWIND.read_text().replace("Europe/Prague", "Europe/Prag").replace("09:30", "9 o'clock", 1))

    result = shell.run("engagement", "apply", str(file))

    assert result.exit_code == 1
    assert "broken.yaml:20: people.inhouse[3].zone" in result.stderr
    assert "things to mend; nothing was changed" in result.stderr
