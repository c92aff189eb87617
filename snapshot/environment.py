"""How both programs read their settings: typed, from the environment, all faults at once.

Operators meet `SYNC_*` and `EDGE_*` side by side in one file, so both are read by the same rules.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

_Settings = TypeVar("_Settings", bound=msgspec.Struct)


class SettingsError(Exception):
    """Every fault found, one per line; nothing was started."""


def read(kind: type[_Settings], prefix: str, environ: Mapping[str, str]) -> _Settings:
    """`kind` filled from `PREFIX_NAME`, or from the file that `PREFIX_NAME_FILE` names for a secret.

    A variable set to nothing, or a file without text, counts as unset. Unknown names, missing
    values and values that do not fit are collected and raised together as one `SettingsError`.
    """
    given = {k.removeprefix(prefix): v for k, v in environ.items() if k.startswith(prefix) and v}
    values: dict[str, object] = {}
    faults: list[str] = []
    fields = msgspec.structs.fields(kind)
    for field in fields:
        name = field.name.upper()
        try:
            text = _text(given, name, secret=field.type is Secret)
            if text is not None:
                values[field.name] = _value(field.type, text)
            elif field.required:
                faults.append(f"{prefix}{name} is required")
        except (msgspec.ValidationError, OSError, ValueError) as error:
            faults.append(f"{prefix}{name}: {error}")
    faults += [f"{prefix}{name} is not a setting" for name in sorted(given)]
    lacking = {field.name for field in fields if field.required} - values.keys()
    made = None if lacking else _made(kind, values, faults)
    if made is None or faults:
        raise SettingsError("\n".join(faults))
    return made


class Secret:
    """A value that never shows itself: `reveal` is the only way to its text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"


def _made(kind: type[_Settings], values: dict[str, object], faults: list[str]) -> _Settings | None:
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:  # a rule of the struct as a whole
        faults.append(str(error))
        return None


def _text(given: dict[str, str], name: str, *, secret: bool) -> str | None:
    text = given.pop(name, None)
    file = given.pop(f"{name}_FILE", None) if secret else None
    if text is not None and file is not None:
        raise ValueError("set either the value or its _FILE, not both")
    return Path(file).read_text().strip() or None if file is not None else text


def _value(kind: object, text: str) -> object:
    if kind is Secret:
        return Secret(text)
    if kind is Path:
        return Path(text)
    return msgspec.convert(text, kind, strict=False)
