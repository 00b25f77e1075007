"""Hosts of one's own on this machine: network namespaces of Linux, each with a cable to the database and one to Slack.

A cable that is pulled at the switch loses what is sent without a word, as a failing switch or a firewall that forgets
does: nobody is told that a connection is gone. Namespaces need root.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.cable import Weather
from tests.support.older import ROOT

DATABASE, SLACK = "database", "slack"
_SUBNETS = {DATABASE: "10.77.1", SLACK: "10.77.2"}
_HARDWARE = {DATABASE: "02:00:0a:4d:01:01", SLACK: "02:00:0a:4d:02:01"}
"""Of the switches; no port's own, or what comes by a pulled cable would be taken all the same."""
_ETC = Path("/etc/netns")
_SYS = Path("/sys/class/net")


class NoHostsError(Exception):
    """This machine makes no hosts; the text says why."""


@dataclass(frozen=True)
class Host:
    """One host; its cables are whole at first."""

    name: str
    number: int

    @property
    def inside(self) -> tuple[str, ...]:
        """What stands before a command that is to run on it."""
        return ("ip", "netns", "exec", self.name)

    def pull(self, *cables: str) -> None:
        """Pull cables out of their switches, until they are `plugged` in again."""
        for cable in cables:
            _ip("link", "set", self._port(cable), "nomaster")

    def deafen(self, *cables: str) -> None:
        """What it sends arrives, but no answer comes back by these cables, until they are `plugged` in again."""
        for cable in cables:
            self._addresses(cable, (_SYS / self._port(cable) / "address").read_text().strip())
        self.pull(*cables)

    def plug(self, *cables: str) -> None:
        """Plug cables in again."""
        for cable in cables:
            self._addresses(cable, _HARDWARE[cable])
            _ip("link", "set", self._port(cable), "master", _switch(cable))

    def _addresses(self, cable: str, hardware: str) -> None:
        """Let it send to that hardware. As behind a router: it does not find out itself that nobody is there."""
        words = ("neigh", "replace", address(cable), "lladdr", hardware, "dev", cable, "nud", "permanent")
        _ip("-n", self.name, *words)

    def is_sending(self) -> bool:
        """Whether it still holds something that was sent and that nobody has confirmed."""
        line = (*self.inside, "cat", "/proc/net/tcp")
        connections = subprocess.run(line, check=True, capture_output=True, text=True).stdout.splitlines()[1:]
        return any(int(one.split()[4].split(":")[0], 16) for one in connections)

    def _port(self, cable: str) -> str:
        return f"cad-{cable[0]}{self.number}"

    def _add(self, stack: ExitStack, weather: Weather | None) -> None:
        """Made step by step; `stack` undoes each."""
        _ip("netns", "add", self.name)
        stack.callback(_ip, "netns", "del", self.name)
        _ip("-n", self.name, "link", "set", "lo", "up")
        for cable, subnet in _SUBNETS.items():
            if weather is None:
                _ip("link", "add", self._port(cable), "type", "veth", "peer", "name", cable, "netns", self.name)
                # By itself: connections that nobody could end keep a host that is gone, with its cables, for minutes.
                stack.callback(_ip, "link", "del", self._port(cable))
            else:
                self._lay_bad(stack, cable, weather)
            _ip("link", "set", self._port(cable), "up")
            _ip("-n", self.name, "addr", "add", f"{subnet}.{self.number + 1}/24", "dev", cable)
            _ip("-n", self.name, "link", "set", cable, "up")
            self.plug(cable)
        names = _ETC / self.name
        names.mkdir(parents=True)
        stack.callback(shutil.rmtree, names)
        # Slack without TLS is allowed under this name only; on this host it means where the sandbox listens.
        (names / "hosts").write_text(f"{address(SLACK)} localhost\n")

    def _lay_bad(self, stack: ExitStack, cable: str, weather: Weather) -> None:
        """A cable of that weather, whose ends are gone with the process that carries what goes by it."""
        far = f"{self._port(cable)}-far"
        what = [str(one) for one in (weather.loss, weather.least, weather.most, self.number)]
        line = (sys.executable, "-m", "tests.support.cable", self._port(cable), far, *what)
        process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        stack.callback(process.communicate)
        if process.stdout is None or process.stdout.readline() != b"ready\n":
            raise NoHostsError("No cable could be laid: it needs /dev/net/tun.")
        _ip("link", "set", far, "netns", self.name, "name", cable)


def address(cable: str) -> str:
    """Where this process listens for hosts that have that cable."""
    return f"{_SUBNETS[cable]}.1"


@contextmanager
def hosts(count: int, weather: Weather | None = None) -> Iterator[list[Host]]:
    """So many hosts, whose cables are of that weather if one is given; gone afterwards. Raises NoHostsError."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        raise NoHostsError("Hosts of one's own need root, and the command `ip` (Debian: iproute2).")
    with ExitStack() as stack:
        for cable in _SUBNETS:
            _ip("link", "add", _switch(cable), "address", _HARDWARE[cable], "type", "bridge")
            stack.callback(_ip, "link", "del", _switch(cable))
            _ip("addr", "add", f"{address(cable)}/24", "dev", _switch(cable))
            _ip("link", "set", _switch(cable), "up")
        made = [Host(f"cadence-{os.getpid()}-{number}", number) for number in range(1, count + 1)]
        for host in made:
            host._add(stack, weather)
        yield made


def _switch(cable: str) -> str:
    return f"cad-{cable}"


def _ip(*words: str) -> None:
    try:
        subprocess.run(("ip", *words), check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise RuntimeError(f"`ip {' '.join(words)}` says: {error.stderr.strip()}") from None
