"""The OpenAPI document: made from the structs, true of every installation, kept by every answer."""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge import table
from edge.message import Request
from edge.reply import View, reply
from snapshot import digest, encode
from sync.render.entries import entry, etag
from tests.edge.homes import published
from tests.openapi import document
from tests.snapshot.made import PUBLISHED, generation

FILE = Path(__file__).parents[1] / "sync" / "render" / "openapi.json"
SITE = published()


def view() -> View:
    pages = {path: entry(body, etag(body)) for path, body in SITE.pages.items()}
    manifest, objects = generation(3, pages, SITE.rows)
    index = encode(SITE.index)
    manifest.artefacts["index"] = digest(index)
    return View(table.build(manifest, objects | {digest(index): index}, None))


VIEW = view()
SERVED = msgspec.json.decode(SITE.pages["/openapi.json"].data)
GETS = {path: operations["get"] for path, operations in SERVED["paths"].items()}


def ask(path: str, **query: str) -> Any:
    given = {name: [value] for name, value in query.items()}
    return reply(VIEW, Request("GET", path, given, dict[str, str]().get), PUBLISHED, 3600)


def test_the_document_is_what_the_structs_say() -> None:
    made = msgspec.json.format(msgspec.json.encode(document()), indent=1) + b"\n"
    if os.environ.get("GOLDEN"):
        FILE.write_bytes(made)

    assert FILE.read_bytes() == made, "GOLDEN=1 writes it anew"


def written(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def filled(path: str) -> str:
    for one in GETS[path].get("parameters", ()):
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", one["example"])
    return path


@pytest.mark.parametrize("path", GETS)
def test_every_example_is_true(path: str) -> None:
    needed = {"q": "flat"} if path.endswith("/search") else {}
    assert ask(filled(path), **needed).status == 200

    for one in GETS[path].get("parameters", ()):
        if one["in"] == "query" and "example" in one:
            query = needed | {one["name"]: written(one["example"])}
            query |= {"near": "nw1"} if one["name"] == "radius_km" else {}
            assert ask(filled(path), **query).status == 200, query


def unfit(schema: dict[str, Any]) -> list[str]:
    """Values that this schema forbids, as they stand in a query string."""
    one = schema.get("items", schema)
    values = (
        ["nonsense"]
        if "enum" in one or one.get("type") in ("boolean", "integer", "number")
        else []
    )
    values += [str(one["minimum"] - 1)] if one.get("minimum") is not None else []
    values += [str(one["maximum"] + 1)] if "maximum" in one else []
    values += ["x" * (one["maxLength"] + 1)] if "maxLength" in one else []
    if "maxItems" in schema:
        values.append(",".join(map(str, range(schema["maxItems"] + 1))))
    return values + (["\x01"] if "pattern" in one else [])


@pytest.mark.parametrize("path", [path for path in GETS if "{" not in path])
def test_what_the_document_forbids_is_refused_by_name(path: str) -> None:
    for one in GETS[path].get("parameters", ()):
        values = unfit(one["schema"])
        assert (
            values or one["schema"].get("format") or one["name"] in ("new_since", "reduced_since")
        )
        for value in values:
            answer = ask(path, **{"q": "flat", one["name"]: value})
            assert answer.status == 400, (one["name"], value)
            assert msgspec.json.decode(answer.body)["parameter"] == one["name"]


def test_every_published_page_of_an_installation_is_described() -> None:
    described = {filled(path) for path in GETS} | {"/openapi.json", "/docs"}
    described |= {"/api/framer/placeholder.svg"}
    kinds = [path.partition("{")[0] for path in GETS if "{" in path]

    strays = [path for path in SITE.pages if path not in described]
    assert all(path.startswith(tuple(kinds)) for path in strays), strays


def test_the_document_says_where_it_is_served() -> None:
    assert SERVED["servers"] == [{"url": "https://homes.example"}]


def test_no_homes_leave_the_document_without_examples_of_homes() -> None:
    empty = msgspec.json.decode(published([]).pages["/openapi.json"].data)
    (key,) = empty["paths"]["/api/properties/{key}"]["get"]["parameters"]

    assert "example" not in key


def test_the_page_for_people_names_every_address_and_parameter_and_needs_nothing_else() -> None:
    page = SITE.pages["/docs"].data.decode()

    for path, operation in GETS.items():
        assert path in page
        for one in operation.get("parameters", ()):
            assert f"<code>{one['name']}</code>" in page
    for word in ("<script", "<link", " src=", "@import", "url("):
        assert word not in page
