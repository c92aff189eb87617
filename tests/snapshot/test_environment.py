"""Settings from the environment: typed, every fault at once, secrets never shown."""

from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from snapshot.environment import Secret, SettingsError, read


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    token: Secret
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8000
    wait_s: float = 1.0
    dry: bool = False
    directory: Path = Path("media")

    def __post_init__(self) -> None:
        if self.dry and self.wait_s:
            raise ValueError("APP_DRY: set APP_WAIT_S to 0 as well")


def faults(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read(Settings, "APP_", environ)
    return str(caught.value).splitlines()


def test_values_are_converted_and_defaults_stay() -> None:
    settings = read(
        Settings,
        "APP_",
        {"APP_TOKEN": "t", "APP_PORT": "80", "APP_DIRECTORY": "/srv", "HOME": "x"},
    )

    assert (settings.port, settings.directory, settings.wait_s) == (80, Path("/srv"), 1.0)
    assert settings.token.reveal() == "t"


def test_every_fault_is_told_at_once() -> None:
    told = faults({"APP_PORT": "0", "APP_WAIT_S": "soon", "APP_PROT": "80", "APP_X": "y"})

    assert [line.split(":")[0].split(" ")[0] for line in told] == [
        "APP_TOKEN",
        "APP_PORT",
        "APP_WAIT_S",
        "APP_PROT",
        "APP_X",
    ]


def test_a_rule_of_the_settings_as_a_whole_is_told_with_the_others() -> None:
    told = faults({"APP_TOKEN": "t", "APP_PORT": "0", "APP_DRY": "1"})

    assert [line.partition(":")[0] for line in told] == ["APP_PORT", "APP_DRY"]


def test_set_to_nothing_is_unset() -> None:
    assert read(Settings, "APP_", {"APP_TOKEN": "t", "APP_PORT": "", "APP_NEW": ""}).port == 8000
    assert faults({"APP_TOKEN": ""}) == ["APP_TOKEN is required"]


def test_names_are_exact() -> None:
    assert faults({"APP_TOKEN": "t", "APP_port": "80"}) == ["APP_port is not a setting"]


def test_a_rule_over_several_settings_is_told() -> None:
    assert faults({"APP_TOKEN": "t", "APP_DRY": "1"}) == ["APP_DRY: set APP_WAIT_S to 0 as well"]


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file\n")

    settings = read(Settings, "APP_", {"APP_TOKEN_FILE": str(tmp_path / "token")})

    assert settings.token.reveal() == "from-file"


def test_a_secret_given_twice_is_a_fault_that_does_not_show_it(tmp_path: Path) -> None:
    told = faults({"APP_TOKEN": "hunter2", "APP_TOKEN_FILE": str(tmp_path)})

    assert told == ["APP_TOKEN: set either the value or its _FILE, not both"]


def test_an_unreadable_secret_file_is_a_fault(tmp_path: Path) -> None:
    (told,) = faults({"APP_TOKEN_FILE": str(tmp_path / "missing")})

    assert told.startswith("APP_TOKEN: ")
    assert "No such file" in told


def test_an_empty_secret_file_is_unset(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("\n")

    assert faults({"APP_TOKEN_FILE": str(tmp_path / "token")}) == ["APP_TOKEN is required"]


def test_a_secret_file_that_is_not_text_is_a_fault_that_does_not_show_it(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"hunter2\xff")

    (told,) = faults({"APP_TOKEN_FILE": str(tmp_path / "token")})

    assert "hunter2" not in told


def test_only_a_secret_has_a_file_form() -> None:
    assert faults({"APP_TOKEN": "t", "APP_PORT_FILE": "/x"}) == ["APP_PORT_FILE is not a setting"]


def test_a_secret_never_shows_itself() -> None:
    settings = read(Settings, "APP_", {"APP_TOKEN": "hunter2"})

    for shown in (repr(settings), str(settings.token), f"{settings.token}", f"{settings.token!r}"):
        assert "hunter2" not in shown
    with pytest.raises(TypeError):
        msgspec.json.encode(settings)
