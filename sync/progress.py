"""How far the work in hand is: for the watchdog, which kills what is stuck, and for a progress bar.

A step is something that came from outside and was dealt with: a call to the source that ended,
well or not, or a file that was prepared.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """Ages are in seconds of a clock that never jumps. All loops share one source connection, so
    any step counts for all of them: who waits for the connection gets on with whoever has it."""

    clock: Callable[[], float] = time.monotonic
    rows: int = 0  # of the list that comes in now
    files_wanted: int = 0
    files_done: int = 0
    _busy_since: dict[str, float] = field(default_factory=dict)
    _stepped_at: float = 0.0

    @contextlib.contextmanager
    def busy(self, loop: str) -> Iterator[None]:
        """While this lasts, `loop` has to make steps."""
        self._busy_since[loop] = self.clock()
        try:
            yield
        finally:
            del self._busy_since[loop]

    def step(self) -> None:
        self._stepped_at = self.clock()

    def files(self, wanted: int) -> None:
        """A round of files begins."""
        self.files_wanted, self.files_done = wanted, 0

    def file_done(self) -> None:
        self.files_done += 1
        self.step()

    def age(self, loop: str) -> float:
        """Since the last step of a loop at work; 0 for one that rests."""
        since = self._busy_since.get(loop)
        return 0.0 if since is None else self.clock() - max(since, self._stepped_at)

    def stuck(self, patience_s: float) -> list[str]:
        """The loops at work that have made no step for so long."""
        return [loop for loop in list(self._busy_since) if self.age(loop) > patience_s]
