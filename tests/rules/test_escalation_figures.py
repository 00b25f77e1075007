"""The figures of escalations, with the worked numbers of vendor governance."""

from datetime import timedelta

from models.access import Side
from models.escalations.figures import Case, figures, nearest_rank, table
from models.escalations.ladders import Severity


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def closed(acknowledged: int, resolved: int, **more: object) -> Case:
    return Case(
        Side.VENDOR,
        Severity.S1,
        age=minutes(resolved),
        target=minutes(60),
        acknowledged=minutes(acknowledged),
        resolved=minutes(resolved),
        is_acknowledged=True,
        **more,  # type: ignore[arg-type]
    )


WORKED = [
    closed(20, 180),
    closed(45, 600),
    closed(10, 95),
    closed(150, 1440),
    Case(Side.VENDOR, Severity.S1, age=minutes(300), target=minutes(60)),
]


def test_the_worked_numbers() -> None:
    found = figures(WORKED)

    assert (found.to_acknowledge, found.to_acknowledge_median) == (minutes(56.25), minutes(32.5))
    assert (found.to_resolve, found.to_resolve_median) == (minutes(578.75), minutes(390))
    assert found.to_resolve_p90 == minutes(1440)
    assert (found.in_target, found.in_target_of) == (3, 5)  # the open one is over its target: not 3 of 4
    assert (found.open, found.oldest_unacknowledged, found.oldest_open) == (1, minutes(300), minutes(300))


def test_an_open_one_within_its_target_is_pending() -> None:
    found = figures([*WORKED[:4], Case(Side.VENDOR, Severity.S1, age=minutes(59), target=minutes(60))])

    assert (found.in_target, found.in_target_of, found.open) == (3, 4, 1)


def test_nothing_is_no_data() -> None:
    found = figures([])

    assert found.is_empty
    assert (found.to_acknowledge, found.to_resolve_p90, found.in_target_of, found.oldest_open) == (None, None, 0, None)


def test_by_side_and_severity() -> None:
    other = Case(Side.INHOUSE, Severity.S3, age=minutes(10), target=None, was_reopened=True, was_exhausted=True)
    found = {(row.side, row.severity): row for row in table([*WORKED, other])}

    assert set(found) == {
        (None, None),
        (Side.INHOUSE, None),
        (Side.VENDOR, None),
        (None, Severity.S1),
        (None, Severity.S3),
    }
    assert found[Side.VENDOR, None].to_acknowledge == minutes(56.25)
    assert (found[Side.INHOUSE, None].reopened, found[Side.INHOUSE, None].exhausted) == (1, 1)
    assert found[None, Severity.S3].in_target_of == 0


def test_nearest_rank() -> None:
    ten = [minutes(n) for n in range(10, 0, -1)]

    assert nearest_rank(ten, 0.9) == minutes(9)
    assert nearest_rank(ten[:1], 0.9) == minutes(10)
