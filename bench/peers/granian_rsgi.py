"""Granian with an RSGI application: the leanest way to send bytes from Python that we know of.

One worker, one runtime thread. `PEER_FILES` and `PEER_PORT` come by environment, because Granian's
worker is a new process.
"""

import os
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from bench.peers import content


class Application:
    """RSGI 1.6: headers and body of a reply leave in one call."""

    def __init__(self, folder: Path) -> None:
        self.pages = content.load(folder)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        forms = self.pages.get(scope.path)
        if forms is None:
            protocol.response_str(404, [("content-type", "text/plain")], "not found")
            return
        asked = scope.headers
        form = forms["gzip" in (asked.get("accept-encoding") or "")]
        if asked.get("if-none-match") == form.etag:
            protocol.response_empty(304, form.headers)
        else:
            protocol.response_bytes(200, form.headers, form.body)


def application() -> Application:
    return Application(Path(os.environ["PEER_FILES"]))  # noqa: TID251 - see above


if __name__ == "__main__":
    Granian(
        "bench.peers.granian_rsgi:application",
        factory=True,
        address="127.0.0.1",
        port=int(os.environ["PEER_PORT"]),  # noqa: TID251 - see above
        interface=Interfaces.RSGI,
        workers=1,
        websockets=False,
        backlog=1024,
        log_level=LogLevels.error,
    ).serve()
