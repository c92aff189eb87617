"""The OpenAPI document of this installation, and a page for people made from it.

`openapi.json` beside this file is made from the structs of both programs (tests/openapi.py); here it
learns where it is served and gets examples from the homes that are there, so that they are true.
"""

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from sync.render.images import Links
from sync.render.shown import Shown

FILE = Path(__file__).with_name("openapi.json")
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1c2429}h2{margin-top:2.5rem;font-size:1.1rem}code{font-family:ui-monospace,monospace}"
    "table{border-collapse:collapse;width:100%;font-size:.9rem}td,th{text-align:left;padding:.3rem "
    ".6rem;border-bottom:1px solid #dfe3e6;vertical-align:top}"
)


def openapi(shown: Sequence[Shown], links: Links) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.json.decode(FILE.read_bytes())
    document["servers"] = [{"url": links.base}]
    examples = _examples(shown)
    for operations in document["paths"].values():
        for parameter in operations["get"].get("parameters", ()):
            if parameter["name"] in examples and "example" not in parameter:
                example = examples[parameter["name"]]
                many = parameter["schema"].get("type") == "array"
                parameter["example"] = [example] if many else example
    return document


def _examples(shown: Sequence[Shown]) -> dict[str, str]:
    if not shown:
        return {}
    first = shown[0].card
    area = next((item.card.area_slug for item in shown if item.card.area_slug), "")
    found = {"key": first.slug, "ids": first.id, "slug": area, "area": area}
    return {name: value for name, value in found.items() if value and "," not in value}


def page(document: dict[str, Any]) -> bytes:
    """Every address with its parameters, as one plain HTML file."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        "<meta name=viewport content='width=device-width'><title>Rentman Edge: the API</title>",
        f"<style>{STYLE}</style><h1>The API</h1>",
        f"<p>{html.escape(document['info']['description'])} ",
        "For programs: <a href=/openapi.json>openapi.json</a>.</p>",
    ]
    for path, operations in document["paths"].items():
        parts.append(_operation(path, operations["get"]))
    return "".join(parts).encode()


def _operation(path: str, operation: dict[str, Any]) -> str:
    rows = "".join(map(_parameter, operation.get("parameters", ())))
    head = "<tr><th>Parameter<th>Values<th>Example</tr>"
    table = f"<table>{head}{rows}</table>" if rows else ""
    return f"<h2><code>{html.escape(path)}</code></h2><p>{html.escape(operation['summary'])}</p>{table}"


def _parameter(one: dict[str, Any]) -> str:
    schema = one["schema"]
    values = schema.get("items", schema).get("enum") or [_bounds(schema)]
    example = one.get("example", "")
    example = ",".join(example) if isinstance(example, list) else str(example)
    said = f"{one['description']}. {', '.join(map(str, filter(None, values)))}"
    return (
        f"<tr><td><code>{html.escape(one['name'])}</code><td>{html.escape(said)}"
        f"<td><code>{html.escape(example)}</code></tr>"
    )


def _bounds(schema: dict[str, Any]) -> str:
    if "minimum" in schema and "maximum" in schema:
        return f"{schema['minimum']} to {schema['maximum']}"
    return ""
