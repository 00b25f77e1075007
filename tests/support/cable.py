"""A bad cable between two network devices: it loses some of what is sent, and takes its time with the rest.

    python -m tests.support.cable DEVICE DEVICE LOSS LEAST MOST SEED

It makes both devices (TAP, so it needs root), says "ready", and carries frames from each to the other until its input
ends; the devices are gone with it. A frame that is delayed longer than the next one arrives after it.
"""

import fcntl
import os
import random
import struct
import sys
from dataclasses import dataclass
from heapq import heappop, heappush
from selectors import EVENT_READ, DefaultSelector
from time import monotonic

_MAKE = 0x400454CA  # TUNSETIFF
_FRAMES_ALONE = 0x0002 | 0x1000  # IFF_TAP | IFF_NO_PI
_LONGEST = 65_536


@dataclass(frozen=True)
class Weather:
    """What a cable is like: the share of frames it loses each way, and how many seconds a frame takes, from and to."""

    loss: float = 0.0
    least: float = 0.0
    most: float = 0.0

    def __str__(self) -> str:
        return f"{self.loss:.0%} lost and {self.least * 1000:.0f} to {self.most * 1000:.0f} ms each way"


def device(name: str) -> int:
    """Make a device; what the kernel sends by it can be read, what is written is received."""
    made = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(made, _MAKE, struct.pack("16sH", name.encode(), _FRAMES_ALONE))
    return made


def carry(near: int, far: int, weather: Weather, seed: int) -> None:
    """Carry frames between both devices until the input ends."""
    chance = random.Random(seed)
    under_way: list[tuple[float, int, int, bytes]] = []
    others = {near: far, far: near}
    count = 0
    with DefaultSelector() as ready:
        for one in (near, far, sys.stdin.fileno()):
            ready.register(one, EVENT_READ)
        while True:
            patience = max(0.0, under_way[0][0] - monotonic()) if under_way else None
            for key, _ in ready.select(patience):
                if key.fd not in others:
                    return
                frame = os.read(key.fd, _LONGEST)
                if chance.random() >= weather.loss:
                    count += 1
                    arrives = monotonic() + chance.uniform(weather.least, weather.most)
                    heappush(under_way, (arrives, count, others[key.fd], frame))
            while under_way and under_way[0][0] <= monotonic():
                _, _, to, frame = heappop(under_way)
                _deliver(to, frame)


def _deliver(to: int, frame: bytes) -> None:
    try:
        os.write(to, frame)
    except OSError:  # the device is down: nobody receives
        return


def main() -> None:
    first, second, loss, least, most, seed = sys.argv[1:]
    near, far = device(first), device(second)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    carry(near, far, Weather(float(loss), float(least), float(most)), int(seed))


if __name__ == "__main__":
    main()
