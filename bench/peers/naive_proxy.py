"""What is written first: each visitor's request asks Rentman and hands on what it says.

It cannot give the edge's bytes, so it is measured but not compared with them: no slug, price label,
similar homes or picture in any size; a fault of Rentman is a fault of the site.
"""

import os

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bench.peers import asgi

TOKEN = "demo%2Btoken%2F1%3D"  # noqa: S105 - the simulated Rentman's
LIST = "/propertyadvertising.php"
SHOWN = ("propref", "displayaddress", "beds", "baths", "displayprice", "strapline", "comments")
LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=64)


def application(source: str) -> Starlette:
    client = httpx.AsyncClient(base_url=source, timeout=60, limits=LIMITS, trust_env=False)

    async def detail(request: Request) -> JSONResponse:
        query = {"propref": request.path_params["ref"], "noimage": "1"}
        answer = await client.get(LIST, params=query, headers={"token": TOKEN})
        rows = answer.raise_for_status().json()
        if not rows:
            return JSONResponse({"title": "not found"}, 404)
        found = {name: rows[0].get(name) for name in SHOWN}
        return JSONResponse(found, headers={"access-control-allow-origin": "*"})

    return Starlette(routes=[Route("/api/framer/property/{ref}", detail)])


if __name__ == "__main__":
    environ = os.environ  # noqa: TID251 - a program's entry
    asgi.serve(application(environ["PEER_SOURCE"]), int(environ["PEER_PORT"]))
