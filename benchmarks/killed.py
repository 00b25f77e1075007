"""Many check-ins opened at one instant by several processes that are killed at random: each exactly once.

    python -m benchmarks.killed [--checkins 1000] [--workspaces 20] [--replicas 3] [--kills 30] [--restarts 5]

The processes are the whole application on one PostgreSQL, killed with SIGKILL at random moments and started again
while the boards and the direct messages go out; PostgreSQL itself is killed and started again between them.
Afterwards every message of every workspace is counted in what Slack saw: one that is missing or there twice is named,
and the exit code is 1. What cannot be known is counted as unclear.
"""

import argparse
import asyncio
import sys

from tests.support.databases import own_postgres
from tests.support.fleet import Plan, play


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.killed", description=__doc__.splitlines()[0])
    parser.add_argument("--checkins", type=int, default=1000)
    parser.add_argument("--workspaces", type=int, default=20)
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--restarts", type=int, default=5, help="how often PostgreSQL is killed")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    each = max(given.checkins // given.workspaces, 1)
    plan = Plan(given.workspaces, each, given.replicas, given.kills, given.seed, restarts=given.restarts)
    with own_postgres() as (url, restart):
        found = asyncio.run(play(url, plan, lambda words: print(f"  {words}", file=sys.stderr, flush=True), restart))
    print(f"{plan.checkins:,} check-ins, {plan.workspaces} workspaces, {plan.replicas} processes, seed {plan.seed}")
    print(f"  killed {found.kills}   PostgreSQL killed {found.restarts}")
    print(f"  opened {found.opened:,}   messages {found.posts:,}   unclear {found.unclear}")
    print(f"  lost or doubled {len(found.wrong)}   settled after {found.seconds:.0f} s", flush=True)
    for line in found.wrong[:20]:
        print(f"  {line}")
    if found.wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
