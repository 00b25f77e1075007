"""`python -m tests.simulation 17` plays seed 17 and tells it; `--seeds 200 --weeks 4 --workers 2` plays many."""

import asyncio
import os
import sys
import time
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor, as_completed

import structlog

from bot import pauses
from tests.simulation.plans import plan_of
from tests.simulation.play import Outcome, played
from tests.simulation.report import told


def play(seed: int, weeks: int) -> Outcome:
    """One seed, from beginning to end."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    return asyncio.run(played(plan_of(seed, weeks)))


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seed", nargs="*", type=int, help="seeds to play and to tell")
    parser.add_argument("--seeds", type=int, default=0, help="play so many, from --from on")
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--weeks", type=int, default=4)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    wrong = 0
    for seed in asked.seed:
        outcome = play(seed, asked.weeks)
        wrong += bool(outcome.wrong)
        _say(told(outcome, len(outcome.transcript)) if outcome.wrong else _well(outcome))
    seeds = range(asked.first, asked.first + asked.seeds)
    return 1 if wrong or _many(seeds, asked.weeks, asked.workers) else 0


def _many(seeds: range, weeks: int, workers: int) -> list[int]:
    """The seeds that fail, each told as soon as it is over."""
    failed, began = [], time.monotonic()
    with ProcessPoolExecutor(workers, initializer=pauses.shorten) as pool:
        for future in as_completed([pool.submit(play, seed, weeks) for seed in seeds]):
            outcome = future.result()
            if outcome.wrong:
                failed.append(outcome.plan.seed)
                _say(told(outcome))
    if seeds:
        took = time.monotonic() - began
        _say(f"{len(seeds)} seeds of {weeks} weeks in {took:.0f} s; failed: {sorted(failed) or 'none'}")
    return failed


def _well(outcome: Outcome) -> str:
    happened = "\n".join(outcome.transcript)
    return f"{happened}\nSeed {outcome.plan.seed}: all is well after {outcome.checks} checks, {outcome.calls} calls."


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
