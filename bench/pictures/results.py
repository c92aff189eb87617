"""What a run finds, as values: written as JSON, read again by `render`."""

from pathlib import Path

import msgspec

from bench.edgebench.results import Machine

FORMAT = 1


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    licence: str
    width: int
    height: int
    file_bytes: int


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """One photo made into its full set by one maker."""

    maker: str
    photo: str
    number: int
    cpu_s: float  # user and system, of the process
    load: float  # of the machine, over the last minute
    file_bytes: dict[str, int]  # per format, all widths


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """SSIMULACRA2 of one file against its own photo at that size; 100 is the same."""

    maker: str
    photo: str
    format: str
    width: int
    score: float
    file_bytes: int


class Peak(msgspec.Struct, frozen=True, kw_only=True):
    """A fresh process and one large picture."""

    maker: str
    megapixels: int
    progressive: bool
    cpu_s: float
    idle_rss_bytes: int
    peak_rss_bytes: int


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """One worker that is not replaced meanwhile; memory after so many pictures."""

    pictures: int
    rss_bytes: int
    descriptors: int


class Result(msgspec.Struct, kw_only=True):
    format: int = FORMAT
    made_at: str
    smoke: bool
    commit: str
    machine: Machine
    versions: dict[str, str] = {}
    photos: list[Photo] = []
    rounds: list[Round] = []
    equal_quality: dict[str, int] = {}  # of sharp's defaults, for the look of our files
    scores: list[Score] = []
    peaks: list[Peak] = []
    growth: list[Growth] = []
    done: list[str] = []


def load(path: Path) -> Result:
    found = msgspec.json.decode(path.read_bytes(), type=Result)
    if found.format != FORMAT:
        raise ValueError(f"{path.name} has format {found.format}, this reads {FORMAT}")
    return found
