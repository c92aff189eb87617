"""The documentation, held against the code: settings, targets, fields, parameters, problems, links."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from edge.message import PROBLEM_BASE, TITLES
from edge.query.parameters import ListQuery
from edge.settings import Settings as EdgeSettings
from snapshot.environment import Secret
from sync.render.card import Card
from sync.render.detail import Detail
from sync.settings import Settings as SyncSettings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SYNC = (ROOT / "docs" / "sync.md").read_text()
API = (ROOT / "docs" / "api.md").read_text()
CADDYFILE = (ROOT / "Caddyfile").read_text()


def settings(prefix: str, kind: type[msgspec.Struct]) -> dict[str, str]:
    """Name to default, as the README writes them."""
    found = {}
    for field in msgspec.structs.fields(kind):
        required = field.required or field.type is Secret
        default = "required" if required else str(field.default)
        number = isinstance(field.default, float) and field.default.is_integer()
        found[f"{prefix}{field.name.upper()}"] = str(int(field.default)) if number else default
    return found


@pytest.mark.parametrize(("prefix", "kind"), [("SYNC_", SyncSettings), ("EDGE_", EdgeSettings)])
def test_every_setting_is_in_the_readme_with_its_default_and_no_other_is(
    prefix: str, kind: type[msgspec.Struct]
) -> None:
    rows = dict(re.findall(rf"^\| `({prefix}\w+)` \| `?([^|`]*?)`? \|", README, re.MULTILINE))

    assert rows == {name: value or "empty" for name, value in settings(prefix, kind).items()}


def test_every_make_target_in_the_readme_exists_and_the_other_way_round() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE)) | {"setup"} == targets


def test_every_variable_of_the_caddyfile_is_in_the_readme() -> None:
    for name in set(re.findall(r"\{\$([A-Z_]+)", CADDYFILE)):
        assert f"`{name}`" in README, name


def test_every_field_of_a_card_and_a_detail_is_in_the_api_document() -> None:
    for field in Detail.__struct_encode_fields__ + Card.__struct_encode_fields__:
        assert f"`{field}`" in API, field


def test_every_parameter_is_in_the_api_document_and_no_other_is() -> None:
    table = API.partition("| Parameter |")[2].partition("\n\n")[0]
    names = re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| ([^|]*) \|", table, re.MULTILINE)))

    assert sorted(names) == sorted(ListQuery.__struct_fields__)


def test_every_problem_is_in_the_api_document_and_no_other_is() -> None:
    named = re.findall(rf"^\| `{PROBLEM_BASE}([\w-]+)`", API, re.MULTILINE)

    from_caddy = re.findall(rf"^\t+\S+ {PROBLEM_BASE}([a-z-]+) \"", CADDYFILE, re.MULTILINE)
    assert {*from_caddy} <= {*named}
    assert {*named} == {*TITLES, *from_caddy}


def test_every_event_of_the_log_is_in_the_document_and_no_other_is() -> None:
    table = SYNC.partition("| Event |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
    documented = set(re.findall(r"`(\w+)`", "\n".join(rows)))

    assert documented == {event for event, _ in _log_calls()}


def test_every_line_of_the_log_is_an_event_and_its_values() -> None:
    for event, call in _log_calls():
        assert re.fullmatch(r"[a-z_]+", event), event
        assert len(call.args) == 1, event


def _log_calls() -> Iterator[tuple[str, ast.Call]]:
    for source in (ROOT / "sync").rglob("*.py"):
        for call in ast.walk(ast.parse(source.read_text())):
            if isinstance(call, ast.Call) and re.fullmatch(
                r"log\.(debug|info|warning|error|exception)|tell", ast.unparse(call.func)
            ):
                yield str(ast.literal_eval(call.args[0])), call


def test_links_between_documents_lead_somewhere() -> None:
    documents = [
        ROOT / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "deploy").rglob("*.md"),
    ]
    for document in documents:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_readme_stays_readable() -> None:
    assert README.count("\n") <= 150
