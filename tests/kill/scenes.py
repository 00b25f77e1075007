"""The scenes that flows begin from, each made once a process by playing the flows before it without harm."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

from tests.kill.case import Case, Died, Nursery, Scene, Strike, case
from tests.kill.findings import Found, found, opened, sent_twice
from tests.kill.flows import FLOWS, Flow
from tests.kill.world import START
from tests.support.databases import copied_database, empty_database
from tests.support.engines import redirect


class Theatre:
    """Where cases are played, on one kind of database."""

    def __init__(self, backend: str) -> None:
        self._backend = backend
        self._kept = ExitStack()
        self._folder = Path(self._kept.enter_context(tempfile.TemporaryDirectory(prefix="kill-")))
        self._looked_at = self._kept.enter_context(empty_database(backend, self._folder))
        self.nursery = Nursery(self._looked_at)
        self._eye = opened(self._looked_at)
        redirect(self._eye.engine, lambda: self._looked_at)
        self._numbers = count(1)
        self._scenes: dict[str, Scene] = {}
        self._ends: dict[str, Found] = {}

    def close(self) -> None:
        """Throw everything away."""
        self.nursery.close()
        self._eye.close()
        self._kept.close()

    async def unharmed(self, flow: Flow) -> Found:
        """How a flow ends when nothing befalls it."""
        await self._scene_after(flow)
        return self._ends[flow.name]

    async def struck(self, flow: Flow, strike: Strike) -> tuple[bool, Found]:
        """Play a flow; whether the blow fell, and how it ended once the application was up again."""
        async with self.stage(flow) as made:
            try:
                await made.begin(self.nursery, strike)
                await flow.play(made)
            except Died:
                await made.end_all()
                await made.begin(self.nursery)
                await flow.play(made)
            return len(made.lives) > 1, self.look(made)

    @asynccontextmanager
    async def stage(self, flow: Flow) -> AsyncIterator[Case]:
        """A case at the beginning of a flow."""
        before = await self._scene_after(FLOWS[flow.after]) if flow.after else self._empty()
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        async with case(before, folder) as made:
            yield made

    async def _scene_after(self, flow: Flow) -> Scene:
        if flow.name not in self._scenes:
            async with self.stage(flow) as made:
                await made.begin(self.nursery)
                await flow.play(made)
                self._ends[flow.name] = self.look(made)
                scene = await made.scene()
                kept = self._kept.enter_context(copied_database(scene.address, self._folder))
                self._scenes[flow.name] = replace(scene, address=kept)
        return self._scenes[flow.name]

    def _empty(self) -> Scene:
        if "" not in self._scenes:
            address = self._kept.enter_context(empty_database(self._backend, self._folder))
            self._scenes[""] = Scene(address, "", START)
        return self._scenes[""]

    def look(self, made: Case, *, even_for_a_moment: bool = True) -> Found:
        """What is there now; and `even_for_a_moment` nothing may have been there twice."""
        self._looked_at, self._eye.clock = made.address, made.clock
        try:
            seen = found(made.sandbox.workspace, self._eye)
            twice = sent_twice(made.sandbox.calls) if even_for_a_moment else ()
            return replace(seen, wrong=[*seen.wrong, *twice])
        finally:
            self._eye.engine.dispose()
