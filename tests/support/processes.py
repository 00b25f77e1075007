"""A release as its users run it: processes of its own command line, with settings in the environment alone."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

_STARTS_WITHIN = 90.0
"""Seconds, on a busy machine."""
_STOPS_WITHIN = 60.0
_MINOR = frozenset({"debug", "info", "warning"})
_OF_THE_DATABASE = frozenset({"IntegrityError", "ProgrammingError", "OperationalError", "InternalError", "DataError"})
"""Errors that are told of in minor lines too, because somebody tries again: perhaps a process of the other release."""
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "TZ")


class RolloutError(Exception):
    """It could not be gone on with; the text says why."""


@dataclass(frozen=True)
class Release:
    """The code in a folder, and the settings for it. Its logs are written into `logs`.

    `inside` stands before its commands: what runs them on another host.
    """

    code: Path
    settings: Mapping[str, str]
    logs: Path
    inside: tuple[str, ...] = ()

    async def command(self, *words: str) -> tuple[int, str]:
        """Run a command of `cadence` to its end; its exit code and all it said. Raises TimeoutError."""
        process = await asyncio.create_subprocess_exec(
            *self._line(*words),
            cwd=self.code,
            env=self._environment("command"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(_STARTS_WITHIN):
                said, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            raise
        return process.returncode or 0, said.decode(errors="replace")

    async def start(self, name: str) -> "Running":
        """Start `cadence run`, and wait until it says that it has."""
        running = self._run(name)
        until = monotonic() + _STARTS_WITHIN
        while not running.says("started"):
            if running.process.poll() is not None or monotonic() > until:
                running.process.kill()
                raise RolloutError(f"{name} did not start:\n{running.log.read_text()}")
            await asyncio.sleep(0.2)
        return running

    def _run(self, name: str) -> "Running":
        log = self.logs / f"{name}.log"
        with log.open("w") as out:
            process = subprocess.Popen(
                self._line("run"), cwd=self.code, env=self._environment(name), stdout=out, stderr=subprocess.STDOUT
            )
        return Running(name, process, log)

    def _line(self, *words: str) -> tuple[str, ...]:
        return (*self.inside, sys.executable, "-m", "bot", "--env-file", str(self.logs / "no.env"), *words)

    def _environment(self, name: str) -> dict[str, str]:
        """Nothing of ours but the settings; PostgreSQL knows the process by its name."""
        found = {key: os.environ[key] for key in _KEPT if key in os.environ}
        address = self.settings["DATABASE_URL"]
        named = f"{address}{'&' if '?' in address else '?'}application_name={name}"
        return found | self.settings | {"DATABASE_URL": named, "PYTHONPATH": str(self.code)}


@dataclass
class Running:
    """A process of a release."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path
    struck_after: int | None = None
    """How many lines its log had when it was told to end; none: it was not."""

    @property
    def ended_by_itself(self) -> bool:
        """Whether it is gone though nobody has told it to."""
        return self.struck_after is None and self.process.poll() is not None

    async def strike(self, sign: int) -> int:
        """Send it a signal that ends it, and wait for that; its exit code."""
        self.struck_after = len(list(self.lines()))
        self.process.send_signal(sign)
        with suppress(subprocess.TimeoutExpired):
            return await asyncio.to_thread(self.process.wait, _STOPS_WITHIN)
        self.process.kill()
        return await asyncio.to_thread(self.process.wait)

    async def stop(self) -> int:
        """Stop it as an operator does; its exit code, 0 if it went in order."""
        return await self.strike(signal.SIGTERM)

    def says(self, event: str) -> bool:
        """Whether its log has an event."""
        return any(line.get("event") == event for line in self.lines())

    def lines(self) -> Iterator[Mapping[str, str]]:
        """Its log; what is no line of the log's own shape counts as an error."""
        for text in self.log.read_text(errors="replace").splitlines():
            try:
                yield json.loads(text)
            except json.JSONDecodeError:
                yield {"level": "error", "event": text}

    def errors(self, *, at_stop: bool = False) -> list[str]:
        """What it wrote that is worse than a warning, or tells of an error of the database: while it was at work, or
        after it was told to end."""
        lines = list(self.lines())
        chosen = lines[self.struck_after :] if at_stop else lines[: self.struck_after]
        return [f"{self.name} logged: {json.dumps(line)}" for line in chosen if _is_error(line)]

    def warnings(self) -> list[str]:
        """The events of its warnings; a library's sentences by the library's name."""
        events = [
            (str(line.get("event")), line.get("logger")) for line in self.lines() if line.get("level") == "warning"
        ]
        return [f"{library} says" if " " in event else event for event, library in events]


def _is_error(line: Mapping[str, str]) -> bool:
    return line.get("level") not in _MINOR or not _OF_THE_DATABASE.isdisjoint(map(str, line.values()))
