"""docs/rentman.md, clause by clause: each thing that Rentman was seen to send goes over HTTP through
a whole pass, and what visitors see of it is as the tables there say. A clause without a case fails.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio

from snapshot import Publisher
from snapshot.environment import Secret
from sync.cycle import Cycle
from sync.gallery import Gallery
from sync.media.studio import Studio
from sync.publish import Press
from sync.render.images import Links
from sync.rentman.client import Rentman as Client
from sync.rentman.web import Web
from sync.rentmanxml.folder import Folder
from sync.rentmanxml.source import RentmanXml
from sync.report import GOOD
from sync.resilience import Guard
from sync.source import Source
from sync.state.database import State
from tests.conftest import ROOT, TOKEN
from tests.sync.law.scripted import Rentman, Seen, home, hung, scripted, seen
from tests.sync.media import documents, films
from tests.sync.media.pictures import drawing, jpeg, saved
from tests.sync.rentmanxml import made
from tests.sync.samples import NOON

LAW = (ROOT / "docs" / "rentman.md").read_text()
PAGE = 2  # rows
HOMES = ["42", "43", "44"]
HTML = b"<html><body>Service fault</body></html>"
PHOTO, PLAN = jpeg(500, 400), saved(drawing(600, 500), "PNG")


@dataclass(frozen=True)
class Case:
    """`does`: what it answers after a good first list. `sees`: asserts. `proves`: a failure mode.
    `outcome`: of the pass; a good one whether or not it changed a page."""

    clause: str
    does: Callable[[Rentman], None]
    sees: Callable[[Seen, Rentman], None]
    proves: str = ""
    outcome: str = "good"
    pictures: bool = False
    page: int = PAGE


def stays(found: Seen, _: Rentman) -> None:
    assert found.home()["price"] == 1500


def answers(status: int, body: bytes, page: int = 1) -> Callable[[Rentman], None]:
    def change(rentman: Rentman) -> None:
        rentman.spoil = lambda asked, _: (status, body) if asked == page else None

    return change


def rows(**changes: Any) -> Callable[[Rentman], None]:
    """Home 42 is sent like this."""

    def change(rentman: Rentman) -> None:
        rentman.has(home(**changes), *rentman.rows[1:])

    return change


def shows(**fields: object) -> Callable[[Seen, Rentman], None]:
    def look(found: Seen, _: Rentman) -> None:
        shown = found.home()
        assert {name: shown[name] for name in fields} == fields

    return look


def gone(found: Seen, _: Rentman) -> None:
    """From the second list without it."""
    assert "42" not in found.refs()


def fifty_three(rentman: Rentman) -> None:
    rentman.has(*(home(str(n)) for n in range(1, 54)))
    rentman.pages.clear()


def in_three_pages(found: Seen, rentman: Rentman) -> None:
    assert found.refs() == sorted(str(n) for n in range(1, 54))
    assert rentman.pages == [1, 2, 3]


def twice_over(rentman: Rentman) -> None:
    rentman.ignores_page = True
    rentman.has(*rentman.rows, home("45"))


def all_four(found: Seen, rentman: Rentman) -> None:
    assert found.refs() == [*HOMES, "45"]
    assert len(rentman.pages) < 10


def after_a_503(rentman: Rentman) -> None:
    first = len(rentman.pages) + 1
    rentman.spoil = lambda _, call: (503, b"") if call == first else None
    rentman.has(home(rentmonth="1400"), *rentman.rows[1:])


def with_bom(rentman: Rentman) -> None:
    rentman.mark = b"\xef\xbb\xbf"
    rentman.has(home(rentmonth="1400"), *rentman.rows[1:])


def hangs(rentman: Rentman) -> None:
    rentman.spoil = hung


TRUE_FORMS = ("\x01", "1", True, "T")
FALSE_FORMS = ("\x00", "0", False, "F")


def booleans(rentman: Rentman) -> None:
    rentman.has(
        *(home(str(50 + n), shortlet=form) for n, form in enumerate(TRUE_FORMS)),
        *(home(str(60 + n), shortlet=form) for n, form in enumerate(FALSE_FORMS)),
    )


def true_or_false(found: Seen, _: Rentman) -> None:
    told = {ref: found.home(ref)["short_let"] for ref in found.refs() if ref not in HOMES}
    assert told == {f"{50 + n}": True for n in range(4)} | {f"{60 + n}": False for n in range(4)}


def separators(rentman: Rentman) -> None:
    rentman.has(
        *(
            home(ref, bullets=f"Garden{by}Garage{by}")
            for ref, by in zip(HOMES, ("\r", "\n", "\r\n"), strict=True)
        )
    )


def two_features_each(found: Seen, _: Rentman) -> None:
    assert [found.home(ref)["features"] for ref in HOMES] == [["Garden", "Garage"]] * 3


def photographed(filename: str = "AAAA.jpg", **changes: Any) -> Callable[[Rentman], None]:
    def change(rentman: Rentman) -> None:
        rows(photo1=filename, photo2="", **changes)(rentman)
        rentman.keeps(filename, PHOTO)

    return change


def one_photo(found: Seen, _: Rentman) -> None:
    shown = found.home()
    assert (shown["image_count"], shown["image"]["width"]) == (1, 500)
    assert shown["images"][0]["alt"] == f"Photo 1: {shown['title']}"


def no_photo(found: Seen, _: Rentman) -> None:
    shown = found.home()
    assert shown["image_count"] == 0
    assert shown["image"]["src"].endswith("/placeholder.svg")


def climbs(rentman: Rentman) -> None:
    photographed("../../AAAA.jpg")(rentman)


def is_not_asked_for(found: Seen, rentman: Rentman) -> None:
    no_photo(found, rentman)
    assert not [name for name in rentman.asked if ".." in name]


def with_brochure(rentman: Rentman) -> None:
    rows(brochure="BROC.pdf", photo1="", photo2="")(rentman)
    rentman.keeps("BROC.pdf", documents.armed(), imgorder="9006")


def links_to_the_brochure(found: Seen, _: Rentman) -> None:
    assert found.home()["brochure_url"].endswith("/document.pdf")


def with_video(rentman: Rentman) -> None:
    photographed(photo3="TOUR.mp4")(rentman)
    rentman.keeps("TOUR.mp4", films.film(films.PICTURES, films.PLACES))


def plays_the_video(found: Seen, _: Rentman) -> None:
    shown = found.home()
    (video,) = shown["videos"]
    assert (shown["video_count"], shown["image_count"]) == (1, 1)
    assert (video["width"], video["height"], video["duration_s"]) == (640, 360, 6)
    assert video["src"].endswith("/video.mp4")
    assert video["poster"] == shown["image_url"]


def with_plan(rentman: Rentman) -> None:
    rows(floorplan="PLAN.jpg", photo1="", photo2="")(rentman)
    rentman.keeps("PLAN.jpg", PLAN, imgorder="9005")


def shows_the_plan(found: Seen, _: Rentman) -> None:
    (plan,) = found.home()["floorplans"]
    assert (plan["width"], plan["height"]) == (600, 500)


def with_a_page_for_a_photo(rentman: Rentman) -> None:
    rows(photo1="AAAA.jpg", photo2="BBBB.jpg")(rentman)
    rentman.keeps("AAAA.jpg", HTML)
    rentman.keeps("BBBB.jpg", PHOTO)


SCRIPT = "<script>alert(1)</script> & more"


def escaped(found: Seen, _: Rentman) -> None:
    assert found.home()["description"] == SCRIPT  # JSON: text is text
    markup = [body for path, body in found.pages.items() if path.endswith((".xml", ".html"))]
    assert len(markup) > 1
    assert not any(b"<script>alert" in body for body in markup)


def one_forty_two(found: Seen, _: Rentman) -> None:
    assert found.refs() == HOMES
    assert found.home()["price"] == 1100  # the last one counts


CASES = (
    Case("a page of 50, a page of 3, `[]`", fifty_three, in_three_pages, page=50),
    Case("the same page again and again", twice_over, all_four, "F5", page=4),
    Case("HTML with 200 on page 1", answers(200, HTML), stays, "F1", "failed"),
    Case("HTML with 200 on page 2", answers(200, HTML, 2), stays, "F4", "failed"),
    Case("`null`", answers(200, b"null"), stays, "F2", "failed"),
    Case("an object", answers(200, b'{"error": "away"}'), stays, "F2", "failed"),
    Case("truncated JSON", answers(200, b'[{"propref": "42", "displ'), stays, "", "failed"),
    Case("a BOM", with_bom, shows(price=1400)),
    Case("an empty list", Rentman.has, stays, "F3", "held"),
    Case("401", answers(401, b""), stays, "F7", "failed"),
    Case("503, then 200", after_a_503, shows(price=1400), "F8"),
    Case("503 for hours", answers(503, b""), stays, "F23", "failed"),
    Case("no answer in time", hangs, stays, "F6", "failed"),
    Case(
        "numbers for text",
        rows(propref=42, rentorbuy=1, rentmonth=1400.0, beds=3, furnished=2),
        shows(price=1400, bedrooms=3, furnishing="unfurnished"),
        "F10",
    ),
    Case("booleans in all four encodings", booleans, true_or_false, "F11"),
    Case(
        "keys in another case",
        lambda rentman: rentman.has(
            {key.swapcase(): value for key, value in home(rentmonth="1400").items()},
            *rentman.rows[1:],
        ),
        shows(price=1400, type_label="Flat"),
        "F9",
    ),
    Case("bullets by CR, LF and CRLF", separators, two_features_each, "F20"),
    Case(
        "trailing spaces",
        rows(area="Camden ", address3="London  ", TYPE="Flat ", STATUS="Available ", photo1=" "),
        shows(area="Camden", town="London", type="flat", status="available"),
    ),
    Case("no `geolocation`", rows(geolocation=None), shows(has_location=False), "F18"),
    Case("`0,0`", rows(geolocation="0,0"), shows(has_location=False), "F18"),
    Case(
        "swapped coordinates",
        rows(geolocation="-0.152345,51.549012"),
        shows(has_location=True, lat=51.549, lng=-0.152),
    ),
    Case("a rent of `0.00`", rows(rentmonth="0.00"), gone, "F16"),
    Case(
        "a `displayprice` with two amounts",
        rows(displayprice="£30,007 pcm (Holiday Let: £45 pd) ", rentmonth="30007.00"),
        shows(price=30007, price_label="£30,007 pcm"),
    ),
    Case(
        "code 3",
        rows(rentorbuy=3, saleprice="425000"),
        lambda found, _: _both(found),
        "F19",
    ),
    Case("an unknown code 7", rows(rentorbuy="7"), gone),
    Case("status `Valuation`", rows(STATUS="Valuation"), gone),
    Case("`F` as a brochure", rows(brochure="F"), shows(brochure_url=""), "F15"),
    Case(
        "an mp4 among the photos",
        with_video,
        plays_the_video,
        "F15",
        pictures=True,
    ),
    Case(
        "an mp4 that is none",
        photographed(photo3="TOUR.mp4"),
        shows(videos=[], video_count=0, image_count=1),
        "F15",
        pictures=True,
    ),
    Case("a null caption", photographed(), one_photo, pictures=True),
    Case("base64 in lines and without padding", photographed(), one_photo, "F12", pictures=True),
    Case("a PDF as brochure", with_brochure, links_to_the_brochure, pictures=True),
    Case("a PNG floor plan named `.jpg`", with_plan, shows_the_plan, pictures=True),
    Case("a file name that climbs", climbs, is_not_asked_for, pictures=True),
    Case("no record for a named file", rows(photo1="GONE.jpg"), no_photo, "F13", pictures=True),
    Case("a file that is HTML", with_a_page_for_a_photo, one_photo, "F14", pictures=True),
    Case(
        "a house number in the address",
        rows(displayaddress="12 High Street, Camden Town, London"),
        lambda found, _: _without_number(found),
        "F17",
    ),
    Case("script in `comments`", rows(comments=SCRIPT), escaped, "F22"),
    Case(
        "one reference twice",
        lambda rentman: rentman.has(*rentman.rows, home(rentmonth="1100")),
        one_forty_two,
        "F21",
    ),
    Case(
        '`42`, `"42"` and `42.00`',
        lambda rentman: rentman.has(
            *(home(propref=form, rentmonth="1200") for form in (42, "42.00")),
            *rentman.rows[1:],
            home(propref="42", rentmonth="1100"),
        ),
        one_forty_two,
    ),
)
UPLOADS = ("XML with a weekly rent", "a half-written XML")


def _both(found: Seen) -> None:
    offers = {offer["channel"]: offer["price"] for offer in found.home()["offers"]}
    assert offers == {"rent": 1500, "sale": 425_000}


def _without_number(found: Seen) -> None:
    assert "High Street, Camden Town" in found.home()["address"]
    assert not [path for path, body in found.pages.items() if b"12 High" in body]


@pytest.fixture
def rentman() -> Iterator[Rentman]:
    with scripted() as made:
        made.has(*map(home, HOMES))
        yield made


@pytest.fixture
async def cycle_of(
    state: State, store: redis.asyncio.Redis, tmp_path: Path
) -> AsyncIterator[Callable[[Source], Cycle]]:
    async with Studio(tmp_path / "media", profile="fast", workers=1) as studio:

        def make(source: Source) -> Cycle:
            gallery = Gallery(source, studio, state, lambda: NOON)
            press = Press(Publisher(store), "writer", lambda: NOON)
            return Cycle(
                source, state, press, gallery, Links("https://homes.example"), lambda: NOON
            )

        yield make


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
async def test_what_visitors_see(
    case: Case, rentman: Rentman, cycle_of: Callable[[Source], Cycle], brisk: Guard
) -> None:
    client = Client(rentman.url, Secret(TOKEN), brisk, timeout_s=0.8 if case.does is hangs else 10)
    cycle = cycle_of(Web(client, case.page))
    assert (await cycle.refresh()).outcome == "published"
    case.does(rentman)

    report = await cycle.refresh()
    outcome = "good" if report.outcome in GOOD else report.outcome
    assert (outcome, report.reason) == (case.outcome, report.reason)
    if case.sees is gone:
        await cycle.refresh()
    if case.pictures:
        await cycle.pictures()
    await client.aclose()
    found = await seen(cycle)
    case.sees(found, rentman)
    if case.outcome in ("failed", "held"):
        assert found.refs() == HOMES
        assert found.checked_at == NOON


@pytest.mark.parametrize("whole", [True, False])
async def test_what_visitors_see_of_an_upload(
    whole: bool, cycle_of: Callable[[Source], Cycle], tmp_path: Path
) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    source = RentmanXml(Folder(drop, 0.01), 100_000)
    await source.open()
    cycle = cycle_of(source)
    (drop / "one.xml").write_bytes(made.document(made.home()))
    assert (await cycle.refresh()).outcome == "published"
    weekly = made.document(made.home(Rent="300.00", Rent_Period="Week"))
    (drop / "two.xml").write_bytes(weekly if whole else weekly[: len(weekly) // 2])

    assert (await cycle.refresh()).outcome == ("published" if whole else "failed")
    assert (await seen(cycle)).home()["price"] == (1300 if whole else 1500)


def test_every_clause_of_the_document_has_its_case_and_no_other_has() -> None:
    table = LAW.partition("| What is sent |")[2].partition("\n\n")[0]
    clauses = re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)

    assert clauses == [*(case.clause for case in CASES), *UPLOADS]


def test_every_failure_mode_is_proved_by_a_case() -> None:
    modes = re.findall(r"^\| (F\d+) \|", LAW, re.MULTILINE)

    assert modes == [f"F{n}" for n in range(1, 24)]
    assert set(modes) - {case.proves for case in CASES} == set()
