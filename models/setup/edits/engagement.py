"""The names of both sides, the channels, and the time zone of whatever names none."""

from dataclasses import replace

from models.setup import values as parse
from models.setup.edits.typed import Typed, Values, checked
from models.setup.file import EngagementFile
from models.setup.found import Found


def initial(file: EngagementFile, _: str = "", __: Found | None = None) -> Values:
    """As they are."""
    return {
        "company": file.company,
        "vendor": file.vendor,
        "channel": file.channel,
        "inhouse_channel": file.inhouse_channel or "",
        "zone": file.zone,
    }


def edited(file: EngagementFile, _: str, __: Found | None, values: Values) -> EngagementFile:
    """The file with these names, channels and zone."""
    typed = Typed(values)
    file = replace(
        file,
        company=typed.needed("company", parse.name, file.company, "Please name your company."),
        vendor=typed.needed("vendor", parse.name, file.vendor, "Please name the provider."),
        channel=typed.needed("channel", parse.channel_id, file.channel, "Please choose the shared channel."),
        inhouse_channel=typed.read("inhouse_channel", parse.channel_id, None),
        zone=typed.needed("zone", parse.zone, file.zone, "Please name a time zone, such as Europe/Paris."),
    )
    typed.check()
    return checked(file, values)
