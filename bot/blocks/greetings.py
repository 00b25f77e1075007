"""The bot's first words to each side, and what is said when an engagement changes hands."""

from slack_sdk.models.blocks import ButtonElement

from bot import ids
from bot.blocks import kit
from bot.blocks.admin.setup_forms import NAME, rhythm
from bot.blocks.kit import Rendered
from bot.blocks.markup import esc, join, say, spoken
from models.access import Role, Side
from models.setup.file import EngagementFile


def shared(file: EngagementFile) -> Rendered:
    """In the shared channel, for both sides: what happens here, and who sees what."""
    lead = next((person for person in file.people if person.side is Side.VENDOR and person.role is Role.LEAD), None)
    owner = next(person for person in file.people if person.role is Role.OWNER)
    speaks = say(" {} speaks for {}.", esc(lead.name, kit.NAME), esc(file.vendor, NAME)) if lead else say("")
    lines = [
        say(
            "*Hello {} and {}.* {} looks after this engagement.{}",
            esc(file.company, NAME),
            esc(file.vendor, NAME),
            esc(owner.name, kit.NAME),
            speaks,
        ),
        join("\n", [rhythm(file, index) for index in range(len(file.cadences))]),
        say(
            "*Who sees what:* answers, promises and blockers stand here, and both sides read them. Both are asked, and "
            "both are measured by the same rules. Who has not answered is told only to the own side."
        ),
        say("*How to answer:* press *Answer*, or just reply in the thread. Mention me with `help` at any time."),
    ]
    return kit.message([spoken(line) for line in lines], [kit.section(line) for line in lines])


def inhouse(file: EngagementFile) -> Rendered:
    """For the in-house side alone."""
    where = (
        say("What I write here, the provider never sees: who of you did not answer, and what you owe.")
        if file.inhouse_channel
        else say("What is for you alone I write to you directly: there is no in-house channel.")
    )
    lines = [
        say(
            "*{} and {} are set up*, in {}.", esc(file.company, NAME), esc(file.vendor, NAME), kit.channel(file.channel)
        ),
        where,
        say("The owner and the deputies change everything with `/cadence settings` in the shared channel."),
    ]
    return kit.message([spoken(line) for line in lines], [kit.section(line) for line in lines])


def handed_over(file: EngagementFile) -> Rendered:
    """Who is accountable now."""
    owner = next(person for person in file.people if person.role is Role.OWNER)
    deputies = [esc(person.name, kit.NAME) for person in file.people if person.is_deputy]
    line = say(
        "*{}* is now the owner of the engagement of {} and {}. Deputy: {}.",
        esc(owner.name, kit.NAME),
        esc(file.company, NAME),
        esc(file.vendor, NAME),
        join(", ", deputies),
    )
    return kit.message([spoken(line)], [kit.section(line)])


def invitation(channel_id: str, draft_id: object) -> Rendered:
    """To whoever brought the bot into a channel."""
    line = say(
        "Thank you for inviting me to {}. I can keep the rhythm there between your company and a provider: check-ins, "
        "promises, blockers, a weekly summary. I post nothing until it is set up.",
        kit.channel(channel_id),
    )
    button = ButtonElement(
        text=kit.plain("Set up (2 min)", 75), action_id=ids.SETUP_OPEN, value=str(draft_id), style="primary"
    )
    return kit.message([spoken(line)], [kit.section(line), kit.actions(button)])
