"""A rolling upgrade from the code of an older revision: old and new processes side by side, everything exactly once.

    python -m benchmarks.upgrade [--from REVISION] [--engagements 24] [--seed 1]

The older code is a real one: `git archive` of the revision, by default of the commit before the one that brought the
newest migration. It lays the engagements down and runs in three processes, by its own command line and settings alone.
While check-ins open, messages go out and people answer in threads and by forms, the upgrade is done as
docs/operate/upgrade.md has it: the first process of the present code brings its schema, then the old ones go one after
the other, by SIGTERM, by SIGKILL, by SIGTERM, each but the last followed by a new one. PostgreSQL (an embedded one with
`fsync` off, and a role that its policies bind), HTTP, Socket Mode, the clock and the signals are real; Slack is the
sandbox, with its limits on.

Afterwards every message is counted in what Slack was told and shows, every answer that was acknowledged in what is
stored, and the logs are read; an error that the old code logs after it was told to end is shown, and counts as its own.
PostgreSQL itself tells which process wrote what on which schema: if the old code did nothing on the new one, nothing is
proved. What is wrong is named, and the exit code is 1.
"""

import argparse
import asyncio
import sys

from tests.support import older
from tests.support.processes import RolloutError
from tests.support.rolled import Rolled
from tests.support.rollout import Plan, play


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.upgrade", description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="revision", metavar="REVISION", help="of the old code: whatever git understands")
    parser.add_argument("--engagements", type=int, default=24, help="each opens four check-ins of three people")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    try:
        revision = older.commit(given.revision) if given.revision else older.before_newest_migration()
        title = older.title(revision)
    except older.NoHistoryError as error:
        sys.exit(f"There is no older code to upgrade from. {error}")
    plan = Plan(revision, given.engagements, given.seed)
    print(f"from {title}", flush=True)
    try:
        found = asyncio.run(play(plan, lambda words: print(f"  {words}", file=sys.stderr, flush=True)))
    except RolloutError as error:
        sys.exit(f"The upgrade could not be played to its end. {error}")
    _report(plan, found)
    if found.wrong:
        sys.exit(1)


def _report(plan: Plan, found: Rolled) -> None:
    print(f"schema {found.before} to {found.after}, {plan.engagements} engagements, seed {plan.seed}")
    print(found.figures())
    for code, revision, what in (
        ("old", found.before, "old code, old schema"),
        ("old", found.after, "old code, new schema"),
        ("new", found.after, "new code, new schema"),
    ):
        sent, taken = (found.share(table, code, revision) for table in ("post", "response"))
        print(f"  {what}: {sent:,} messages sent, {taken:,} answers taken")
    print(found.logged())
    for line in found.at_stop:
        print(f"  when it was told to end, {line}")
    print(found.verdict(), flush=True)


if __name__ == "__main__":
    main()
