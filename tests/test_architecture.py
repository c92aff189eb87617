"""What the README draws and the style asks, checked against the code."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"edge", "sync", "snapshot", "bench", "deploy", "tests"}
MAY_IMPORT = {
    "snapshot": set[str](),
    "edge": {"snapshot"},
    "sync": {"snapshot"},
    "bench": set[str](),
    "deploy": {"snapshot", "sync"},  # an operator's tools look into what is deployed
}
LONGEST = 300


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_follow_the_arrows(package: str) -> None:
    files = list((ROOT / package).rglob("*.py"))
    assert files
    for path in files:
        strays = (imported(path) & OURS) - MAY_IMPORT[package] - {package}
        assert not strays, f"{path} imports {strays}"


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_every_module_says_what_it_is_and_stays_readable(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        text = path.read_text()
        assert ast.get_docstring(ast.parse(text)), f"{path} has no docstring"
        assert text.count("\n") <= LONGEST, f"{path} is too long to hold in the head"


def test_only_the_entry_points_read_the_environment() -> None:
    for package in ("edge", "sync", "snapshot"):
        for path in (ROOT / package).rglob("*.py"):
            if path.name != "__main__.py":
                assert "os.environ" not in path.read_text(), f"{path} reads the environment"


def test_anything_may_go_wrong_in_exactly_one_place() -> None:
    broad = [
        path.relative_to(ROOT).as_posix()
        for package in ("edge", "sync", "snapshot")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and is_broad(node)
    ]

    assert broad == ["sync/daemon.py"]


def is_broad(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    return caught is None or (isinstance(caught, ast.Name) and caught.id == "Exception")
