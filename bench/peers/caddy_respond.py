"""Stock Caddy's `respond`: bodies in its configuration, so that no file is opened at all.

Only identity: a configuration is text. Becomes Caddy once the configuration is written.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from bench.peers import content


def config(folder: Path, port: int) -> dict[str, Any]:
    routes: list[dict[str, Any]] = []
    for path, (plain, _packed) in content.load(folder).items():
        headers = {name: [value] for name, value in plain.headers}
        same = {"path": [path], "header": {"If-None-Match": [plain.etag]}}
        routes.append(_route(same, headers, 304, ""))
        routes.append(_route({"path": [path]}, headers, 200, plain.body.decode()))
    routes.append(_route({}, {}, 404, "not found"))
    server = {
        "listen": [f"127.0.0.1:{port}"],
        "automatic_https": {"disable": True},
        "routes": routes,
    }
    return {
        "admin": {"disabled": True, "config": {"persist": False}},
        "logging": {"logs": {"default": {"level": "ERROR"}}},
        "apps": {"http": {"servers": {"peer": server}}},
    }


def _route(
    match: dict[str, Any], headers: dict[str, list[str]], status: int, body: str
) -> dict[str, Any]:
    handle = {
        "handler": "static_response",
        "status_code": status,
        "headers": headers,
        "body": body,
    }
    return {"match": [match] if match else [], "handle": [handle], "terminal": True}


if __name__ == "__main__":
    environ = os.environ  # noqa: TID251 - a program's entry
    file = Path(environ["HOME"]) / "caddy.json"
    file.write_text(json.dumps(config(Path(environ["PEER_FILES"]), int(environ["PEER_PORT"]))))
    caddy = Path(sys.executable).with_name("caddy")
    os.execv(caddy, [str(caddy), "run", "--config", str(file)])  # noqa: S606 - no shell is the point
