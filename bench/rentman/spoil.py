"""Faults that live inside the data: rows and media records are spoiled here, each by a small function."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any

from bench.rentman.faults import Active
from bench.rentman.life import canonical
from bench.rentman.wire import Row, base64_text

FLAGS = ("nonres", "commercial", "shortlet", "featured")
BOOLEANS = {"bit": ("\x00", "\x01"), "word": ("F", "T"), "digit": (0, 1)}
MAY_MISS = ("geolocation", "nearesttsation", "strapline", "brochure", "evt", "FLOOR", "branch")
SEPARATORS = {"cr": "\r", "lf": "\n", "crlf": "\r\n"}
SCRIPT = '<script>alert("CANARY-XSS")</script><img src=x onerror=alert(1)>'
TEXTS = {
    "script": SCRIPT,
    "entities": "&lt;b&gt;Bold&lt;/b&gt; &amp;amp; &#60;i&#62; fish & chips",
    "control": "\x0bpage\x0c break\x07\x00 \u202eevil",
}


def spoil_rows(rows: Sequence[Row], faults: Sequence[Active]) -> list[Row]:
    found = list(rows)
    for active in faults:
        if active.mode.scope == "rows":
            spoil = ROWS[active.mode.name]
            found = [spoil(item, active) if _chosen(item, active) else item for item in found]
    return found


def _chosen(item: Row, active: Active) -> bool:
    wanted = active.fault.propref
    return wanted is None or canonical(wanted) == canonical(str(item.get("propref", "")))


def _keys(item: Row, active: Active) -> Row:
    if active.variant == "missing":
        return {key: value for key, value in item.items() if key not in MAY_MISS}
    change = str.upper if active.variant == "upper" else str.lower
    return {change(key): value for key, value in item.items()}


def _numbers(item: Row, active: Active) -> Row:
    change = _as_number if active.variant == "numbers" else _as_string
    return {key: change(value) for key, value in item.items()}


def _as_number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if number.is_integer() else number


def _as_string(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | str) else str(value)


def _booleans(item: Row, active: Active) -> Row:
    off, on = BOOLEANS[active.variant]
    true = (1, True, "\x01", "1", "T", "true", "Y")
    return item | {key: on if item.get(key) in true else off for key in FLAGS if key in item}


def _names(item: Row, active: Active) -> Row:
    change: dict[str, Row] = {
        "brochure": {"brochure": "F"},
        "mp4": {"photo2": "8A2C3B9E-1111-4222-8333-CANARYVIDEO1.mp4"},
        "blank": {"photo1": "  ", "epc": "", "floorplan": None},
        "traversal": {"photo2": "../../etc/passwd.jpg", "epc": "..\\windows\\epc.png"},
    }
    return item | change[active.variant]


def _rent(item: Row, active: Active) -> Row:
    if str(item.get("rentorbuy")) == "2":
        return item
    change = {
        "zero": {"rentmonth": "0.00", "displayprice": "£0 pcm"},
        "poa": {"rentmonth": "0", "displayprice": "POA"},
        "blank": {"rentmonth": "", "displayprice": "Price on application"},
    }
    return item | change[active.variant]


def _address(item: Row, _active: Active) -> Row:
    number, address = str(item["number"]).strip(), str(item["displayaddress"])
    return item if number in address else item | {"displayaddress": f"{number} {address}"}


def _location(item: Row, active: Active) -> Row:
    if active.variant == "missing":
        return {key: value for key, value in item.items() if key != "geolocation"}
    change = {"zero": "0,0", "swapped": "-0.138000,51.462000", "blank": " "}
    return item | {"geolocation": change[active.variant]}


def _channel(item: Row, active: Active) -> Row:
    if active.variant == "unknown":
        return item | {"rentorbuy": "7"}
    return item | {"rentorbuy": "3", "STATUS": "ForSale&ToLet", "saleprice": "425000.00"}


def _bullets(item: Row, active: Active) -> Row:
    separator = SEPARATORS[active.variant]
    return item | {"bullets": str(item["bullets"]).replace("\r", separator)}


def _text(item: Row, active: Active) -> Row:
    extra = active.fault.value or TEXTS[active.variant]
    keys = ("comments", "DESCRIPTION", "strapline", "displayaddress")
    return item | {key: f"{item.get(key)} {extra}" for key in keys}


def _status(item: Row, active: Active) -> Row:
    return item | {"STATUS": active.fault.value or "Valuation"}


def _no_reference(item: Row, active: Active) -> Row:
    return item | {"propref": active.fault.value or "  "}


ROWS: dict[str, Callable[[Row, Active], Row]] = {
    "F9": _keys,
    "F10": _numbers,
    "F11": _booleans,
    "F15": _names,
    "F16": _rent,
    "F17": _address,
    "F18": _location,
    "F19": _channel,
    "F20": _bullets,
    "F22": _text,
    "status": _status,
    "noref": _no_reference,
}


def content(data: bytes, faults: Sequence[Active]) -> str:
    """A file as base64 text, spoiled if a fault says so."""
    for active in faults:
        if active.mode.name == "F14":
            data = _not_a_picture(data, active.variant)
        if active.mode.name == "F12":
            return _odd_base64(data, active.variant)
    return base64_text(data)


def _not_a_picture(data: bytes, variant: str) -> bytes:
    bodies = {
        "html": b"<!DOCTYPE html><html><body><h1>404 Not Found</h1></body></html>",
        "text": b"Warning: file_get_contents(): failed to open stream",
        "truncated": data[: len(data) // 2],
        "blank": b"",
    }
    return bodies[variant]


def _odd_base64(data: bytes, variant: str) -> str:
    text = base64_text(data)
    odd = {
        "lf": lambda: text + "\n",
        "crlf": lambda: text.replace("\n", "\r\n") + "\r\n",
        "nopad": lambda: text.rstrip("="),
        "datauri": lambda: "data:image/jpeg;base64," + b64encode(data).decode("ascii"),
        "urlsafe": lambda: text.replace("+", "-").replace("/", "_"),
    }
    return odd[variant]()
