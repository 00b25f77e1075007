"""YAML as nodes with line numbers, read without trust: no tags, anchors or aliases, nothing huge, nothing twice.

Values stay the text that was written: whoever reads a field knows what it must be, so `14:00` is a time and `NO` is
Norway, whatever YAML 1.1 would make of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from models.setup.file import Problem

MOST_BYTES = 256 * 1024
_DEEPEST = 8
_MOST_NODES = 10_000
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as written; `text` is None for nothing."""

    line: int
    text: str | None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    line: int
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping: name to (line of the name, value)."""

    line: int
    entries: dict[str, tuple[int, "Node"]]


Node = Scalar | Sequence | Fields


class Unreadable(Exception):
    """It is not YAML we read; `problem` says where and why."""

    def __init__(self, line: int, text: str, path: str = "") -> None:
        self.problem = Problem(line, path, text)
        super().__init__(text)


def read_yaml(data: bytes, problems: list[Problem]) -> Node:
    """The document in `data`. Names that come twice are added to `problems`. Raises Unreadable."""
    if len(data) > MOST_BYTES:
        raise Unreadable(1, f"The file is larger than {MOST_BYTES // 1024} KB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Unreadable(line, "The file is not UTF-8 text: save it as UTF-8.") from None
    try:
        return _Builder(text, problems).document()
    except yaml.MarkedYAMLError as error:
        raise Unreadable(_line(error.problem_mark or error.context_mark), _sentence(error)) from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise Unreadable(line, "There is a character that text cannot hold. Remove it.") from None
    except yaml.YAMLError as error:
        raise Unreadable(1, f"This is not YAML: {error}") from None


class _Builder:
    def __init__(self, text: str, problems: list[Problem]) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)
        self._problems = problems
        self._count = 0

    def document(self) -> Node:
        event = next(self._events)  # the stream starts
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return Scalar(1, None)
        root = self._node(next(self._events), 0)
        next(self._events)  # the document ends
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise Unreadable(_line(event.start_mark), "A file holds one engagement: remove what follows `---`.")
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        line = _line(event.start_mark)
        self._count += 1
        if self._count > _MOST_NODES or depth > _DEEPEST:
            raise Unreadable(line, "The file is nested too deeply or holds too much for an engagement.")
        self._refuse_tricks(event, line)
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(line, tuple(self._items(depth)))
        if isinstance(event, yaml.MappingStartEvent):
            return self._fields(line, depth)
        assert isinstance(event, yaml.ScalarEvent)  # noqa: S101 (an alias was refused, nothing else is left)
        is_nothing = event.style is None and event.value in _NOTHING
        return Scalar(line, None if is_nothing else event.value)

    def _refuse_tricks(self, event: yaml.Event, line: int) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise Unreadable(
                line, "Anchors (&) and aliases (*) are not read. Write the value out, or put it in quotes."
            )
        if getattr(event, "tag", None) is not None:
            raise Unreadable(line, "Tags (!) are not read. Write the plain value, or put it in quotes.")

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _fields(self, line: int, depth: int) -> Fields:
        entries: dict[str, tuple[int, Node]] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            name = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if not isinstance(name, Scalar) or name.text is None:
                raise Unreadable(name.line, "A name before the colon must be plain text.")
            if name.text in entries:
                first = entries[name.text][0]
                self._problems.append(Problem(name.line, name.text, f"It stands on line {first} already. Remove one."))
                continue
            entries[name.text] = (name.line, value)
        return Fields(line, entries)


def _line(mark: Any) -> int:
    return int(mark.line) + 1 if mark else 1


def _sentence(error: yaml.MarkedYAMLError) -> str:
    what = error.problem or error.context or "it cannot be read"
    hint = (
        " Indent with spaces."
        if "\\t" in what
        else " Text with a colon or # needs quotes."
        if "mapping" in what
        else ""
    )
    return f"This is not YAML: {what}.{hint}"
