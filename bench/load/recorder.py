"""Listens to Locust: a tally for each kind of request, and one for each second."""

from collections.abc import Mapping
from time import monotonic
from typing import Any

from locust.env import Environment

from bench.load.tally import PAGE, PICTURE, Second, Summary, Tally, unpacked


class Recorder:
    def __init__(self, environment: Environment) -> None:
        self.kinds: dict[str, Tally] = {}
        self.seconds: list[Second] = []
        self.faults: dict[str, int] = {}
        self._began = monotonic()
        self._now, self._second = 0, Tally()
        environment.events.request.add_listener(self.heard)
        environment.events.report_to_master.add_listener(self._report)
        environment.events.worker_report.add_listener(self._reported)

    def heard(
        self,
        name: str,
        response_time: float,
        response_length: int,
        response: Any = None,
        exception: BaseException | None = None,
        **_: Any,
    ) -> None:
        headers = getattr(response, "headers", None) or {}  # None when no answer came
        hit = "; hit" in (headers.get("cache-status") or "")
        at = int(monotonic() - self._began)
        if at != self._now:
            self.seconds.append(self._second.second(self._now))
            self._now, self._second = at, Tally()
        for tally in (self.kinds.setdefault(name, Tally()), self._second):
            tally.add(response_time, size=response_length, hit=hit, failed=exception is not None)
        if exception is not None:
            key = f"{name}: {exception}"[:200]
            self.faults[key] = self.faults.get(key, 0) + 1

    def totals(self) -> dict[str, Summary]:
        """Of pages and of pictures."""
        sums = {PAGE: Tally(), PICTURE: Tally()}
        for name, tally in self.kinds.items():
            sums[PICTURE if name == PICTURE else PAGE].merge(tally)
        return {kind: tally.summary() for kind, tally in sums.items()}

    def by_name(self) -> dict[str, Summary]:
        return {name: tally.summary() for name, tally in sorted(self.kinds.items())}

    def _report(self, client_id: str, data: dict[str, Any]) -> None:
        """A worker hands over what it has gathered since it did so last."""
        del client_id
        data["kinds"] = {name: tally.packed() for name, tally in self.kinds.items()}
        self.kinds = {}

    def _reported(self, client_id: str, data: Mapping[str, Any]) -> None:
        del client_id
        for name, sent in data.get("kinds", {}).items():
            self.kinds.setdefault(name, Tally()).merge(unpacked(sent))
