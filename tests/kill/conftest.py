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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Known to fail at times: a process frozen at a call on PostgreSQL. To be mended, not to be forgotten."""
    for item in items:
        if "test_frozen_at_every_step[postgres" in item.nodeid:
            item.add_marker(pytest.mark.xfail(reason="open defect: frozen at a call on PostgreSQL", strict=False))
