"""Makes the OpenAPI document from the structs of both programs; `sync` ships what this has made.

Neither program may import the other, so neither can make it. `GOLDEN=1 pytest tests/test_openapi.py`
writes it anew; that test keeps it true.
"""

from typing import Any

import msgspec
from msgspec import inspect

from edge.message import PROBLEM_BASE, TITLES, Problem
from edge.query.parameters import ListQuery, NoQuery, SuggestQuery
from edge.query.routes import RevisionView
from edge.query.select import Tail
from edge.query.suggest import Suggestions
from sync.render.areas import AreaDetail, Areas
from sync.render.card import Card
from sync.render.detail import Detail, MediaView
from sync.render.moves import Redirects

REF = "#/components/schemas/{name}"
JSON, PROBLEM = "application/json", "application/problem+json"
STRUCTS = [
    *(Card, Detail, MediaView, Areas, AreaDetail, Redirects),
    *(Tail, Suggestions, RevisionView, Problem, ListQuery, SuggestQuery),
]
CARDS = {"type": "array", "items": {"$ref": REF.format(name="Card")}}
KEY = ("key", "a reference in its own or in lower case, or a slug")
SLUG = ("slug", "the slug of an area")
Operation = tuple[str, str, str, type[msgspec.Struct]]  # path, summary, schema, query

OPERATIONS: list[Operation] = [
    ("/api/framer/featured", "Up to six cards, chosen", "Cards", NoQuery),
    ("/api/properties/featured", "Up to six cards, chosen", "Cards", NoQuery),
    ("/api/framer/properties", "Homes: filters, sorting, pages, facets", "List", ListQuery),
    ("/api/properties", "Homes: filters, sorting, pages, facets", "List", ListQuery),
    ("/api/properties/search", "Homes by words, best first", "List", ListQuery),
    ("/api/properties/suggest", "Places, as somebody types", "Suggestions", SuggestQuery),
    ("/api/framer/property/{key}", "One home in full", "Detail", NoQuery),
    ("/api/properties/{key}", "One home in full", "Detail", NoQuery),
    ("/api/properties/{key}/media", "Its pictures, plans and links", "MediaView", NoQuery),
    ("/api/properties/{key}/similar", "Homes like it", "Cards", NoQuery),
    ("/api/areas", "Areas with counts and price ranges", "Areas", NoQuery),
    ("/api/areas/{slug}", "One area with its newest homes", "AreaDetail", NoQuery),
    ("/api/redirects", "Pages of homes whose slug has changed", "Redirects", NoQuery),
    ("/api/revision", "Which generation is served", "RevisionView", NoQuery),
    ("/api/framer/health", "How old the data is", "Health", NoQuery),
]
FILES = {
    "/sitemap.xml": ("The website's pages of homes", "application/xml"),
    "/feed.xml": ("The newest homes as Atom", "application/atom+xml"),
    "/feed.json": ("The newest homes as JSON Feed", "application/feed+json"),
}
HEALTH = {
    "type": "object",
    "required": ["status", "generation", "age_s"],
    "properties": {
        "status": {"enum": ["ok", "stale"]},
        "generation": {"type": "integer"},
        "age_s": {"type": "integer"},
    },
}


def document() -> dict[str, Any]:
    """Without what only an installation knows: its address and its homes."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rentman Edge",
            "version": "1",
            "description": "Homes to let and for sale: JSON for GET and HEAD, open to every origin.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": {path: {"get": _operation(*one)} for path, *one in map(_pathed, OPERATIONS)}
        | {path: {"get": _file(path, *one)} for path, one in FILES.items()},
        "components": {"schemas": _schemas(), "responses": _responses()},
    }


def _pathed(operation: Operation) -> tuple[Any, ...]:
    return operation[0], *operation


def _schemas() -> dict[str, Any]:
    _, made = msgspec.json.schema_components(STRUCTS, ref_template=REF)
    for name in ("ListQuery", "SuggestQuery"):
        del made[name]
    tail = made.pop("Tail")
    made["List"] = tail | {
        "title": "List",
        "properties": {"items": CARDS} | tail["properties"],
        "required": ["items", *tail["required"]],
    }
    made["Cards"] = {
        "title": "Cards",
        "type": "object",
        "properties": {"items": CARDS, "total": {"type": "integer"}},
        "required": ["items", "total"],
    }
    made["Health"] = HEALTH
    made["Detail"]["properties"]["similar"] = CARDS
    made["AreaDetail"]["properties"]["items"] = CARDS
    made["Problem"]["properties"]["type"] = {"enum": [PROBLEM_BASE + kind for kind in TITLES]}
    return dict(sorted(made.items()))


def _responses() -> dict[str, Any]:
    content = {PROBLEM: {"schema": {"$ref": REF.format(name="Problem")}}}
    kinds = {
        "Moved": "The home has another address now",
        "Invalid": "A parameter, named, is unknown or invalid",
        "Missing": "Nothing is published here",
        "NotAcceptable": "Every stored encoding was refused",
        "TooMany": "Too many new questions from one address; ask again as Retry-After says",
        "Unavailable": "No snapshot yet, or no edge in time; ask again",
    }
    return {name: {"description": said, "content": content} for name, said in kinds.items()}


def _operation(
    path: str, summary: str, schema: str, query: type[msgspec.Struct]
) -> dict[str, Any]:
    content = {JSON: {"schema": {"$ref": REF.format(name=schema)}}}
    answers = {"200": {"description": summary, "content": content}}
    if "{" in path:
        answers["400"] = {"$ref": "#/components/responses/Invalid"}
        answers["404"] = {"$ref": "#/components/responses/Missing"}
    if "{key}" in path:
        answers["308"] = {"$ref": "#/components/responses/Moved"}
    if query is not NoQuery or path == "/api/revision":
        answers["400"] = {"$ref": "#/components/responses/Invalid"}
    if query is not NoQuery:
        answers["429"] = {"$ref": "#/components/responses/TooMany"}
    return _described(path, summary, answers, _parameters(path, query))


def _file(path: str, summary: str, kind: str) -> dict[str, Any]:
    content = {kind: {"schema": {"type": "string"}}} if kind.endswith("xml") else {kind: {}}
    return _described(path, summary, {"200": {"description": summary, "content": content}}, [])


def _described(
    path: str, summary: str, answers: dict[str, Any], parameters: list[dict[str, Any]]
) -> dict[str, Any]:
    common = {
        "406": {"$ref": "#/components/responses/NotAcceptable"},
        "503": {"$ref": "#/components/responses/Unavailable"},
    }
    name = "".join(part.strip("{}").capitalize() for part in path.replace(".", "/").split("/"))
    made = {"operationId": f"get{name}", "summary": summary, "responses": answers | common}
    return made | ({"parameters": parameters} if parameters else {})


def _parameters(path: str, query: type[msgspec.Struct]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": said,
            "schema": {"type": "string", "minLength": 1},
        }
        for name, said in (KEY, SLUG)
        if f"{{{name}}}" in path
    ]
    (ref,), made = msgspec.json.schema_components([query])
    properties = made[ref["$ref"].rpartition("/")[2]]["properties"]
    kind = inspect.type_info(query)
    assert isinstance(kind, inspect.StructType)
    for field in kind.fields:
        required = field.name == "q" and path.endswith("/search")
        found.append(_parameter(field.name, properties[field.name], required=required))
    return found


def _parameter(name: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    """A schema as it stands in a query string: never null, a list joined by commas."""
    schema = dict(schema)
    examples = schema.pop("examples", [])
    made: dict[str, Any] = {"name": name, "in": "query", "description": schema.pop("description")}
    if "anyOf" in schema:
        (plain,) = (one for one in schema.pop("anyOf") if one != {"type": "null"})
        schema = {**plain, **schema}
    if schema.get("default", ...) in (None, []):
        del schema["default"]
    if required:
        made["required"] = True
    if schema.get("type") == "array":
        made |= {"style": "form", "explode": False}
        examples = [one.split(",") for one in examples]
    if schema.get("type") == "boolean":
        examples = [one == "true" for one in examples]
    made["schema"] = schema
    return made | ({"example": examples[0]} if examples else {})
