"""A GET over HTTP/3 and nothing else: what a browser does after it has read Alt-Svc."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import QuicEvent


@dataclass
class Answer:
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Client(QuicConnectionProtocol):
    """One request on one connection."""

    async def get(self, authority: str, path: str) -> Answer:
        self._h3 = H3Connection(self._quic)
        self._answer, self._done = Answer(), asyncio.Event()
        request = {":method": "GET", ":scheme": "https", ":authority": authority, ":path": path}
        headers = [(name.encode(), value.encode()) for name, value in request.items()]
        self._h3.send_headers(self._quic.get_next_available_stream_id(), headers, end_stream=True)
        self.transmit()
        await self._done.wait()
        return self._answer

    def quic_event_received(self, event: QuicEvent) -> None:
        for part in self._h3.handle_event(event):
            self._take(part)

    def _take(self, part: H3Event) -> None:
        if isinstance(part, HeadersReceived):
            self._answer.headers |= {name.decode(): value.decode() for name, value in part.headers}
        elif isinstance(part, DataReceived):
            self._answer.body += part.data
        if isinstance(part, HeadersReceived | DataReceived) and part.stream_ended:
            self._done.set()


async def get(port: int, path: str, authority: Path) -> Answer:
    """`authority`: the file of the certificate to trust."""
    configuration = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN)
    configuration.load_verify_locations(cafile=str(authority))
    configuration.server_name = "localhost"
    async with (
        asyncio.timeout(10),
        connect("127.0.0.1", port, configuration=configuration, create_protocol=Client) as client,
    ):
        assert isinstance(client, Client)
        return await client.get(f"localhost:{port}", path)
