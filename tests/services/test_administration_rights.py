"""Who may administer: every use case of settings and set-up, every kind of person. One that is not listed fails."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from models.access import Actor, Role, Side, Standing
from models.cadences.tables import Cadence
from models.db import Tx
from models.engagements.rules import Belongs
from models.engagements.tables import Engagement, Participant
from models.errors import DomainError, NotAllowed, NotFound
from models.setup import drafts, setups
from models.setup.beginning import Step
from models.setup.edits import Kind
from models.setup.found import Found
from tests.support.world import PEOPLE, WORKSPACE, World, build

STAFF = {
    "dora": ("U0DORA", "Dora", Side.INHOUSE, Role.LEAD, "Europe/Paris"),
    "mira": ("U0MIRA", "Mira", Side.INHOUSE, Role.MEMBER, "Europe/Paris"),
    "erik": ("U0ERIK", "Erik", Side.INHOUSE, Role.EXECUTIVE, "Europe/Paris"),
    "gone": ("U0GONE", "Gone", Side.INHOUSE, Role.LEAD, "Europe/Paris"),
}
ON_THE_ROSTER = {
    "owner": "ines",
    "deputy": "olaf",
    "lead": "dora",
    "member": "mira",
    "executive": "erik",
    "observer": "ada",
    "provider's lead": "vera",
    "provider's member": "vik",
}
OFF = {"deactivated": "gone", "stranger": "mallory"}
KINDS = (*ON_THE_ROSTER, *OFF, "other workspace")
FREE = "C0FREE"

Call = Callable[[Tx, UUID, UUID], Any]
"""With the engagement's id, and a draft of the person's own if they could begin one, else one of the owner's."""

SETTINGS: Mapping[str, Call] = {
    "administered": lambda tx, engagement, _: drafts.administered(tx, engagement),
    "current": lambda tx, engagement, _: drafts.current(tx, engagement),
    "begin": lambda tx, engagement, _: drafts.begin(tx, engagement, Kind.HOLIDAYS, "vendor"),
    "sheet": lambda tx, _, draft: drafts.sheet(tx, draft),
    "keep": lambda tx, _, draft: drafts.keep(tx, draft, {"country": "FR"}),
    "review": lambda tx, _, draft: drafts.review(tx, draft),
    "renew": lambda tx, _, draft: drafts.renew(tx, draft),
    "save": lambda tx, _, draft: drafts.save(tx, draft),
}
INNER = {"forget_old"}
"""Called by the others, when they have checked."""

SETUP: Mapping[str, Call] = {
    "begin": lambda tx, _, __: setups.begin(tx, FREE, "UTC"),
    "resume": lambda tx, _, draft: setups.resume(tx, draft, "UTC"),
    "to_invite": lambda tx, _, __: setups.to_invite(tx, FREE),
    "invited": lambda tx, _, draft: setups.invited(tx, draft),
    "setup": lambda tx, _, draft: setups.setup(tx, draft),
    "keep": lambda tx, _, draft: setups.keep(tx, draft, {"vendor": "New"}),
    "check": lambda tx, _, draft: setups.check(tx, draft, Step.DAYS),
    "outlook": lambda tx, _, draft: setups.outlook(tx, draft),
    "create": lambda tx, _, draft: setups.create(tx, draft),
}
FOUND = (
    Found("U0NEA", "Nea", "UTC", WORKSPACE, Belongs.COLLEAGUE),
    Found("U0NOA", "Noa", "UTC", WORKSPACE, Belongs.COLLEAGUE),
    Found("U0NIK", "Nik", "UTC", "T0ELSE", Belongs.EXTERNAL),
)
CHOSEN = {"vendor": "New", "inhouse_people": "U0NEA U0NOA", "vendor_people": "U0NIK", "owner": "U0NEA"}
CHOSEN |= {"deputy": "U0NOA", "lead": "U0NIK", "company": "Acme"}


@pytest.fixture
def world(db: Any, clock: Any) -> World:
    made = build(db, clock, people={**PEOPLE, **STAFF})
    made.change(Participant, {"id": made.place("olaf")}, is_deputy=True)
    made.change(Participant, {"id": made.place("gone")}, is_active=False)
    made.change(Cadence, {"key": "summary"}, zone="Europe/Paris")
    return made


def actor(world: World, kind: str) -> Actor:
    if kind == "other workspace":
        return replace(world.actor("ines"), workspace_id="T0ELSE")
    return world.actor({**ON_THE_ROSTER, **OFF}[kind])


def outcome(world: World, who: Actor, call: Call, draft: UUID) -> type[DomainError] | None:
    try:
        with world.db.transaction(who) as tx:
            call(tx, world.engagement_id, draft)
    except DomainError as refusal:
        return type(refusal)
    return None


def settings_draft(world: World, who: Actor) -> UUID:
    with world.db.transaction(who) as tx:
        sheet = drafts.begin(tx, world.engagement_id, Kind.HOLIDAYS, "vendor")
        drafts.keep(tx, sheet.draft_id, {"country": "BR"})
        return sheet.draft_id


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_who_may_change_an_engagement(world: World, name: str, kind: str) -> None:
    who = actor(world, kind)
    may = kind in ("owner", "deputy")
    draft = settings_draft(world, who if may else world.actor("ines"))

    found = outcome(world, who, SETTINGS[name], draft)

    is_about_draft = name in ("sheet", "keep", "review", "renew", "save")
    outside = kind in OFF or kind == "other workspace"
    expected = NotFound if is_about_draft or outside else NotAllowed
    assert found is (None if may else expected)


@pytest.mark.parametrize("name", ["sheet", "keep", "review", "renew", "save"])
def test_a_form_serves_nobody_but_who_began_it(world: World, name: str) -> None:
    assert outcome(world, world.actor("olaf"), SETTINGS[name], settings_draft(world, world.actor("ines"))) is NotFound


@pytest.mark.parametrize("name", ["sheet", "keep", "review", "renew", "save"])
def test_a_form_serves_nobody_who_has_lost_the_right(world: World, name: str) -> None:
    draft = settings_draft(world, world.actor("olaf"))
    world.change(Participant, {"id": world.place("olaf")}, is_deputy=False)

    assert outcome(world, world.actor("olaf"), SETTINGS[name], draft) is NotAllowed


STANDINGS: Mapping[tuple[str, Standing], bool] = {
    ("stranger", Standing.COLLEAGUE): True,
    ("stranger", Standing.ADMINISTRATOR): True,
    ("stranger", Standing.OUTSIDER): False,
    ("member", Standing.COLLEAGUE): True,
    ("owner", Standing.OUTSIDER): False,
    ("provider's lead", Standing.OUTSIDER): False,
    ("provider's lead", Standing.COLLEAGUE): False,
    ("provider's lead", Standing.ADMINISTRATOR): True,
}
"""Who may begin something new, by what Slack says of them."""


@pytest.mark.parametrize(("kind", "standing"), STANDINGS, ids=str)
@pytest.mark.parametrize("name", sorted(SETUP))
def test_who_may_set_up(world: World, name: str, kind: str, standing: Standing) -> None:
    who = replace(actor(world, kind), standing=standing)
    with world.db.transaction(replace(who, standing=Standing.ADMINISTRATOR)) as tx:
        draft = setups.begin(tx, FREE, "UTC").draft_id
        setups.keep(tx, draft, {}, FOUND)
        setups.keep(tx, draft, CHOSEN)

    assert outcome(world, who, SETUP[name], draft) is (None if STANDINGS[kind, standing] else NotAllowed)


@pytest.mark.parametrize("name", sorted(set(SETUP) - {"begin", "to_invite"}))
def test_a_set_up_serves_nobody_but_who_began_it(world: World, name: str) -> None:
    first = replace(world.actor("mallory"), standing=Standing.ADMINISTRATOR)
    with world.db.transaction(first) as tx:
        draft = setups.begin(tx, FREE, "UTC").draft_id
    other = replace(world.actor("ines"), standing=Standing.ADMINISTRATOR)

    assert outcome(world, other, SETUP[name], draft) is NotFound


def test_every_use_case_is_listed() -> None:
    for module, listed in ((drafts, {*SETTINGS, *INNER}), (setups, set(SETUP))):
        public = {
            name
            for name, thing in vars(module).items()
            if inspect.isfunction(thing) and thing.__module__ == module.__name__ and not name.startswith("_")
        }
        assert public == listed


def test_nobody_changes_the_own_side_or_role(world: World) -> None:
    for values in ({"role": "member"}, {"side": "vendor", "deputy": "no"}, {"role": "leaves"}, {"deputy": "no"}):
        with world.db.transaction(world.actor("olaf")) as tx:
            draft = drafts.begin(tx, world.engagement_id, Kind.PERSON, "U0OLAF").draft_id
            drafts.keep(tx, draft, values)

        with pytest.raises(DomainError), world.db.transaction(world.actor("olaf")) as tx:
            drafts.save(tx, draft)


def test_the_owner_stays_the_owner_whatever_a_form_says(world: World) -> None:
    with world.db.transaction(world.actor("ines")) as tx:
        draft = drafts.begin(tx, world.engagement_id, Kind.PERSON, "U0INES").draft_id
        drafts.keep(tx, draft, {"role": "leaves", "side": "vendor", "zone": "Europe/Rome"})
        drafts.save(tx, draft)

    with world.db.read(world.actor("ines")) as tx:
        file = drafts.current(tx, world.engagement_id)
    assert [(who.role, who.zone) for who in file.people if who.slack_id == "U0INES"] == [(Role.OWNER, "Europe/Rome")]


def test_a_closed_engagement_is_changed_by_nobody(world: World) -> None:
    world.change(Engagement, {"id": world.engagement_id}, state="closed")

    assert outcome(world, world.actor("ines"), SETTINGS["begin"], world.engagement_id) is not None
