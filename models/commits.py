"""Several people's changes in one commit: on SQLite there is one writer, and every commit waits for the disk.

What waits while the writer is busy is done together, one after the other, in one transaction. Nobody is told before
that has been committed. Should any of it fail, nothing of it is kept, and each is done by itself: whoever fails,
fails alone.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from models.access import Actor

_MOST = 16
"""So many together at the most: the first one waits for the last."""


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A use case that a person asks for. It may be begun twice; what the first time did is rolled back then."""

    actor: Actor
    use: Callable[[Any], Any]
    done: "Future[Any]" = field(default_factory=Future)


class SharedCommits:
    """Hands requests to the writer: `together` does many in one transaction, `alone` does one and tells the watchers.

    `committed` tells them after many.
    """

    def __init__(
        self,
        writer: Executor,
        together: Callable[[Sequence[Request]], Sequence[Any]],
        alone: Callable[[Request], Any],
        committed: Callable[[], None],
    ) -> None:
        self._writer = writer
        self._together = together
        self._alone = alone
        self._committed = committed
        self._waiting: deque[Request] = deque()
        self._lock = Lock()
        self._is_asked = False
        """The writer has been asked to come by. Once is enough: it comes back as long as somebody waits."""

    def add(self, request: Request) -> "Future[Any]":
        """Have it done. The future is done when it has been committed, or has failed.

        Raises RuntimeError once the writer takes nothing new.
        """
        with self._lock:
            if not self._is_asked:
                self._writer.submit(self._write)
                self._is_asked = True
            self._waiting.append(request)
        return request.done

    def _write(self) -> None:
        """Do what waits, in turn with what else the writer has to do."""
        while True:
            self._write_some()
            with self._lock:
                self._is_asked = bool(self._waiting)
                if not self._is_asked:
                    return
            with suppress(RuntimeError):  # the writer takes nothing new: this is the last turn
                self._writer.submit(self._write)
                return

    def _write_some(self) -> None:
        with self._lock:
            taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST))]
        requests = [request for request in taken if request.done.set_running_or_notify_cancel()]
        if len(requests) < 2 or not self._written(requests):
            for request in requests:
                self._write_alone(request)

    def _written(self, requests: Sequence[Request]) -> bool:
        try:
            results = self._together(requests)
        except Exception:
            return False
        try:
            self._committed()
        finally:  # what fails in there must not have anything done again
            for request, result in zip(requests, results, strict=True):
                request.done.set_result(result)
        return True

    def _write_alone(self, request: Request) -> None:
        try:
            result = self._alone(request)
        except BaseException as error:
            request.done.set_exception(error)
        else:
            request.done.set_result(result)
