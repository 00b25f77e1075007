"""Reads fields out of nodes, one after the other, and collects everything that is wrong with line and path."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TypeVar

from models.calendars.local_time import nearest
from models.setup.file import Problem
from models.setup.yaml_nodes import Fields, Node, Scalar, Sequence

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spot:
    """A node, where it stands and what it is called."""

    node: Node
    line: int
    path: str
    problems: list[Problem]

    def wrong(self, text: str) -> None:
        """Note what is wrong here."""
        self.problems.append(Problem(self.line, self.path, text))

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was written."""
        return isinstance(self.node, Scalar) and self.node.text is None

    def read(self, parse: Callable[[str], T], default: T) -> T:
        """The value of one line of text; `default` after a problem, so that reading goes on."""
        if not isinstance(self.node, Scalar) or self.node.text is None:
            self.wrong("Write one value here.")
            return default
        try:
            return parse(self.node.text)
        except ValueError as error:
            self.wrong(str(error))
            return default

    def items(self, most: int) -> Iterator["Spot"]:
        """The items of a list, counted from 1."""
        if self.is_nothing:
            return
        if not isinstance(self.node, Sequence):
            self.wrong("Write a list here: one item a line, each begun with a hyphen.")
            return
        if len(self.node.items) > most:
            self.wrong(f"There are {len(self.node.items)} items; {most} is the most.")
        for number, item in enumerate(self.node.items[:most], 1):
            yield Spot(item, item.line, f"{self.path}[{number}]", self.problems)

    def named(self, most: int) -> Iterator[tuple[str, "Spot"]]:
        """The entries of a mapping whose names are free."""
        if self.is_nothing:
            return
        if not isinstance(self.node, Fields):
            self.wrong("Write named entries here: one a line, each `name: value`.")
            return
        if len(self.node.entries) > most:
            self.wrong(f"There are {len(self.node.entries)} entries; {most} is the most.")
        for name, (line, node) in list(self.node.entries.items())[:most]:
            yield name, Spot(node, line, f"{self.path}.{name}" if self.path else name, self.problems)


class Section:
    """A mapping with known fields. `finish` reports every field that nobody asked for."""

    def __init__(self, spot: Spot) -> None:
        self.spot = spot
        self._asked: set[str] = set()
        self._entries: dict[str, tuple[int, Node]] = {}
        if isinstance(spot.node, Fields):
            self._entries = spot.node.entries
        elif not spot.is_nothing:
            spot.wrong("Write named fields here: one a line, each `name: value`.")

    def field(self, name: str) -> Spot | None:
        """A field that has something in it."""
        self._asked.add(name)
        if name not in self._entries:
            return None
        line, node = self._entries[name]
        found = Spot(node, line, f"{self.spot.path}.{name}" if self.spot.path else name, self.spot.problems)
        return None if found.is_nothing else found

    def value(self, name: str, parse: Callable[[str], T], default: T, *, needed: str = "") -> T:
        """A field's value. Missing gives `default`; with `needed`, which says what to write, it is a problem."""
        found = self.field(name)
        if found is not None:
            return found.read(parse, default)
        if needed and (isinstance(self.spot.node, Fields) or self.spot.is_nothing):
            line, path = self.spot.line, f"{self.spot.path}.{name}" if self.spot.path else name
            self.spot.problems.append(Problem(line, path, f"It is missing. {needed}"))
        return default

    def section(self, name: str) -> "Section | None":
        """A field that holds fields itself."""
        found = self.field(name)
        return Section(found) if found else None

    def without(self, names: Collection[str], why: str) -> None:
        """Report fields that make no sense here."""
        for name in names:
            if found := self.field(name):
                found.wrong(why)

    def finish(self) -> None:
        """Report fields that are unknown."""
        for name, (line, _) in self._entries.items():
            if name in self._asked:
                continue
            near = nearest(name[:64], self._asked)
            hint = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(sorted(self._asked))}."
            path = f"{self.spot.path}.{name[:64]}" if self.spot.path else name[:64]
            self.spot.problems.append(Problem(line, path, f"There is no such field. {hint}"))
