"""Visitors for Locust: `locust -f bench/locustfile.py --visits steady --host https://…`.

`python -m bench.load run steady` does this on a stack of its own and keeps the result.
"""

from argparse import Namespace
from pathlib import Path

import msgspec
from locust import LoadTestShape, between, events
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import LocalRunner, MasterRunner, WorkerRunner

from bench.load.profiles import ALL
from bench.load.recorder import LATE_S, Recorder
from bench.load.visitor import Visitor


class Homeseeker(Visitor):
    """A visitor with the profile's patience."""


class Shape(LoadTestShape):
    """As many visitors as the profile says."""

    profile = ALL["smoke"]

    def tick(self) -> tuple[int, float] | None:
        return self.profile.users_at(self.get_run_time())


@events.init_command_line_parser.add_listener
def _options(parser: LocustArgumentParser) -> None:
    parser.add_argument("--visits", choices=sorted(ALL), default="smoke")
    parser.add_argument("--within", type=int, default=0, help="seconds, instead of the profile's")
    parser.add_argument("--told", default="", help="file for what was measured, as JSON")


@events.init.add_listener
def _begin(environment: Environment, **_: object) -> None:
    options = environment.parsed_options or Namespace(visits="smoke", within=0, told="")
    profile = ALL[options.visits]
    Shape.profile = profile.within(options.within) if options.within else profile
    Homeseeker.wait_time = between(*Shape.profile.think_s)
    late_s = 0 if isinstance(environment.runner, LocalRunner) else LATE_S
    counts = not isinstance(environment.runner, MasterRunner)
    recorder = Recorder(environment, Shape.profile.settled_s, late_s, counts=counts)

    Homeseeker.arrived = staticmethod(recorder.arrived)

    def end(**_: object) -> None:
        if options.told and not isinstance(environment.runner, WorkerRunner):  # its master tells
            Path(options.told).write_bytes(msgspec.json.encode(recorder.end()))

    environment.events.quitting.add_listener(end)
