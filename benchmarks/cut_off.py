"""Hosts that lose the database, Slack or both for a while, without a word: everything happens exactly once.

    python -m benchmarks.cut_off [--engagements 24] [--seed 1] [--loss 0.05 --delay 0.02 0.06]

Three hosts (network namespaces of Linux, so it needs root) run a process each by its own command line; PostgreSQL and
the sandbox, which keeps Slack's limits, are reached by cables of their own. While check-ins open and people answer in
threads and by forms, cables are pulled at the switch: what is sent is lost, or only the answers to it, and nobody is
told that a connection is gone. What a host says of itself at `/readyz` is shown: how long after the cut it is unwell,
and how long after the end of it well again. With `--loss` and `--delay` all cables are bad besides, all the time: of
what goes by them, each way, that share is lost, and the rest takes its time, so that some of it overtakes. Afterwards
every message is counted in what Slack was told and shows, and every answer that was acknowledged in what is stored.
What is wrong is named, and the exit code is 1.
"""

import argparse
import asyncio
import sys

from tests.support.cable import Weather
from tests.support.cut_off import Plan, Played, play
from tests.support.hosts import NoHostsError
from tests.support.processes import RolloutError


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cut_off", description=__doc__.splitlines()[0])
    parser.add_argument("--engagements", type=int, default=24, help="each opens five check-ins of three people")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--loss", type=float, default=0.0, help="share of all frames that is lost, each way")
    parser.add_argument("--delay", type=float, nargs=2, default=(0.0, 0.0), metavar="SECONDS", help="from and to")
    given = parser.parse_args(argv)
    weather = Weather(given.loss, *given.delay)
    plan = Plan(given.engagements, seed=given.seed, weather=weather if weather != Weather() else None)
    try:
        found = asyncio.run(play(plan, lambda words: print(f"  {words}", file=sys.stderr, flush=True)))
    except (NoHostsError, RolloutError) as error:
        sys.exit(f"It could not be played to its end. {error}")
    _report(plan, found)
    if found.wrong:
        sys.exit(1)


def _report(plan: Plan, found: Played) -> None:
    cables = f"; cables: {plan.weather}" if plan.weather else ""
    print(f"{plan.engagements} engagements, {plan.hosts} hosts, seed {plan.seed}{cables}")
    for one in found.cut_off:
        noticed, well = (f"{seconds:.0f} s" if seconds is not None else "never" for seconds in (one.noticed, one.well))
        print(f"  {one.cut}: host {one.host + 1} was unwell after {noticed}, well again after {well}")
    print(found.figures())
    print(found.logged())
    print(found.verdict(), flush=True)


if __name__ == "__main__":
    main()
