"""The command line `cadence`: finds a command, runs it, and turns every failure into a plain sentence."""

import hashlib
import traceback
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click

from bot import logs
from bot.cli.desk import Desk
from bot.cli.problems import sentence

_COMMANDS = {
    "init": "bot.cli.init:init",
    "doctor": "bot.cli.doctor:doctor",
    "migrate": "bot.cli.migrate:migrate",
    "engagement": "bot.cli.engagement:engagement",
    "run": "bot.cli.run:run",
    "next": "bot.cli.due:next_",
    "tick": "bot.cli.due:tick",
    "export": "bot.cli.export:export",
    "backup": "bot.cli.backup:backup",
    "restore": "bot.cli.backup:restore",
    "keys": "bot.cli.keys:keys",
    "config": "bot.cli.config:config",
    "healthcheck": "bot.cli.healthcheck:healthcheck",
}
_ENTRY_POINTS = "cadence.commands"


class _Commands(click.Group):
    """Loads a command when it is wanted, also those of packages that stand beside the product."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Ours in the order in which they are needed, then the others."""
        return [*_COMMANDS, *sorted(point.name for point in entry_points(group=_ENTRY_POINTS))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name in _COMMANDS:
            module, _, name = _COMMANDS[cmd_name].partition(":")
            found: Any = getattr(import_module(module), name)
        else:
            points = entry_points(group=_ENTRY_POINTS, name=cmd_name)
            found = next(iter(points)).load() if points else None
        return found if isinstance(found, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run, and say what went wrong in a sentence."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # the last place that can say it in words
            raise _failure(error, is_debugging=ctx.params.get("debug", False)) from None


def _failure(error: Exception, *, is_debugging: bool) -> click.ClickException:
    known = sentence(error)
    if is_debugging:
        click.echo("".join(traceback.format_exception(error)), err=True)
    if known is not None:
        return click.ClickException(known)
    place = "\n".join(logs.frames(error))
    reference = hashlib.sha256(f"{type(error).__name__}\n{place}".encode()).hexdigest()[:8]
    return click.ClickException(
        f"Something unexpected went wrong: {type(error).__name__} (reference {reference}). "
        "Run it again as `cadence --debug …` to see where, and please report that."
    )


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--env-file",
    type=click.Path(path_type=Path),
    default=Path(".env"),
    show_default=True,
    help="Where the settings are. Names in the environment win over it.",
)
@click.option("--debug", is_flag=True, help="Show where an error came from.")
@click.version_option(package_name="vendor-cadence", prog_name="cadence")
@click.pass_context
def cadence(ctx: click.Context, env_file: Path, debug: bool) -> None:
    """Vendor Cadence keeps a company and its outsourced IT provider on the same page, in Slack.

    \b
    To begin with a Slack workspace:
      cadence init                         write .env, and get the manifest of the Slack app
      cadence engagement apply FILE        say who works with whom, and when they are asked
      cadence doctor                       is anything missing?
      cadence run                          run the bot
    To try it without one:
      cadence demo
    """
    ctx.obj = Desk(env_file)


def main() -> None:
    """Entry point of the console script."""
    cadence(prog_name="cadence")


if __name__ == "__main__":
    main()
