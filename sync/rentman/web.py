"""Rentman's web service as a `sync.source.Source`."""

import asyncio

from sync.media.base64text import decode
from sync.media.studio import MAX_BYTES
from sync.rentman import privacy
from sync.rentman.client import Rentman
from sync.rentman.normalise import Reader
from sync.source import File, Intake


class Web:
    def __init__(self, client: Rentman, page_size: int) -> None:
        self._client = client
        self._page_size = page_size
        self._reader = Reader()

    @property
    def calls(self) -> int:
        return self._client.calls

    async def listings(self) -> Intake:
        rows = await self._client.listings(self._page_size)
        return await asyncio.to_thread(self._reader.take, rows)

    async def media(self, filename: str) -> File | None:
        record = await self._client.media(filename)
        if record is None:
            return None
        values = {key.lower(): value for key, value in record.items()}
        data = await asyncio.to_thread(decode, values.get("base64data"), max_bytes=MAX_BYTES)
        return File(data, privacy.caption(str(values.get("caption") or "")))

    async def aclose(self) -> None:
        await self._client.aclose()
