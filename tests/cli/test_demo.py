"""`cadence demo` as a newcomer has it: it starts, is stopped with Ctrl-C, goes on where it was, and begins anew."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

pytestmark = pytest.mark.slow

_BOARD = "Daily stand-up"


class Running:
    """A demo in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, greeting: str) -> None:
        self.process = process
        self.greeting = greeting
        found = re.search(r"http://\S+", greeting)
        assert found is not None
        self.address = found[0]

    async def goes_to_the_next_event(self) -> None:
        """Press the button on the page."""
        async with ClientSession() as session:
            async with session.get(self.address) as page:
                assert page.status == 200
            socket = await session.ws_connect(f"{self.address}page/socket", params={"as": "U0VERA"})
            await socket.send_json({"id": "r1", "do": "clock", "op": "next"})
            await socket.receive()

    async def stops(self) -> str:
        """Press Ctrl-C, and read what is said last."""
        self.process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(self.process.communicate(), 60)
        assert self.process.returncode == 0, err.decode()
        assert err.decode() == ""
        return out.decode()


@asynccontextmanager
async def demo(folder: Path, *args: str) -> AsyncIterator[Running]:
    command = [sys.executable, "-m", "bot", "demo", "--port", "0", "--folder", str(folder), *args]
    pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE}
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    process = await asyncio.create_subprocess_exec(*command, **pipes, env=environment)  # type: ignore[arg-type]
    assert process.stdout is not None
    try:
        greeting = await asyncio.wait_for(process.stdout.readuntil(b"Ctrl-C stops it.\n"), 60)
        yield Running(process, greeting.decode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def boards(folder: Path) -> list[str]:
    """The stand-ups' boards in the workspace that was kept, by their ids and first words."""
    kept: dict[str, Any] = json.loads((folder / "workspace.json").read_text())
    found = re.findall(rf'"text": "{_BOARD} · \w+ \d+ \w+', json.dumps(kept, ensure_ascii=False))
    return sorted(set(found))


async def test_ctrl_c_stops_it_and_the_next_start_goes_on_where_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    async with demo(folder) as first:
        assert "running." in first.greeting
        await first.goes_to_the_next_event()
        for _ in range(300):
            if (folder / "workspace.json").exists() and boards(folder):
                break
            await asyncio.sleep(0.1)
        assert "goes on from here" in await first.stops()
    shown = boards(folder)
    assert len(shown) == 1

    async with demo(folder) as second:
        assert "running again." in second.greeting
        await second.stops()
    assert boards(folder) == shown

    async with demo(folder, "--fresh") as third:
        assert "running." in third.greeting
        await third.stops()
    assert boards(folder) == []


async def test_a_second_demo_on_the_same_port_says_so(tmp_path: Path) -> None:
    async with demo(tmp_path / "one") as first:
        port = first.address.rstrip("/").rsplit(":", 1)[1]
        command = [sys.executable, "-m", "bot", "demo", "--port", port, "--folder", str(tmp_path / "two")]
        pipe = asyncio.subprocess.PIPE
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        second = await asyncio.create_subprocess_exec(*command, stderr=pipe, env=environment)
        _, err = await asyncio.wait_for(second.communicate(), 60)

        assert second.returncode == 1
        assert "Is another demo running?" in err.decode()
        await first.stops()
