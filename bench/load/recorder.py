"""Listens to Locust: a tally for each kind of request, and one for each second."""

from collections.abc import Mapping
from http import HTTPStatus
from time import monotonic, time
from typing import TYPE_CHECKING, Any

from bench.load.tally import PAGE, PICTURE, Second, Summary, Tally, unpacked

if TYPE_CHECKING:  # to import Locust changes how sockets work, everywhere
    from locust.env import Environment

LATE_S = 15  # after which no worker tells anything of a second
BROKEN = "visitor"  # one whose script failed: no request of its own, and an error all the same


class Recorder:
    """`settled_s`: what comes from then on is also counted apart. `late_s`: so long workers may tell of
    a second that is over. `counts`: it sees who is there; a master hears of them from its workers."""

    def __init__(
        self,
        environment: "Environment",
        settled_s: int = 0,
        late_s: int = 0,
        *,
        counts: bool = True,
    ) -> None:
        self.kinds: dict[str, Tally] = {}
        self.settled: dict[str, Tally] = {PAGE: Tally(), PICTURE: Tally()}
        self.seconds: list[Second] = []
        self.faults: dict[str, int] = {}
        self.arrivals = 0
        self._began_at = 0.0
        self._settled_s, self._late_s, self._counts = settled_s, late_s, counts
        self._at = -1  # the second that was counted last
        self._environment = environment
        self._began = monotonic()
        self._open: dict[int, Tally] = {}  # seconds that may still get more
        self._users: dict[int, int] = {}
        events = environment.events
        events.test_start.add_listener(self._begin)
        events.request.add_listener(self.heard)
        events.user_error.add_listener(self.failed)
        events.report_to_master.add_listener(self._report)
        events.worker_report.add_listener(self._reported)

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
        status = getattr(response, "status_code", 0)
        at = self._now()
        tallies = [self.kinds.setdefault(name, Tally()), self._open.setdefault(at, Tally())]
        if at >= self._settled_s:
            tallies.append(self.settled[PICTURE if name == PICTURE else PAGE])
        for tally in tallies:
            tally.add(
                response_time,
                size=int(headers.get("content-length") or response_length or 0),
                hit="; hit" in (headers.get("cache-status") or ""),
                failed=exception is not None,
                unchanged=status == HTTPStatus.NOT_MODIFIED,
            )
        if exception is not None:
            self._fault(f"{name}: {exception}")

    def arrived(self) -> None:
        self.arrivals += 1

    def failed(self, exception: BaseException, **_: Any) -> None:
        """Of a visitor's own script, which read an answer that it could not use."""
        self.kinds.setdefault(BROKEN, Tally()).errors += 1
        self._fault(f"{BROKEN}: {exception!r}")

    def end(self) -> dict[str, object]:
        """All of it."""
        self._close(self._now() + 1)
        return {
            "totals": self.totals(),
            "settled": {kind: tally.summary() for kind, tally in self.settled.items()},
            "kinds": {name: tally.summary() for name, tally in sorted(self.kinds.items())},
            "seconds": self.seconds,
            "faults": self.faults,
            "arrivals": self.arrivals,
            "began_at": self._began_at,
        }

    def totals(self) -> dict[str, Summary]:
        """Of pages and of pictures."""
        sums = {PAGE: Tally(), PICTURE: Tally()}
        for name, tally in self.kinds.items():
            sums[PICTURE if name == PICTURE else PAGE].merge(tally)
        return {kind: tally.summary() for kind, tally in sums.items()}

    def _begin(self, **_: Any) -> None:
        """Nothing was asked before; who waited for others has counted nobody in vain."""
        self._began, self._began_at = monotonic(), time()
        self._users, self._at = {}, -1

    def _now(self) -> int:
        """The second; those that are over are summed up, for their tallies are large."""
        at, runner = int(monotonic() - self._began), self._environment.runner
        if at > self._at:
            if self._counts and runner:
                missed = range(self._at + 1, at + 1)  # in which nothing was asked
                self._users |= dict.fromkeys(missed, runner.user_count)
            self._at = at
            self._close(at - self._late_s)
        return at

    def _close(self, until: int) -> None:
        for at in sorted(second for second in self._open if second < until):
            self.seconds.append(self._open.pop(at).second(at, self._users.get(at, 0)))

    def _fault(self, what: str, times: int = 1) -> None:
        self.faults[what[:200]] = self.faults.get(what[:200], 0) + times

    def _report(self, client_id: str, data: dict[str, Any]) -> None:
        """A worker hands over what it has gathered since it did so last."""
        del client_id
        self._now()
        for part, ours in (("kinds", self.kinds), ("settled", self.settled)):
            data[part] = {name: tally.packed() for name, tally in ours.items()}
        data["seconds"] = {str(at): tally.packed() for at, tally in self._open.items()}
        data["users"] = {str(at): users for at, users in self._users.items()}
        data["faults"], data["arrivals"] = self.faults, self.arrivals
        self.arrivals = 0
        self.kinds, self.faults, self._open, self._users = {}, {}, {}, {}
        self.settled = {PAGE: Tally(), PICTURE: Tally()}

    def _reported(self, client_id: str, data: Mapping[str, Any]) -> None:
        del client_id
        self._now()
        for part, ours in (("kinds", self.kinds), ("settled", self.settled)):
            for name, sent in data.get(part, {}).items():
                ours.setdefault(name, Tally()).merge(unpacked(sent))
        for at, sent in data.get("seconds", {}).items():
            self._open.setdefault(int(at), Tally()).merge(unpacked(sent))
        for at, users in data.get("users", {}).items():
            self._users[int(at)] = self._users.get(int(at), 0) + users
        self.arrivals += data.get("arrivals", 0)
        for what, times in data.get("faults", {}).items():
            self._fault(what, times)
