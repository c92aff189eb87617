"""Words, settings and exit codes of `python -m sync COMMAND`."""

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from sync.__main__ import app, main
from sync.commands.result import FAILED, HELD, INTERRUPTED, OK, UPSTREAM_FAILED, USAGE
from tests.conftest import ROOT
from tests.sync.conftest import Installation

DOCUMENTS = "".join((ROOT / name).read_text() for name in ("README.md", "docs/sync.md"))


def test_bad_settings_are_all_named_at_once(installation: Installation) -> None:
    done = installation.sync(
        "once",
        SYNC_RENTMAN_TOKEN="",
        SYNC_INTERVAL_S="soon",
        SYNC_PAGE_SIZE="0",
        SYNC_PICTURE_PROFILE="huge",
        SYNC_COLOUR="red",
    )

    assert done.returncode == 2
    for name in ("RENTMAN_TOKEN", "INTERVAL_S", "PAGE_SIZE", "PICTURE_PROFILE", "COLOUR"):
        assert f"SYNC_{name}" in done.stderr
    assert done.stdout == ""


ALONE = (
    "run",
    "once",
    "verify",
    "status",
    "diagnose",
    "holds",
    "quarantine",
    "history",
    "audit",
    "lint",
    "rollback",
    "unpin",
)


COMMANDS = (*ALONE, "confirm", "holds confirm", "holds refuse")


CODES = {0: "done", 1: "failed", 2: "usage", 3: "held", 4: "upstream failed"}


def test_help_names_every_command_and_exit_code() -> None:
    done = Installation(Path(), {}).sync("--help")

    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    for word in (*ALONE, *(f"{code} {word}" for code, word in CODES.items())):
        assert word in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_is_in_the_documents(command: str) -> None:
    with pytest.raises(SystemExit) as ended, redirect_stdout(StringIO()) as shown:
        app([*command.split(), "--help"])

    assert not ended.value.code
    usage, _, rest = shown.getvalue().partition("\n\n")
    assert usage.startswith(f"Usage: python -m sync {command}")
    assert len(rest.splitlines()[0]) > 20  # what it is for
    assert command in DOCUMENTS


def test_exit_codes_are_documented() -> None:
    table = dict(re.findall(r"^\| (\d+) \| (.*) \|$", DOCUMENTS, re.MULTILINE))

    assert {int(code) for code in table} == {OK, FAILED, USAGE, HELD, UPSTREAM_FAILED, INTERRUPTED}


@pytest.mark.parametrize(
    "words",
    [[], ["publish"], ["rollback"], ["rollback", "one"], ["status", "--yaml"], ["history"]],
)
def test_what_cannot_be_understood_exits_2(words: list[str]) -> None:
    try:
        code: object = main(words)
    except SystemExit as ended:
        code = ended.code

    assert code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SYNC_REDIS_URL", "http://store"),
        ("SYNC_REDIS_URL", "redis://store:port/0"),
        ("SYNC_DATABASE_URL", "sqlite:////proc/nowhere/sync.db"),
        ("SYNC_DATABASE_URL", "nonsense"),
        ("SYNC_MEDIA_DIR", "/proc/nowhere/media"),
        ("SYNC_MEDIA_URL", "https://bucket"),
        ("SYNC_MEDIA_KEEP_DAYS", "1"),
        ("SYNC_RENTMAN_URL", "ftp://rentman"),
        ("SYNC_PUBLIC_URL", "https://"),
        ("SYNC_CONTACT", "büro@homes.example"),
        ("SYNC_CONTACT", "a\nb"),
        ("SYNC_CALLS_PER_HOUR", "59"),
        ("SYNC_LOG_LEVEL", "loud"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_exits_2(
    installation: Installation, name: str, value: str
) -> None:
    done = installation.sync("once", **{name: value})

    assert done.returncode == 2
    assert f"\n{name}: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_of_uploads_that_is_not_there_is_named_and_exits_2(
    installation: Installation,
) -> None:
    done = installation.sync("once", SYNC_SOURCE="xml", SYNC_XML_DIR="/proc/nowhere")

    assert done.returncode == 2
    assert "\nSYNC_XML_DIR: " in done.stderr


def test_only_the_web_service_asks_for_a_token(installation: Installation) -> None:
    asked = installation.sync("status", SYNC_SOURCE="web", SYNC_RENTMAN_TOKEN="")

    assert (asked.returncode, asked.stdout) == (2, "")
    assert "SYNC_RENTMAN_TOKEN is required for SYNC_SOURCE=web" in asked.stderr
    assert installation.sync("status", SYNC_SOURCE="xml", SYNC_RENTMAN_TOKEN="").returncode == 0
