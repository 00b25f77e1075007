"""One clock for many processes: the instant stands in a small file that all of them map."""

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FORMAT = struct.Struct("<q")


class SharedClock:
    """Moves only when told to, and then for everybody at once: a frozen process wakes up late."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), _FORMAT.size)

    @classmethod
    def made(cls, path: Path, start: datetime) -> "SharedClock":
        """A new clock that stands at `start`."""
        path.write_bytes(_FORMAT.pack((start - _EPOCH) // _MICROSECOND))
        return cls(path)

    def now(self) -> datetime:
        """The instant it was last set to, in UTC."""
        return _EPOCH + _FORMAT.unpack(self._page[:])[0] * _MICROSECOND

    def set(self, moment: datetime) -> None:
        """Move to `moment`; it never goes back."""
        self._page[:] = _FORMAT.pack((max(moment, self.now()) - _EPOCH) // _MICROSECOND)
