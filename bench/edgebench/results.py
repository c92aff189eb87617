"""What a run finds, as values: written as JSON, read again by `render`."""

import contextlib
import os
import platform
import subprocess
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from bench.edgebench.processes import ROOT

FORMAT = 2
CHANGED = " and changes"


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    cpu: str
    cores: int
    memory_mb: int
    kernel: str
    python: str


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of request, and how many bytes of body answer it."""

    name: str
    path: str
    accept_encoding: str
    status: int
    body_bytes: int
    method: str = ""  # where it is not the result's


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """One burst of requests against one server, as it was measured."""

    server: str
    subject: str
    number: int
    listings: int
    requests: int
    seconds: float
    cpu_s: float
    p50_ms: float
    p99_ms: float

    @property
    def cpu_us(self) -> float:
        return self.cpu_s / self.requests * 1e6

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One burst with so many connections."""

    connections: int
    round: Round


class Knee(msgspec.Struct, frozen=True, kw_only=True):
    """Of one server: where more connections bring no more answers (`bench.knee`), and the step at which
    p99 is first later than promised, if one is."""

    server: str
    connections: int
    rate: float
    p99_ms: float
    greatest_rate: float
    late_at: int | None
    late_p99_ms: float | None


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """The edge with so many listings, measured at rest."""

    listings: int
    cards: int
    payload_bytes: int  # all objects of the generation, as the store holds them
    memory_bytes: int
    cold_start_s: tuple[float, ...]
    next_start_s: tuple[float, ...]  # with what the one before left on disk
    back_s: tuple[float, ...]  # from the death of its only process to the successor's answer


class Flip(msgspec.Struct, frozen=True, kw_only=True):
    """One change of generation while requests come in."""

    listings: int
    seconds: float  # from the pointer's move to the new generation on /readyz
    cpu_s: float | None  # of the edge; only for a flip without load
    edge_bytes: int = 0  # from the store to this one edge; likewise
    sync_bytes: int = 0  # from `sync` to the store, its looks at the pointer among them


class FlipLoad(msgspec.Struct, frozen=True, kw_only=True):
    """The requests during those flips, and before them with `sync` at work but nothing to publish.

    Percentiles are those of the worst burst of four seconds.
    """

    listings: int
    flips: int
    requests: int
    faults: int  # answers that were not 2xx or not whole
    p50_ms: float
    p99_ms: float
    longest_ms: float
    still_p99_ms: float
    still_longest_ms: float
    peak_rss_bytes: int


class Result(msgspec.Struct, kw_only=True):
    """Everything one run found; stages fill it one after the other."""

    format: int = FORMAT
    made_at: str
    smoke: bool
    commit: str
    machine: Machine
    method: dict[str, str]
    versions: dict[str, str] = {}
    absent: dict[str, str] = {}
    subjects: list[Subject] = []
    rounds: list[Round] = []
    steps: list[Step] = []
    knees: list[Knee] = []
    memory_bytes: dict[str, int] = {}
    sizes: list[Size] = []
    flips: list[Flip] = []
    flip_loads: list[FlipLoad] = []
    done: list[str] = []


class Staged(Protocol):
    """A result of any bench that is measured stage by stage."""

    smoke: bool
    commit: str
    machine: Machine
    done: list[str]


S = TypeVar("S", bound=Staged)


def interrupted(
    load: Callable[[Path], S], path: Path, stages: Iterable[str], *, smoke: bool
) -> S | None:
    """What stands there, if it lacks one of `stages` and was begun at this commit, without changes to it,
    on this machine: what another has found is never gone on with."""
    begun_here = (commit(), machine(), smoke)
    try:
        found = load(path)
    except (OSError, ValueError):  # none, or of a format that is no longer read
        return None
    if found.commit.endswith(CHANGED) or set(stages) <= set(found.done):
        return None
    return found if (found.commit, found.machine, found.smoke) == begun_here else None


def machine() -> Machine:
    info = Path("/proc/cpuinfo").read_text()
    model = next((line for line in info.splitlines() if line.startswith("model name")), "")
    return Machine(
        cpu=model.partition(":")[2].strip() or platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        memory_mb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        kernel=platform.release(),
        python=platform.python_version(),
    )


def begun(method: dict[str, str], *, smoke: bool) -> Result:
    """An empty one, of this minute, commit and machine."""
    return Result(made_at=now(), smoke=smoke, commit=commit(), machine=machine(), method=method)


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def commit() -> str:
    """What was measured: the commit, and whether the product was changed since."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607 - whichever git the user has
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", "edge", "snapshot", "sync", "Caddyfile")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + (CHANGED if changed else "")


def write(value: object, path: Path) -> None:
    """As JSON, whole or not at all: an interrupted run resumes from what is here."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n")
    draft.replace(path)


def load(path: Path) -> Result:
    found = msgspec.json.decode(path.read_bytes(), type=Result)
    if found.format != FORMAT:
        raise ValueError(f"{path.name} has format {found.format}, this reads {FORMAT}")
    return found


def sized(folder: Path) -> Result | None:
    """The newest result that has sizes: a run of look-ups alone has none."""
    found = []
    for path in folder.glob("edge-*.json"):
        with contextlib.suppress(ValueError):  # of a format that is no longer read
            found.append(load(path))
    return max((one for one in found if one.sizes), key=lambda one: one.made_at, default=None)
