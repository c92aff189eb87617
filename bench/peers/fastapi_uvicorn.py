"""FastAPI on uvicorn with uvloop and httptools: what most teams would write first."""

import os
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException, Response

from bench.peers import asgi, content


def application(folder: Path) -> FastAPI:
    pages = content.load(folder)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/{path:path}")
    async def page(
        path: str,
        accept_encoding: Annotated[str, Header()] = "",
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        forms = pages.get(f"/{path}")
        if forms is None:
            raise HTTPException(404)
        form = forms["gzip" in accept_encoding]
        if if_none_match == form.etag:
            return Response(status_code=304, headers=dict(form.headers))
        return Response(form.body, headers=dict(form.headers))

    return app


if __name__ == "__main__":
    environ = os.environ  # noqa: TID251 - a program's entry
    asgi.serve(application(Path(environ["PEER_FILES"])), int(environ["PEER_PORT"]))
