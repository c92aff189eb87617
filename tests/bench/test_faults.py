"""Every failure mode of the contract occurs on demand, and ends when healed."""

import base64
from typing import Any

import httpx
import msgspec
import pytest

from tests.bench.conftest import LIST, MEDIA, Upstream
from tests.bench.test_contract import first, plain

ALL = [f"F{number}" for number in range(1, 24)]


@pytest.mark.parametrize("mode", ALL)
def test_each_numbered_mode_exists_and_heals(upstream: Upstream, mode: str) -> None:
    assert upstream.fault(mode)["mode"] == mode
    assert [fault["mode"] for fault in upstream.state()["faults"]] == [mode]
    assert upstream.admin("DELETE", "faults").json() == {"healed": 1}
    assert upstream.rows(limit=1)


def test_an_unknown_mode_is_told_the_allowed_ones(upstream: Upstream) -> None:
    response = upstream.admin("POST", "faults", mode="F24")

    assert response.status_code == 400
    assert "F1, F2" in response.json()["error"]
    assert upstream.state()["faults"] == []


@pytest.mark.parametrize(
    "order",
    [
        {"mode": "F1", "variant": "loud"},
        {"mode": "F1", "when": 3},
        {"mode": "F1", "endpoint": "x"},
    ],
)
def test_a_wrong_order_is_refused(upstream: Upstream, order: dict[str, Any]) -> None:
    assert upstream.admin("POST", "faults", **order).status_code == 400


@pytest.mark.parametrize("variant", ["html", "notice", "login"])
def test_f1_is_200_and_not_json(upstream: Upstream, variant: str) -> None:
    upstream.fault("F1", variant=variant, times=1)
    response = upstream.get(noimage=1)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert response.content.lstrip().startswith(b"<")
    assert upstream.get(noimage=1).content.startswith(b"[")


@pytest.mark.parametrize(
    ("variant", "kind"), [("null", type(None)), ("object", dict), ("string", str), ("number", int)]
)
def test_f2_is_json_of_another_shape(upstream: Upstream, variant: str, kind: type) -> None:
    upstream.fault("F2", variant=variant)

    assert isinstance(upstream.get(noimage=1).json(), kind)


def test_f3_empties_the_first_page_only(upstream: Upstream) -> None:
    upstream.fault("F3")

    assert [len(upstream.rows(limit=25, page=page)) for page in (1, 2)] == [0, 25]


@pytest.mark.parametrize("variant", ["html", "500", "null", "truncated"])
def test_f4_breaks_a_later_page(upstream: Upstream, variant: str) -> None:
    upstream.fault("F4", page=3, times=1, variant=variant)

    assert len(upstream.rows(limit=25, page=2)) == 25
    broken = upstream.get(noimage=1, limit=25, page=3)
    assert broken.status_code == 500 or _unreadable(broken)
    assert len(upstream.rows(limit=25, page=3)) == 10


def _unreadable(response: httpx.Response) -> bool:
    try:
        return not isinstance(msgspec.json.decode(response.content), list)
    except msgspec.DecodeError:
        return True


def test_f5_repeats_the_first_page(upstream: Upstream) -> None:
    one = upstream.rows(limit=25, page=1)
    upstream.fault("F5")

    assert upstream.rows(limit=25, page=9) == one


def test_f6_hangs_until_the_caller_gives_up(upstream: Upstream) -> None:
    upstream.fault("F6")

    with pytest.raises(httpx.ReadTimeout):
        upstream.http.get(LIST, timeout=0.3)
    assert upstream.state()["requests"]["list"]["calls"] == 1


def test_f6_may_be_slow_rather_than_silent(upstream: Upstream) -> None:
    upstream.fault("F6", variant="slow", seconds=0.2)
    response = upstream.get(noimage=1, limit=1)

    assert response.elapsed.total_seconds() >= 0.2
    assert len(response.json()) == 1


@pytest.mark.parametrize(("variant", "status"), [("401", 401), ("403", 403), ("login", 200)])
def test_f7_revokes_the_token_everywhere(upstream: Upstream, variant: str, status: int) -> None:
    upstream.fault("F7", variant=variant)

    for path in (LIST, MEDIA):
        response = upstream.get(path)
        assert response.status_code == status
        assert b"<html" in response.content


@pytest.mark.parametrize("variant", ["500", "502", "503"])
def test_f8_fails_so_often_and_recovers(upstream: Upstream, variant: str) -> None:
    upstream.fault("F8", variant=variant, times=2)

    codes = [upstream.get(noimage=1, limit=1).status_code for _call in range(3)]
    assert codes == [int(variant), int(variant), 200]


def test_f8_may_ask_for_patience(upstream: Upstream) -> None:
    upstream.fault("F8", variant="429", seconds=7)

    assert upstream.get().headers["retry-after"] == "7"


@pytest.mark.parametrize("mode", ["F8", "F23"])
def test_a_connection_may_break_in_the_middle(upstream: Upstream, mode: str) -> None:
    upstream.fault(mode, variant="drop")

    with pytest.raises(httpx.RemoteProtocolError):
        upstream.get(noimage=1, limit=5)


def test_f9_changes_the_case_of_keys_or_loses_some(upstream: Upstream) -> None:
    upstream.fault("F9", variant="upper")
    assert all(key.isupper() or key[-1].isdigit() for key in upstream.rows()[0])
    upstream.admin("DELETE", "faults")
    upstream.fault("F9", variant="missing")
    assert not any("geolocation" in row for row in upstream.rows())


def test_f10_sends_numbers_for_strings_and_back(upstream: Upstream) -> None:
    upstream.fault("F10")
    assert {type(row["rentmonth"]) for row in upstream.rows(rob="rent")} <= {int, float}
    upstream.admin("DELETE", "faults")
    upstream.fault("F10", variant="strings")
    assert {type(row["propref"]) for row in upstream.rows()} == {str}


def test_f11_sends_every_boolean_as_a_control_character(upstream: Upstream) -> None:
    honest = len(upstream.rows(featured=1))
    upstream.fault("F11")
    flags = [row["featured"] for row in upstream.rows()]

    assert set(flags) == {"\x00", "\x01"}
    assert flags.count("\x01") == honest


@pytest.mark.parametrize("variant", ["lf", "crlf", "nopad", "datauri", "urlsafe"])
def test_f12_wraps_base64_oddly(upstream: Upstream, variant: str) -> None:
    name = first(upstream, "epc", "png")
    upstream.fault("F12", variant=variant)
    text = upstream.get(MEDIA, filename=name).json()[0]["base64data"]
    body = text.rpartition(",")[2].replace("-", "+").replace("_", "/")
    body = "".join(body.split()).rstrip("=")

    assert base64.b64decode(body + "=" * (-len(body) % 4))[:4] == b"\x89PNG"


def test_f13_has_no_record_of_a_listed_name(upstream: Upstream) -> None:
    name = first(upstream, "epc", "png")
    upstream.fault("F13", filename=name)

    assert upstream.get(MEDIA, filename=name).content == b"[]"
    assert upstream.get(MEDIA, filename=first(upstream, "epc")).json()


@pytest.mark.parametrize(
    ("variant", "start"), [("html", b"<!DOCTYPE"), ("text", b"Warning"), ("blank", b"")]
)
def test_f14_sends_something_that_is_no_picture(
    upstream: Upstream, variant: str, start: bytes
) -> None:
    upstream.fault("F14", variant=variant)
    (record,) = upstream.get(MEDIA, filename=first(upstream, "epc", "png")).json()

    assert base64.b64decode(record["base64data"]).startswith(start)


ROW_FAULTS = [
    ("F15", "brochure", lambda row: row["brochure"] == "F"),
    ("F15", "mp4", lambda row: row["photo2"].endswith(".mp4")),
    ("F15", "blank", lambda row: not row["photo1"].strip()),
    ("F15", "traversal", lambda row: ".." in row["photo2"]),
    ("F16", "zero", lambda row: row["rentmonth"] == "0.00"),
    ("F16", "poa", lambda row: row["displayprice"] == "POA"),
    ("F17", "number", lambda row: row["number"].strip() in row["displayaddress"]),
    ("F18", "missing", lambda row: "geolocation" not in row),
    ("F18", "zero", lambda row: row["geolocation"] == "0,0"),
    ("F18", "swapped", lambda row: row["geolocation"].startswith("-0.")),
    ("F19", "both", lambda row: row["rentorbuy"] == "3"),
    ("F19", "unknown", lambda row: row["rentorbuy"] == "7"),
    ("F20", "cr", lambda row: row["bullets"].endswith("\r")),
    ("F20", "lf", lambda row: "\r" not in row["bullets"] and "\n" in row["bullets"]),
    ("F20", "crlf", lambda row: "\r\n" in row["bullets"]),
    ("F22", "script", lambda row: "<script>" in row["comments"]),
    ("F22", "entities", lambda row: "&amp;amp;" in row["DESCRIPTION"]),
    ("F22", "control", lambda row: "\x0b" in row["strapline"]),
    ("status", "status", lambda row: row["STATUS"] == "Valuation"),
    ("noref", "noref", lambda row: not row["propref"].strip()),
]


@pytest.mark.parametrize(
    ("mode", "variant", "shows"), ROW_FAULTS, ids=[f"{m}-{v}" for m, v, _f in ROW_FAULTS]
)
def test_faults_in_rows_touch_all_or_the_chosen_one(
    upstream: Upstream, mode: str, variant: str, shows: Any
) -> None:
    upstream.fault(mode, variant=variant)
    assert all(shows(row) for row in upstream.rows(rob="rent"))
    upstream.admin("DELETE", "faults")
    honest = upstream.rows()
    upstream.fault(mode, variant=variant, propref="1042")
    changed = [old for old, new in zip(honest, upstream.rows(), strict=True) if old != new]

    assert [plain(row) for row in changed] in ([], ["1042"])


@pytest.mark.parametrize("variant", ["duplicate", "forms"])
def test_f21_lists_a_reference_twice(upstream: Upstream, variant: str) -> None:
    upstream.fault("F21", variant=variant)
    rows = upstream.rows(limit=20)

    assert len(rows) > 20
    assert len({plain(row) for row in rows}) == 20


def test_f21_may_move_rows_between_pages(upstream: Upstream) -> None:
    upstream.fault("F21", variant="shift")
    one, two = upstream.rows(limit=20, page=1), upstream.rows(limit=20, page=2)

    assert plain(one[-1]) == plain(two[0])


def test_f23_refuses_everything_until_healed_but_the_admin_desk(upstream: Upstream) -> None:
    upstream.fault("F23")
    codes = {upstream.get(path).status_code for path in (LIST, MEDIA) for _call in range(3)}

    assert codes == {503}
    assert upstream.state()["listings"] == 60


@pytest.mark.parametrize("mode", ["html", "null", "object", "truncated"])
def test_aliases_break_a_page_by_number(upstream: Upstream, mode: str) -> None:
    upstream.fault(mode, page=2)

    assert upstream.rows(limit=25, page=1)
    assert _unreadable(upstream.get(noimage=1, limit=25, page=2))


def test_a_byte_order_mark_may_precede_good_json(upstream: Upstream) -> None:
    upstream.fault("bom")
    content = upstream.get(noimage=1, limit=1).content

    assert content.startswith(b"\xef\xbb\xbf[")
    assert len(msgspec.json.decode(content[3:])) == 1


def test_a_fault_may_wait_for_its_turn(upstream: Upstream) -> None:
    upstream.fault("503", after=1, times=1)

    codes = [upstream.get(noimage=1, limit=1).status_code for _call in range(3)]
    assert codes == [200, 503, 200]
