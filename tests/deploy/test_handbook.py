"""Every command, unit, file and heading that the handbook names is one that there is."""

import re
import subprocess

import pytest

from deploy.backup.__main__ import _parser as backup_parser
from deploy.install.__main__ import _parser as install_parser
from deploy.preflight.__main__ import _parser as preflight_parser
from sync.__main__ import app
from tests.conftest import ROOT

DOCUMENTS = {name: (ROOT / "docs" / name).read_text() for name in ("deploy.md", "operations.md")}
SCRIPT = (ROOT / "deploy" / "rentman-edge").read_text()
UNITS = {path.name for path in (ROOT / "deploy" / "systemd").iterdir()}


def commands(text: str) -> set[str]:
    """What stands in backticks, and each line of a block."""
    blocks = re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    outside = re.sub(r"^```\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`]+)`", outside)
    return {
        " ".join(line.split()) for each in (*spans, *blocks) for line in each.splitlines() if line
    }


COMMANDS = set().union(*map(commands, DOCUMENTS.values()))


def named(program: str) -> list[str]:
    return sorted(line for line in COMMANDS if line.startswith(f"{program} "))


@pytest.mark.parametrize("line", named("rentman-edge"))
def test_a_command_of_ours_exists_with_its_options(line: str) -> None:
    _, part, *words = line.split()

    assert re.search(rf"^{part}\) ", SCRIPT, re.MULTILINE), part
    if part == "sync":
        chosen = app
        for word in [word for word in words if word.islower() and not word.startswith("-")]:
            chosen = chosen[word]
        assert chosen.default_command
    elif part == "backup":
        backup_parser().parse_args(words)
    elif part == "preflight":
        preflight_parser().parse_args(words)


@pytest.mark.parametrize("line", named("deploy/install.sh"))
def test_the_installer_takes_its_options(line: str) -> None:
    install_parser().parse_args(line.split()[1:])


def test_every_option_of_the_installer_is_in_the_table() -> None:
    table = DOCUMENTS["deploy.md"].partition("| Option |")[2].partition("\n\n")[0]
    options = {o for a in install_parser()._actions for o in a.option_strings} - {"-h", "--help"}

    assert (
        set(
            re.findall(r"--[a-z-]+", "\n".join(re.findall(r"^\| ([^|]*) \|", table, re.MULTILINE)))
        )
        == options
    )


@pytest.mark.parametrize("line", [*named("systemctl"), *named("journalctl")])
def test_a_unit_that_is_named_exists(line: str) -> None:
    for name in re.findall(r"rentman[a-z@0-9.-]*", line):
        if name == "rentman":  # a pattern
            continue
        unit = re.sub(r"@[0-9]*", "@", name)
        assert any(have in (unit, f"{unit}.service") for have in UNITS), line


def test_every_file_of_settings_that_is_named_is_written_or_for_the_operator_to_write() -> None:
    for text in DOCUMENTS.values():
        for name in re.findall(r"/etc/rentman-edge/([a-z./-]+[a-z])", text):
            written = ROOT / "deploy" / "etc" / name
            assert written.exists() or name in ("rentman-token", "caddy.d/global-acme.caddy"), name


def test_the_exposures_in_the_table_are_those_that_are_measured() -> None:
    rows = re.findall(
        r"^\| `(rentman-[a-z]+)[^|]*\| [^|]* \| ([\d.]+) \|", DOCUMENTS["deploy.md"], re.MULTILINE
    )
    assert len(rows) == 5
    for unit, exposure in rows:
        place = ROOT / "deploy" / "systemd"
        (path,) = (p for p in place.glob("*.service") if re.fullmatch(f"{unit}@?", p.stem))
        judged = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--no-pager", str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert f": {exposure} " in judged.stdout.splitlines()[-1], unit


def test_headings_that_are_linked_to_exist() -> None:
    for name, text in DOCUMENTS.items():
        titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        anchors = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}
        for anchor in re.findall(r"\]\(#([^)]+)\)", text):
            assert anchor in anchors, f"{name}#{anchor}"


def test_every_page_of_the_handbook_says_what_to_check_and_how_to_act() -> None:
    pages = re.split(r"^## ", DOCUMENTS["operations.md"], flags=re.MULTILINE)
    symptoms = [page for page in pages if "* Check:" in page or "* Act:" in page]
    assert len(symptoms) >= 20
    for page in symptoms:
        assert "* Check:" in page, page.splitlines()[0]
        assert "* Act:" in page, page.splitlines()[0]
