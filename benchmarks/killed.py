"""Many check-ins opened at one instant by several processes that are killed at random: each exactly once.

    python -m benchmarks.killed [--checkins 1000] [--workspaces 20] [--replicas 3] [--kills 30] [--seed 1]

The processes are the whole application on one PostgreSQL, killed with SIGKILL at random moments and started again
while the boards and the direct messages go out. Afterwards every message of every workspace is counted in what Slack
saw: one that is missing or there twice is named, and the exit code is 1. What cannot be known is counted as unclear.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.support.databases import fresh_database
from tests.support.fleet import Plan, play


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.killed", description=__doc__.splitlines()[0])
    parser.add_argument("--checkins", type=int, default=1000)
    parser.add_argument("--workspaces", type=int, default=20)
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    each = max(given.checkins // given.workspaces, 1)
    plan = Plan(given.workspaces, each, given.replicas, given.kills, given.seed)
    with tempfile.TemporaryDirectory() as folder, fresh_database("postgres", Path(folder)) as url:
        found = asyncio.run(play(url, plan, lambda words: print(f"  {words}", file=sys.stderr, flush=True)))
    print(f"{plan.checkins:,} check-ins, {plan.workspaces} workspaces, {plan.replicas} processes, seed {plan.seed}")
    print(f"  killed {found.kills}   opened {found.opened:,}   messages {found.posts:,}   unclear {found.unclear}")
    print(f"  lost or doubled {len(found.wrong)}   settled after {found.seconds:.0f} s", flush=True)
    for line in found.wrong[:20]:
        print(f"  {line}")
    if found.wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
