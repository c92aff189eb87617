"""What a pass was, gathered while it goes on, so that nothing of it is lost when it fails."""

from typing import Literal

import msgspec

from snapshot import SnapshotError
from sync.advert.site import Refused
from sync.errors import StateError, UpstreamError
from sync.source import BadRow

Outcome = Literal["published", "unchanged", "held", "failed"]
GOOD: tuple[Outcome, ...] = ("published", "unchanged")
FETCH, PICTURES = "fetch", "pictures"  # stages in which it is the source that fails


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What `sync once --json` prints."""

    outcome: Outcome
    reason: str = ""
    stage: str = ""  # where it failed: fetch, guard, commit, render or publish
    error: str = ""  # the name of what was raised there
    taken: bool = False  # the list is in, whether or not it could be published
    generation: int = 0
    listings: int = 0
    quarantine: tuple[BadRow, ...] = ()
    refused: tuple[Refused, ...] = ()  # homes that are known and not advertised
    warnings: dict[str, int] = {}
    calls: int = 0
    seconds: float = 0.0
    stages: dict[str, float] = {}  # seconds: fetch (and normalise), guard, commit, render, publish
    retry_after_s: float = 0.0  # what the source asked for


class Pass:
    """One that fails, until it is known to do better."""

    def __init__(self) -> None:
        self.report = Report(outcome="failed")

    def know(self, **facts: object) -> None:
        self.report = msgspec.structs.replace(self.report, **facts)

    def fails(self, error: SnapshotError | StateError | UpstreamError, stage: str) -> None:
        name = type(error).__name__
        of_source = isinstance(error, UpstreamError)
        self.know(
            outcome="failed",
            reason=str(error) if of_source else f"{name}: {error}",
            stage=stage,
            error=name,
            retry_after_s=getattr(error, "retry_after", None) or 0.0,
        )
