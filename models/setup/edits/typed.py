"""What was filled in, read field by field; everything that is wrong is said at once, each on its own field."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from models.errors import Invalid
from models.setup.file import EngagementFile, FileErrors
from models.setup.reading import read
from models.setup.writing import write

T = TypeVar("T")

Values = Mapping[str, str]
"""Field to what stands in it; "" = nothing."""


class Typed:
    """The fields of one form."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self.problems: dict[str, str] = {}

    def text(self, name: str) -> str:
        """What stands in a field, without blanks around it."""
        return self._values.get(name, "").strip()

    def read(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """A field's value; `default` where nothing stands in it, or after noting what is wrong."""
        if not self.text(name):
            return default
        try:
            return parse(self.text(name))
        except ValueError as error:
            self.wrong(name, str(error))
            return default

    def needed(self, name: str, parse: Callable[[str], T], default: T, missing: str) -> T:
        """A field that has to be filled in."""
        if not self.text(name):
            self.wrong(name, missing)
        return self.read(name, parse, default)

    def wrong(self, name: str, text: str) -> None:
        """Note what is wrong with a field."""
        self.problems.setdefault(name, text)

    def check(self) -> None:
        """Raise Invalid with everything that is wrong, if anything is."""
        if self.problems:
            raise Invalid(self.problems)


def checked(file: EngagementFile, fields: Values, renamed: Mapping[str, str] | None = None) -> EngagementFile:
    """The file in normal form, if it is one that could be read: every rule of engagement files holds for forms too.

    Raises Invalid: each problem on the field it names (`renamed` maps a file's field to a form's), else on the first.
    """
    try:
        return read(write(file).encode(), "")
    except FileErrors as errors:
        first = next(iter(fields), "")
        problems: dict[str, str] = {}
        for problem in errors.problems:
            name = problem.path.rpartition(".")[2].partition("[")[0]
            name = (renamed or {}).get(name, name)
            place = name if name in fields else first
            problems[place] = f"{problems[place]} {problem.text}" if place in problems else problem.text
        raise Invalid(problems) from None
