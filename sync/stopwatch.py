"""How long the stages of a pass take."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stopwatch:
    """`seconds` by stage; a stage that comes twice is added up."""

    seconds: dict[str, float] = field(default_factory=dict)
    latest: str = ""  # the stage that began last

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.latest, began = name, time.monotonic()
        try:
            yield
        finally:
            spent = time.monotonic() - began
            self.seconds[name] = round(self.seconds.get(name, 0.0) + spent, 3)
