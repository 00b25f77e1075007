"""`cadence healthcheck`: for container engines, which ask a command and not an address."""

import http.client
import json

import click

from bot.cli.desk import Desk, pass_desk
from bot.settings import Settings

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 (where a server listens, not we)
_SECONDS = 5.0


@click.command(short_help="Ask the bot on this machine whether it is well.")
@click.option("--live", is_flag=True, help="Only whether it is alive, not whether it can serve.")
@pass_desk
@click.pass_context
def healthcheck(ctx: click.Context, desk: Desk, live: bool) -> None:
    """Ask the bot that runs on this machine whether it can serve. Exit code 0 means yes.

    \b
    Example:
      cadence healthcheck
    """
    status, body = _asked(desk.settings(), "/healthz" if live else "/readyz")
    for part, said in body.get("problems", {}).items():
        click.echo(f"{part} {said}", err=True)
    click.echo("ok" if status == http.client.OK else "not ok")
    ctx.exit(0 if status == http.client.OK else 1)


def _asked(settings: Settings, path: str) -> tuple[int, dict[str, dict[str, str]]]:
    host = _EVERYWHERE.get(settings.http_host, settings.http_host)
    connection = http.client.HTTPConnection(host, settings.http_port, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        found = json.loads(answer.read())
        return answer.status, found if isinstance(found, dict) else {}
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise click.ClickException(f"Nobody answers at {host}:{settings.http_port}: {error}.") from None
    finally:
        connection.close()
