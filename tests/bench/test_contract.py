"""The simulated Rentman keeps every clause of the contract that a client can see."""

import base64
import re
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from bench.rentman.pictures import papers
from bench.rentman.portfolio import generate
from tests.bench.conftest import LIST, MEDIA, TOKEN, Upstream, running

GUID = re.compile(r"^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\.(jpg|png|mp4|pdf)$")


def plain(row: dict[str, Any]) -> str:
    return str(row["propref"]).strip().removesuffix(".00")


def first(upstream: Upstream, key: str, suffix: str = "") -> str:
    return next(
        str(row[key]) for row in upstream.rows() if str(row[key]).endswith(suffix or "jpg")
    )


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"token": TOKEN}, {}),
        ({"token": "demo+token/1="}, {}),
        ({}, {"token": "demo+token/1="}),
    ],
    ids=["header as issued", "header decoded", "query"],
)
def test_a_token_is_taken_in_three_forms(
    upstream: Upstream, headers: dict[str, str], query: dict[str, str]
) -> None:
    params = {"noimage": "1", "limit": "1", **query}
    assert upstream.http.get(LIST, params=params, headers=headers).status_code == 200


def test_a_decoded_token_pasted_into_a_url_loses_its_plus(upstream: Upstream) -> None:
    assert upstream.http.get(f"{LIST}?noimage=1&token=demo+token/1=").status_code == 401


def test_only_the_chosen_form_of_token_is_taken(upstream: Upstream) -> None:
    upstream.admin("POST", "settings", token_form="header-decoded")

    assert upstream.get(noimage=1).status_code == 401
    assert upstream.get(noimage=1, headers={"token": "demo+token/1="}).status_code == 200


def test_options_work_as_headers_and_as_query(upstream: Upstream) -> None:
    headers = {"limit": "7", "page": "2", "noimage": "1"}
    by_header = upstream.get(headers=headers).content

    assert by_header == upstream.get(**headers).content


def test_pages_are_25_by_default_and_empty_past_the_last(upstream: Upstream) -> None:
    sizes = [len(upstream.get(noimage=1, page=page).json()) for page in (1, 2, 3, 4)]

    assert sizes == [25, 25, 10, 0]
    assert upstream.get(noimage=1, page=4).content == b"[]"


def test_three_quarters_are_lettings_and_a_code_3_is_in_both(upstream: Upstream) -> None:
    rent, sale = upstream.rows(rob="rent"), upstream.rows(rob="sale")
    both = {plain(row) for row in rent} & {plain(row) for row in sale}

    assert 42 <= len(rent) <= 48
    assert len(rent) + len(sale) == 60 + len(both)
    assert 1 <= len(both) <= 2


def test_featured_lists_some_and_onlyarea_lists_little(upstream: Upstream) -> None:
    assert 0 < len(upstream.rows(featured=1)) < 60
    assert all(set(row) == {"postcode", "area"} for row in upstream.rows(onlyarea=1))


@pytest.mark.parametrize("form", ["1042", " 1042 ", "1042.00"])
def test_every_form_of_a_reference_finds_the_same_listing(upstream: Upstream, form: str) -> None:
    assert [plain(row) for row in upstream.rows(propref=form)] == ["1042"]


def test_an_unknown_reference_is_an_empty_array(upstream: Upstream) -> None:
    assert upstream.rows(propref="9999") == []


def test_rows_carry_the_first_photo_unless_asked_not_to(upstream: Upstream) -> None:
    row = upstream.get(propref="1042").json()[0]
    data = base64.b64decode(row["photo1binary"])

    assert "CANARYPHOTO1BINARY" in row["photo1binary"]
    assert data[:3] == b"\xff\xd8\xff"
    assert "photo1binary" not in upstream.rows(propref="1042")[0]


def test_slashes_are_escaped_everywhere(upstream: Upstream) -> None:
    media = upstream.get(MEDIA, filename=first(upstream, "photo1")).content

    assert b"\\/" in media
    assert not re.search(rb"(?<!\\)/", media)


def test_media_base64_breaks_after_76_characters(upstream: Upstream) -> None:
    name = first(upstream, "photo1")
    (record,) = upstream.get(MEDIA, filename=name).json()
    lines = record["base64data"].split("\n")

    assert {len(line) for line in lines[:-1]} == {76}
    assert record["filename"] == name
    assert record["caption"] is None
    assert record["imgorder"] == "1"


def test_a_gallery_is_always_an_array_with_codes_for_papers(upstream: Upstream) -> None:
    row = next(row for row in upstream.rows() if str(row["brochure"]).endswith(".pdf"))
    records = upstream.get(MEDIA, propref=plain(row)).json()
    starts = {record["imgorder"]: base64.b64decode(record["base64data"])[:4] for record in records}

    assert starts["9006"] == b"%PDF"
    assert starts["1"][:3] == b"\xff\xd8\xff"
    assert all(GUID.match(record["filename"]) for record in records)


def test_media_wants_exactly_one_of_propref_and_filename(upstream: Upstream) -> None:
    assert upstream.get(MEDIA).status_code == 400
    assert upstream.get(MEDIA, propref="1001", filename="x.jpg").status_code == 400
    assert upstream.get(MEDIA, filename="nobody.jpg").content == b"[]"


def test_bare_base64_and_xml_are_given_when_accepted(upstream: Upstream) -> None:
    name = first(upstream, "photo1")
    bare = upstream.get(MEDIA, filename=name, headers={"Accept": "application/base64"})
    xml = upstream.get(limit=1, noimage=1, headers={"Accept": "application/xml"})

    assert base64.b64decode(bare.text)[:3] == b"\xff\xd8\xff"
    assert xml.text.startswith("<?xml")
    assert "<propref>" in xml.text


def test_rows_have_the_quirks_of_the_real_service(upstream: Upstream) -> None:
    rows = upstream.rows()
    some = rows[0]

    assert {"TYPE", "STATUS", "FLOOR", "DESCRIPTION", "nearesttsation"} <= set(some)
    assert {type(row["propref"]) for row in rows} == {str, int}
    assert any(str(row["propref"]).endswith(".00") for row in rows)
    flags = {repr(row[key]) for row in rows for key in ("featured", "nonres", "commercial")}
    assert {"'\\x00'", "False", "0", "None"} <= flags
    assert {type(row["rentorbuy"]) for row in rows} == {str, int}
    assert any(str(row["area"]).endswith(" ") for row in rows)
    assert all(row["bullets"].endswith("\r") and "\n" not in row["bullets"] for row in rows)
    assert any("\r\n\r\n" in row["comments"] for row in rows)


def test_the_portfolio_has_each_rarity_in_its_share(upstream: Upstream) -> None:
    rows = upstream.rows()
    missing = sum(not row["geolocation"] for row in rows)
    plans = sum(bool(row["floorplan"]) for row in rows)
    photos = [str(row[f"photo{slot}"]) for row in rows for slot in range(1, 10)]

    assert 24 <= missing <= 46
    assert 14 <= plans <= 36
    assert sum(bool(row["epc"]) for row in rows) >= 54
    assert sum(row["brochure"] == "F" for row in rows) in range(2, 6)
    assert 1 <= sum(name.endswith(".mp4") for name in photos) <= 6
    free = [row for row in rows if str(row["rentorbuy"]) == "1" and not float(row["rentmonth"])]
    assert 1 <= len(free) <= 2


def test_what_must_not_be_published_can_be_searched_for(upstream: Upstream) -> None:
    for row in upstream.rows():
        ref = plain(row)
        assert f"CANARY-OWNER-THOUGHTS-{ref}" in row["thoughts"]
        assert f"CANARY-NEG-{ref}" in row["negotiatorname"]
        assert f"CANARY-NEG-{ref}" in row["negotiatoremail"].partition("@")[0]
        assert row["negotiatormobile"].startswith("07700 900")
        assert row["number"] in row["displayaddress"]


def test_a_listing_says_one_band_and_one_rating_everywhere() -> None:
    for home in generate(7, 60, date(2026, 11, 20)):
        bullets = " | ".join(home.text.bullets)
        assert f"Council Tax Band {home.details.band}" in bullets
        for item in home.media:
            if item.kind == "epc":
                assert f"Energy rating {papers.rating(item.art)}" in bullets


def test_no_two_descriptions_read_alike(upstream: Upstream) -> None:
    texts = [row["comments"] for row in upstream.rows()]

    assert len(set(texts)) == len(texts)
    assert min(len(text) for text in texts) > 250
    assert not any(re.search(r"[{}]|  ", text) for text in texts)


def test_the_same_seed_gives_the_same_bytes_and_60_begin_600(
    upstream: Upstream, drawn: Path
) -> None:
    ours = upstream.get(noimage=1, limit=60).content
    with running(drawn, "--listings", "600") as larger:
        theirs = larger.get(noimage=1, limit=60).content

    assert [plain(row) for row in msgspec.json.decode(ours)][:3] == ["1001", "1002", "1003"]
    assert ours == theirs


def test_ten_thousand_listings_are_ready_in_seconds(drawn: Path) -> None:
    with running(drawn, "--listings", "10000", "--seed", "8") as upstream:
        assert "with 10000 listings" in upstream.ready
        assert len(upstream.rows(limit=2000, page=5)) == 2000
        assert upstream.stop() == 0


def test_admin_and_upstream_never_meet(upstream: Upstream) -> None:
    before = upstream.state()["requests"]["all"]["calls"]

    assert upstream.admin("GET", "state").headers["x-simulator"] == "admin"
    assert "x-simulator" not in upstream.get(noimage=1, limit=1).headers
    assert upstream.state()["requests"]["all"]["calls"] == before + 1


def test_counters_tell_a_polite_client_from_a_rude_one(upstream: Upstream) -> None:
    upstream.admin("POST", "settings", list_latency=0.05)
    upstream.get(noimage=1, limit=1)
    upstream.get(noimage=1, limit=1)
    seen = upstream.state()["requests"]

    assert seen["list"]["calls"] == 2
    assert seen["media"]["calls"] == 0
    assert seen["all"]["max_concurrent"] == 1
    assert seen["list"]["min_interval_s"] >= 0.05


def test_a_slow_mode_delays_each_endpoint_by_itself(upstream: Upstream) -> None:
    upstream.admin("POST", "settings", media_latency=0.3)

    assert upstream.get(noimage=1, limit=1).elapsed.total_seconds() < 0.25
    assert upstream.get(MEDIA, filename="none.jpg").elapsed.total_seconds() >= 0.3


def test_a_port_in_use_is_an_error_not_a_loop(upstream: Upstream, drawn: Path) -> None:
    port = str(httpx.URL(upstream.url).port)
    with running(drawn, "--port", port) as second:
        assert second.process.wait(10) == 1
        assert second.ready == ""
