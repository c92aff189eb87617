"""How many visitors come when, and what is done to the stack meanwhile."""

from dataclasses import dataclass, replace
from typing import Literal

USUAL_S = 900  # as `sync` does it when nobody says otherwise
Trouble = Literal["publish", "upstream_down", "upstream_up", "forget"]


@dataclass(frozen=True, slots=True)
class Stage:
    """Until `until_s` from the start, grow or shrink to `users`, by at most `rate` a second."""

    until_s: int
    users: int
    rate: float


@dataclass(frozen=True, slots=True)
class Act:
    """At `at_s`, and then every `every_s` until the end; 0 for once."""

    at_s: float
    what: Trouble
    every_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Profile:
    """`think_s`: between two pages of one visitor, least and most. `judged`: by thresholds.toml, from
    `settled_s` on, when all visitors have come. `interval_s`: between two looks at Rentman."""

    name: str
    about: str
    stages: tuple[Stage, ...]
    think_s: tuple[float, float] = (2.0, 8.0)
    acts: tuple[Act, ...] = ()
    judged: bool = True
    settled_s: int = 0
    interval_s: int = USUAL_S

    @property
    def seconds(self) -> int:
        return self.stages[-1].until_s

    @property
    def visitor_seconds(self) -> float:
        """How long all of them are there, taken together."""
        there, total = 0.0, 0.0
        for second in range(self.seconds):
            users, rate = self.users_at(second) or (0, 0.0)
            step = max(-rate, min(rate, users - there))
            total += there + step / 2
            there += step
        return total

    def within(self, seconds: int) -> "Profile":
        """The same in less time (or more): every moment is moved, the numbers of visitors stay."""
        share = seconds / self.seconds
        stages = (
            replace(one, until_s=round(one.until_s * share), rate=one.rate / share)
            for one in self.stages
        )
        acts = tuple(replace(act, at_s=act.at_s * share) for act in self.acts)
        settled_s = round(self.settled_s * share)
        return replace(self, stages=tuple(stages), acts=acts, settled_s=settled_s)

    def users_at(self, second: float) -> tuple[int, float] | None:
        """How many, and how fast; None when the profile is over."""
        for stage in self.stages:
            if second < stage.until_s:
                return stage.users, stage.rate
        return None


def _steps(first: int, last: int, step: int, each_s: int) -> tuple[Stage, ...]:
    counts = range(first, last + 1, step)
    return tuple(Stage(each_s * n, users, 200) for n, users in enumerate(counts, start=1))


ALL = {
    profile.name: profile
    for profile in (
        Profile(
            "smoke",
            "a few visitors: does everything answer",
            (Stage(40, 20, 20),),
            (0.2, 1.0),
            settled_s=5,
        ),
        Profile(
            "steady",
            "a thousand visitors, who read what they see",
            (Stage(30, 1000, 50), Stage(150, 1000, 50)),
            settled_s=30,
        ),
        # Of these each is there for as long as one of `steady` is, so that a greeting is as large a part.
        Profile(
            "steady-500",
            "half as many as steady, for the capacity model",
            (Stage(20, 500, 50), Stage(145, 500, 50)),
            settled_s=20,
            judged=False,
        ),
        Profile(
            "steady-2000",
            "twice as many as steady, for the capacity model",
            (Stage(50, 2000, 50), Stage(160, 2000, 50)),
            settled_s=50,
            judged=False,
        ),
        Profile(
            "spike",
            "a newspaper links to the site, and is forgotten",
            (Stage(20, 100, 50), Stage(50, 1000, 500), Stage(80, 100, 500)),
        ),
        Profile(
            "in-turn",
            "those who visit ours and others in turn (`bench.visits`)",
            (Stage(30, 300, 60),),
            settled_s=8,
            judged=False,
        ),
        Profile("soak", "an ordinary hour", (Stage(3600, 300, 20),)),
        Profile(
            "knee",
            "ever more visitors who do not read, until it gets slow",
            _steps(50, 500, 50, 10),
            (0.05, 0.2),
            judged=False,
        ),
        Profile(
            "publish-storm",
            "prices change twice a second",
            (Stage(90, 500, 50),),
            acts=(Act(20, "publish", 0.5),),
            settled_s=15,
            interval_s=1,
        ),
        Profile(
            "upstream-outage",
            "Rentman is away for a minute",
            (Stage(120, 500, 50),),
            acts=(Act(20, "upstream_down"), Act(80, "upstream_up")),
            settled_s=15,
            interval_s=5,
        ),
        Profile(
            "cold-cache",
            "the published tree and what edges remember is lost",
            (Stage(90, 500, 50),),
            acts=(Act(30, "forget"),),
            settled_s=15,
        ),
    )
}
