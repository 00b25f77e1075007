"""The theatre, once for each kind of database and test process; and who plays together, so that few scenes are made."""

from collections.abc import Iterator

import pytest

from tests.kill.flows import FLOWS
from tests.kill.scenes import Theatre
from tests.support.databases import BACKENDS


@pytest.fixture(scope="session")
def theatres() -> Iterator[dict[str, Theatre]]:
    """All that were opened: a fixture with a parameter would be closed whenever another one has its turn."""
    opened: dict[str, Theatre] = {}
    yield opened
    for theatre in opened.values():
        theatre.close()


@pytest.fixture(params=BACKENDS)
def theatre(request: pytest.FixtureRequest, theatres: dict[str, Theatre]) -> Theatre:
    if request.param not in theatres:
        theatres[request.param] = Theatre(request.param)
    return theatres[request.param]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Flows that go on from one another are played in one test process, where the scenes before them are made once."""
    for item in items:
        given = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        if given.get("name") in FLOWS and "theatre" in given:
            item.add_marker(pytest.mark.xdist_group(f"{given['theatre']}-{_beginning(given['name'])}"))


def _beginning(name: str) -> str:
    """The first flow of those that lead to this one, after the opening of the day that nearly all begin with."""
    before = FLOWS[name].after
    return name if before in (None, "start", "opening") else _beginning(str(before))
