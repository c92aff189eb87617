"""What a run of visitors found, as it is kept."""

from pathlib import Path

import msgspec

from bench.edgebench.results import Machine
from bench.goals import Verdict
from bench.load.judge import Memory
from bench.load.tally import Second, Summary
from bench.load.trouble import Seen


class Told(msgspec.Struct):
    """What the locustfile wrote."""

    totals: dict[str, Summary]
    kinds: dict[str, Summary]
    seconds: list[Second]
    faults: dict[str, int]
    began_at: float = 0.0  # unix time
    arrivals: int = 0  # how many came, each with a connection of their own
    settled: dict[str, Summary] = {}  # the totals from the profile's `settled_s` on

    @property
    def visitors(self) -> int:
        """At most, as they were counted."""
        return max((one.users for one in self.seconds), default=0)

    @property
    def visitor_seconds(self) -> float:
        """Where nobody counted, there are as many as when somebody did last."""
        total = last = 0
        for one in self.seconds:
            last = one.users or last
            total += last
        return float(total)

    @property
    def timed(self) -> dict[str, Summary]:
        """Those whose hits and times count."""
        return self.settled or self.totals


class Run(msgspec.Struct, kw_only=True):
    format: int = 3  # before 3, memory had its share of programs and libraries
    profile: str
    about: str
    made_at: str
    commit: str
    listings: int
    visitors: int  # at most, as they were counted
    visitor_seconds: float  # how long all of them were there
    seconds: int
    whole_seconds: int  # of the profile when it is not shortened
    machine: Machine
    told: Told
    cpu_s: dict[str, float] = {}  # of the stack's parts, over the run
    idle_cores: dict[str, float] = {}  # of the stack's parts, before anybody came
    memory_bytes: int = 0  # of the stack without the simulated Rentman, at the end
    memory: list[Memory] = []  # from the start to the end
    client_cpu_s: float = 0.0  # of the visitors
    acts: list[tuple[float, str]] = []
    seen: list[Seen] = []
    verdicts: list[Verdict] = []


class Pages(msgspec.Struct, kw_only=True):
    """First visits in a browser, each with an empty cache. Milliseconds from the address."""

    format: int = 2
    made_at: str
    commit: str
    listings: int
    browser: str
    machine: Machine
    document_ms: list[float]  # the HTML's last byte
    data_ms: list[float]  # ... of the first JSON
    complete_ms: list[float]  # ... of the last picture on the screen
    pictures: int  # on the screen
    verdicts: list[Verdict] = []


def load_run(path: Path) -> Run:
    return msgspec.json.decode(path.read_bytes(), type=Run)


def load_pages(path: Path) -> Pages:
    return msgspec.json.decode(path.read_bytes(), type=Pages)
