"""A timeline from a file: at so many seconds after the start, break this, heal that, let time pass.

[{"at_s": 5, "fault": {"mode": "F8", "times": 3}},
 {"at_s": 20, "heal": true},
 {"at_s": 25, "life": {"event": "price_cut", "propref": "1042"}},
 {"at_s": 30, "settings": {"list_latency": 2}}]
"""

import asyncio
from pathlib import Path

import msgspec

from bench.rentman.admin import LifeOrder, MannerOrder
from bench.rentman.faults import Board, Fault
from bench.rentman.life import EVENTS, NothingToDoError, step
from bench.rentman.service import Service


class Moment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    at_s: float
    fault: Fault | None = None
    heal: bool | str = False
    life: LifeOrder | None = None
    settings: MannerOrder | None = None


def load(path: Path) -> tuple[Moment, ...]:
    """The moments in order of time; a word that nobody knows is an error now, not at its moment."""
    moments = msgspec.json.decode(path.read_bytes(), type=tuple[Moment, ...])
    for moment in moments:
        if moment.fault:
            Board().order(moment.fault)
        if moment.life and moment.life.event not in {None, *EVENTS}:
            raise ValueError(f"event must be one of: {', '.join(EVENTS)}")
    return tuple(sorted(moments, key=lambda moment: moment.at_s))


async def play(service: Service, moments: tuple[Moment, ...]) -> None:
    started = asyncio.get_running_loop().time()
    for moment in moments:
        await asyncio.sleep(started + moment.at_s - asyncio.get_running_loop().time())
        apply(service, moment)


def apply(service: Service, moment: Moment) -> None:
    if moment.heal:
        service.board.heal(moment.heal if isinstance(moment.heal, str) else None)
    if moment.fault:
        service.board.order(moment.fault)
    if moment.settings:
        service.manner.change(msgspec.structs.asdict(moment.settings))
    if moment.life:
        ref = None if moment.life.propref is None else str(moment.life.propref)
        try:
            step(service.market, moment.life.event, ref)
        except NothingToDoError as error:
            print(f"scenario: {error}", flush=True)


async def live(service: Service, interval: float) -> None:
    """One event of the portfolio's own life per interval."""
    while True:
        await asyncio.sleep(interval)
        step(service.market)
