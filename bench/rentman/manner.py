"""How the service treats callers: which tokens it takes, how slow it is, and who called when."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote

import msgspec

TokenForm = Literal["any", "header-raw", "header-decoded", "query"]
OPEN = {"any"}
Refusal = Literal["401", "403", "login"]


class Manner(msgspec.Struct, forbid_unknown_fields=True):
    """What an operator may change while the service runs; latency is in seconds."""

    token: str = "demo%2Btoken%2F1%3D"  # noqa: S105 - invented, and printed in the README
    token_form: TokenForm = "any"  # noqa: S105 - not a secret
    refusal: Refusal = "401"
    list_latency: float = 0.0
    media_latency: float = 0.0

    def accepts(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """Whether the token came in a form this service takes; the query arrives decoded once."""
        decoded = unquote(self.token)
        header, asked = headers.get("token"), query.get("token")
        forms = {
            "header-raw": header == self.token,
            "header-decoded": header == decoded,
            "query": asked in (decoded, self.token),
        }
        return any(forms.values()) if self.token_form in OPEN else forms[self.token_form]

    def change(self, to: Mapping[str, Any]) -> None:
        """Take over what is given; `None` means as before."""
        for name, value in to.items():
            if value is not None:
                setattr(self, name, value)

    def latency(self, endpoint: str) -> float:
        return self.list_latency if endpoint == "list" else self.media_latency


@dataclass(slots=True)
class Visits:
    """Calls to one endpoint, or to all: enough to tell a polite client from a rude one."""

    calls: int = 0
    now: int = 0
    most_at_once: int = 0
    shortest_gap: float | None = None
    last: float | None = None

    def enter(self, at: float) -> None:
        self.calls += 1
        self.now += 1
        self.most_at_once = max(self.most_at_once, self.now)
        if self.last is not None:
            gap = at - self.last
            self.shortest_gap = gap if self.shortest_gap is None else min(gap, self.shortest_gap)
        self.last = at

    def show(self) -> dict[str, Any]:
        gap = self.shortest_gap
        return {
            "calls": self.calls,
            "in_flight": self.now,
            "max_concurrent": self.most_at_once,
            "min_interval_s": None if gap is None else round(gap, 4),
        }


@dataclass(slots=True)
class Guestbook:
    clock: Callable[[], float] = time.monotonic
    visits: dict[str, Visits] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    agents: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.visits = {name: Visits() for name in ("list", "media", "all")}
        self.statuses, self.agents = {}, {}

    @contextmanager
    def visit(self, endpoint: str, agent: str) -> Iterator[None]:
        at = self.clock()
        books = (self.visits[endpoint], self.visits["all"])
        self.agents[agent] = self.agents.get(agent, 0) + 1
        for book in books:
            book.enter(at)
        try:
            yield
        finally:
            for book in books:
                book.now -= 1

    def answered(self, status: int) -> None:
        self.statuses[str(status)] = self.statuses.get(str(status), 0) + 1

    def show(self) -> dict[str, Any]:
        endpoints = {name: visits.show() for name, visits in self.visits.items()}
        return {**endpoints, "statuses": dict(self.statuses), "user_agents": dict(self.agents)}
