"""What is proved on one database with `make test`, by turns, and on the other one as well with `make soak`."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.databases import BACKENDS


def by_turns(turn: int) -> Iterator[tuple[str, Any]]:
    """Each database, with the marks of its case: the one whose turn it is has none."""
    for backend in BACKENDS:
        yield backend, () if BACKENDS[turn % len(BACKENDS)] == backend else pytest.mark.soak
