"""Many engagements that are alike: the same three people of the example world, and a channel for each."""

from collections.abc import Sequence

from sandbox.seed import BOT, INES, OLAF, VERA
from sandbox.workspace import Workspace

INHOUSE = (INES, OLAF)
PEOPLE = (*INHOUSE, VERA)
"""All of them are asked."""
_ENGAGEMENT = """
workspace: {workspace}
engagement: e{number}
company: Northwind Retail
vendor: Brightlane Systems
channel: {channel}
zone: {zone}
people:
  inhouse:
    - {{name: Ines Moreau, slack: U0INES, role: owner, workdays: {workdays}}}
    - {{name: Olaf Lindqvist, slack: U0OLAF, role: lead, workdays: {workdays}}}
  vendor:
    - {{name: Vera Iyer, slack: U0VERA, role: lead, team: T0BRIGHTLANE, workdays: {workdays}}}
cadences:
"""


def channel(number: int) -> str:
    """The channel of an engagement."""
    return f"C0E{number:05}"


def engagement(
    workspace: str, number: int, cadences: Sequence[str], *, zone: str = "UTC", workdays: str = "mon-fri"
) -> str:
    """The file of an engagement; each cadence is one line of it."""
    head = _ENGAGEMENT.format(workspace=workspace, number=number, channel=channel(number), zone=zone, workdays=workdays)
    return head + "".join(f"  {line}\n" for line in cadences)


def add_channels(world: Workspace, count: int) -> None:
    """The channels of so many engagements, with everybody in them."""
    for number in range(count):
        world.add_channel(channel(number), f"e{number}", "channel", [*PEOPLE, BOT])
