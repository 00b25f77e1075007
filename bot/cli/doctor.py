"""`cadence doctor`."""

import asyncio
import json
from collections.abc import Callable, Iterator

import click
from sqlalchemy.exc import DBAPIError

from bot.cli.desk import Desk, opened, pass_desk
from bot.doctor import machine, outward, rhythm, slack, tokens, upkeep
from bot.doctor.findings import Finding, Level, bad, good, odd
from bot.gateway import Gateway, Identity
from bot.installing import INSTALL_PATH
from bot.line import Line
from bot.manifest import bot_scopes
from bot.served import bot_token
from bot.settings import Settings, SettingsError
from models.access import SYSTEM
from models.clock import SystemClock
from models.db import Database
from models.engagements.queries import engagements_of
from models.installations import queries as installations
from models.schema import SchemaError
from models.setup import stored

_NO_ENGAGEMENT = "cadence engagement apply FILE, or in Slack: /cadence setup in the shared channel"
_COLOURS = {Level.PASS: "green", Level.WARN: "yellow", Level.FAIL: "red"}


@click.command(
    short_help="Say what is missing or wrong, and how to mend it.",
    epilog="Exit code: 0 nothing is wrong (warnings allowed), 1 something is, 2 wrong usage.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--no-slack", is_flag=True, help="Look at this machine only: ask neither Slack nor HEARTBEAT_URL.")
@click.option(
    "--fix", is_flag=True, help="First do what is safe: shut files to others, bring an SQLite schema up to date."
)
@pass_desk
@click.pass_context
def doctor(ctx: click.Context, desk: Desk, as_json: bool, no_slack: bool, fix: bool) -> None:
    """Say whether anything is missing or wrong, and how to mend it.

    Looks at settings, keys, database, schema, running processes, token, scopes, clock, the way in, and for every
    engagement at channels, people, the next occurrences and what could not be sent. Changes nothing without --fix.

    \b
    Examples:
      cadence doctor
      cadence doctor --json
      cadence doctor --fix
    """
    if fix:
        for told in _mend(desk):
            click.echo(told, err=True)
    findings = asyncio.run(_findings(desk, asks_slack=not no_slack))
    if as_json:
        click.echo(json.dumps(_plain(findings), indent=2, ensure_ascii=False))
    else:
        _show(findings)
    ctx.exit(1 if any(finding.level is Level.FAIL for finding in findings) else 0)


def _mend(desk: Desk) -> Iterator[str]:
    """Do what is safe to do; what became of it. Settings that cannot be read mend nothing: the findings say so."""
    try:
        settings = desk.settings()
    except SettingsError:
        return
    with opened(settings) as db:
        for finding in (*machine.settings_file(desk.env_file), *machine.database(db)):
            if finding.mend is not None:
                yield _done(finding, finding.mend)


def _done(finding: Finding, mend: Callable[[], object]) -> str:
    """Mend one thing; what became of it. What fails is told, and stands among the findings."""
    try:
        mend()
    except (OSError, SchemaError, DBAPIError) as error:
        return f"Not mended: {finding.remedy} ({type(error).__name__})"
    return f"Mended: {finding.remedy}"


async def _findings(desk: Desk, *, asks_slack: bool) -> list[Finding]:
    try:
        settings = desk.settings()
    except SettingsError as error:
        remedy = f"Put it into {desk.env_file}, or begin with `cadence init`."
        return [bad("settings", problem, remedy) for problem in error.problems]
    found = list(machine.settings_file(desk.env_file))
    found.append(machine.time_zones(machine.zones_version(), SystemClock().now().year))
    with opened(settings) as db:
        found += machine.database(db)
        is_usable = not any(finding.level is Level.FAIL for finding in found)
        if is_usable:
            found += _stored(db)
        if asks_slack:
            found += await outward.heartbeat(settings.heartbeat_url)
            found += await _slack(settings, db if is_usable else None)
    return found


def _stored(db: Database) -> list[Finding]:
    with db.read(SYSTEM) as tx:
        found = [
            upkeep.marked_keys(tx, db.vault) or machine.keys(tx, db.vault),
            machine.running(tx, is_sqlite=db.is_sqlite),
        ]
        found += upkeep.key_age(tx, db.vault)
        found += machine.outbox(tx)
        found += upkeep.backups(tx)
        found += upkeep.audit(tx)
        rows = engagements_of(tx)
        for row in rows:
            found += rhythm.engagement(tx, row)
    if not rows:
        found.append(odd("engagements", "There is none yet.", _NO_ENGAGEMENT))
    return [*found, *machine.due(db)]


async def _slack(settings: Settings, db: Database | None) -> list[Finding]:
    line = Line(settings.slack_api_url)
    try:
        if not settings.serves_many:
            found = await _workspace(Gateway(bot_token(settings), line=line), db, is_only=True)
            return [*found, await slack.way_in(settings)]
        found = [await slack.way_in(settings)]
        if db is None:
            return found
        with db.read(SYSTEM) as tx:
            installed, unreadable = installations.all_of(tx)
        if not installed and not unreadable:
            address = settings.public_url + INSTALL_PATH
            found.append(odd("installations", "No workspace has installed the app yet.", f"Open {address}"))
        found += [tokens.unreadable(workspace_id) for workspace_id in unreadable]
        for one in installed:
            found.append(tokens.renewal(one, SystemClock().now()))
            found += await _workspace(Gateway(one.bot_token, line=line, is_org_wide=one.is_org_wide), db)
        return found
    finally:
        await line.close()


async def _workspace(gateway: Gateway, db: Database | None, *, is_only: bool = False) -> list[Finding]:
    """One workspace: who we are there, what we may do, and its engagements."""
    who = await slack.token(gateway)
    if not isinstance(who, Identity):
        return [who]
    needed = frozenset(bot_scopes())
    found = [good("token", f"It belongs to {who.team} ({who.team_id})."), slack.scopes(who.scopes, needed)]
    found.append(slack.clock(who.answered_at, SystemClock().now()))
    if db is None:
        return found
    with db.read(SYSTEM) as tx:
        files = [stored.as_file(tx, row) for row in engagements_of(tx)]
    for file in files:
        if file.workspace == who.team_id or is_only:
            found += await slack.engagement(gateway, file, who.team_id)
    return found


def _show(findings: list[Finding]) -> None:
    for finding in findings:
        verdict = click.style(f"{finding.level.upper():4}", fg=_COLOURS[finding.level])
        click.echo(f"{verdict}  {finding.what}: {finding.said}")
        if finding.remedy:
            click.echo(f"      → {finding.remedy}")
    counts = {level: sum(finding.level is level for finding in findings) for level in Level}
    click.echo(f"{counts[Level.PASS]} passed, {counts[Level.WARN]} to look at, {counts[Level.FAIL]} to mend.")


def _plain(findings: list[Finding]) -> dict[str, object]:
    return {
        "ok": not any(finding.level is Level.FAIL for finding in findings),
        "checks": [
            {"level": finding.level.value, "what": finding.what, "said": finding.said, "remedy": finding.remedy}
            for finding in findings
        ],
    }
