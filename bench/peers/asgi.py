"""How the peers that are ASGI programs are served: uvicorn as quick as it goes, on the loopback alone."""

import uvicorn
from starlette.types import ASGIApp


def serve(application: ASGIApp, port: int) -> None:
    uvicorn.run(
        application,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        backlog=1024,
    )
