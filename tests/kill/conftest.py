"""The theatre, once for each kind of database and test process."""

from collections.abc import Iterator

import pytest

from tests.kill.scenes import Theatre
from tests.support.databases import BACKENDS


@pytest.fixture(scope="session", params=BACKENDS)
def theatre(request: pytest.FixtureRequest) -> Iterator[Theatre]:
    made = Theatre(request.param)
    yield made
    made.close()
