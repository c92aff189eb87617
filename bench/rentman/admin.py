"""The admin desk: faults, life and manners at run time. Nothing here exists in the real service.

It needs no token, is never delayed or spoiled, and its calls are in no counter.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.rentman.faults import MODES, BadFaultError, Fault
from bench.rentman.life import EVENTS, NothingToDoError, step
from bench.rentman.manner import Manner, Refusal, TokenForm
from bench.rentman.service import Service

T = TypeVar("T")
RECENT = 20
Handler = Callable[[Request], Awaitable[Response]]


class LifeOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    event: str | None = None
    propref: str | int | None = None


class MannerOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Only what is given changes."""

    token: str | None = None
    token_form: TokenForm | None = None
    refusal: Refusal | None = None
    list_latency: float | None = None
    media_latency: float | None = None


class WrongOrderError(Exception):
    """The body does not say what to do in words this desk knows."""


@dataclass(slots=True)
class Desk:
    service: Service

    def routes(self) -> list[Route]:
        return [
            Route("/admin/state", _told(self.state), methods=["GET"]),
            Route("/admin/faults", _told(self.faults), methods=["GET", "POST", "DELETE"]),
            Route("/admin/life", _told(self.life), methods=["POST"]),
            Route("/admin/settings", _told(self.settings), methods=["POST"]),
            Route("/admin/requests", _told(self.requests), methods=["DELETE"]),
        ]

    async def state(self, _request: Request) -> Any:
        market = self.service.market
        homes = market.listings.values()
        return {
            "revision": market.revision,
            "listings": len(homes),
            "lettings": sum(home.letting for home in homes),
            "sales": sum(home.selling for home in homes),
            "media": sum(len(home.media) for home in homes),
            "away": len(market.away),
            "seed": market.seed,
            "requests": self.service.guests.show(),
            "faults": [active.show() for active in self.service.board.active],
            "settings": self._manner(),
            "pictures": self.service.studio.show(),
            "history": market.history[-RECENT:],
        }

    async def faults(self, request: Request) -> Any:
        board = self.service.board
        if request.method == "DELETE":
            return {"healed": board.heal(request.query_params.get("mode"))}
        if request.method == "GET":
            modes = [msgspec.to_builtins(mode) for mode in MODES.values()]
            return {"active": [active.show() for active in board.active], "modes": modes}
        return board.order(_decoded(await request.body(), Fault)).show()

    async def life(self, request: Request) -> Any:
        order = _decoded(await request.body() or b"{}", LifeOrder)
        if order.event is not None and order.event not in EVENTS:
            raise WrongOrderError(f"event must be one of: {', '.join(EVENTS)}")
        ref = None if order.propref is None else str(order.propref)
        return step(self.service.market, order.event, ref)

    async def settings(self, request: Request) -> Any:
        order = _decoded(await request.body(), MannerOrder)
        self.service.manner.change(msgspec.structs.asdict(order))
        return self._manner()

    async def requests(self, _request: Request) -> Any:
        self.service.guests.reset()
        return self.service.guests.show()

    def _manner(self) -> dict[str, Any]:
        manner: Manner = self.service.manner
        return {**msgspec.structs.asdict(manner), "token": "set"}


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise WrongOrderError(str(error)) from error


def _told(handler: Callable[[Request], Awaitable[Any]]) -> Handler:
    """Answer in JSON; a wrong order is 400, an event that fits nothing is 409."""

    async def answer(request: Request) -> Response:
        status = 200
        try:
            said = await handler(request)
        except (WrongOrderError, BadFaultError) as error:
            status, said = 400, {"error": str(error)}
        except NothingToDoError as error:
            status, said = 409, {"error": str(error)}
        headers = {"x-simulator": "admin"}
        return Response(msgspec.json.encode(said), status, headers, "application/json")

    return answer
