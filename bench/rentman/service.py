"""The two endpoints of Rentman as an ASGI application, with the admin desk mounted beside them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bench.rentman import trouble
from bench.rentman.faults import LIST, MEDIA, Active, Board, Call
from bench.rentman.gallery import Media
from bench.rentman.life import Market
from bench.rentman.manner import Guestbook, Manner
from bench.rentman.pages import Asked, asked, chosen, only_area, page, reform
from bench.rentman.spoil import content, spoil_rows
from bench.rentman.studio import Studio
from bench.rentman.wire import Row, as_json, as_xml, media_record, photo_binary

Answerer = Callable[[Request, Asked, Sequence[Active]], Awaitable[Response]]


@dataclass(slots=True)
class Service:
    market: Market
    studio: Studio
    manner: Manner
    board: Board = field(default_factory=Board)
    guests: Guestbook = field(default_factory=Guestbook)

    def app(self, beside: Sequence[BaseRoute] = ()) -> Starlette:
        ours = (
            Route("/propertyadvertising.php", self._list),
            Route("/propertymedia.php", self._media),
        )
        return Starlette(routes=[*ours, *beside])

    async def _list(self, request: Request) -> Response:
        return await self._received(LIST, request, self._rows)

    async def _media(self, request: Request) -> Response:
        return await self._received(MEDIA, request, self._records)

    async def _received(self, endpoint: str, request: Request, answer: Answerer) -> Response:
        with self.guests.visit(endpoint, request.headers.get("user-agent", "")):
            await asyncio.sleep(self.manner.latency(endpoint))
            response = await self._answered(endpoint, request, answer)
            self.guests.answered(response.status_code)
            return response

    async def _answered(self, endpoint: str, request: Request, answer: Answerer) -> Response:
        want = asked(request.headers, request.query_params)
        faults = self.board.met(Call(endpoint, want.page, want.propref, want.filename))

        async def honest() -> Response:
            if not self.manner.accepts(request.headers, request.query_params):
                return trouble.refusal(self.manner.refusal)
            return await answer(request, want, faults)

        if faults and faults[0].mode.scope == "answer":
            return await trouble.answer(faults[0], request, honest)
        return await honest()

    async def _rows(self, request: Request, want: Asked, faults: Sequence[Active]) -> Response:
        homes = page(chosen(self.market, want), want, faults)
        rows = [self.market.row(home) for home in homes]
        if not want.noimage and not want.onlyarea:
            for home, item in zip(homes, rows, strict=True):
                item["photo1binary"] = await self._first_photo(home.media)
        rows = spoil_rows(reform(rows, faults), faults)
        return _shown(request, "Property", only_area(rows) if want.onlyarea else rows)

    async def _first_photo(self, media: Sequence[Media]) -> str:
        photo = next((item for item in media if item.kind == "photo"), None)
        if photo is None:
            return ""
        data = await self.studio.picture(photo)
        return await asyncio.to_thread(photo_binary, data)

    async def _records(self, request: Request, want: Asked, faults: Sequence[Active]) -> Response:
        if (want.propref is None) == (want.filename is None):
            return Response("Give propref or filename", 400, media_type="text/plain")
        found = self._gallery(want)
        if want.filename and "application/base64" in request.headers.get("accept", ""):
            texts = [await self._text(item, faults) for item in found]
            return Response("".join(texts), media_type="application/base64")
        records = [media_record(item, await self._text(item, faults)) for item in found]
        body = await asyncio.to_thread(_shown, request, "Media", records)
        del records
        return body

    def _gallery(self, want: Asked) -> Sequence[Media]:
        if want.filename is not None:
            item = self.market.media.get(want.filename)
            return [item] if item else []
        home = self.market.find(want.propref or "")
        return home.media if home else []

    async def _text(self, item: Media, faults: Sequence[Active]) -> str:
        data = await self.studio.picture(item)
        return await asyncio.to_thread(content, data, faults)


def _shown(request: Request, name: str, rows: Sequence[Row]) -> Response:
    if "application/xml" in request.headers.get("accept", ""):
        return Response(as_xml(name, rows), media_type="application/xml")
    return Response(as_json(rows), media_type="application/json")
