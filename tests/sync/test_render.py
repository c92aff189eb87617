"""Cards, details and whole sites: golden shapes, and what a Framer Fetch cannot bear is never there."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from sync.model import Known, Medium, Offer, PricePoint
from sync.render import images
from sync.render.card import Moment, card, page_slug
from sync.render.detail import detail, media
from sync.render.images import Links, shared
from sync.render.site import FEATURED, SIMILAR_SHOWN, Site, render
from sync.rentman.normalise import take
from tests.conftest import TOKEN, Upstream
from tests.sync.samples import NOON, known, ledger, listed

GOLDEN = Path(__file__).parents[1] / "golden"
LINKS = Links("https://homes.example")
MOMENT = Moment(NOON + 10 * 86_400, NOON)
DAY = 86_400
URLS = re.compile(r"(?:^|_)url$|^src$")


def shown(listings: Sequence[Known], pictures: dict[str, Medium] | None = None) -> Site:
    return render(listings, ledger(*listings) if pictures is None else pictures, LINKS, MOMENT)


def body(site: Site, path: str) -> Any:
    return msgspec.json.decode(site.pages[path].data)


def aware(**changes: object) -> Known:
    listing = listed(**changes)
    prices = tuple(
        PricePoint(channel=offer.channel, since=NOON, pence=offer.pence)
        for offer in listing.offers
    )
    return Known(listing=listing, first_seen=NOON, changed_at=NOON, prices=prices)


SALE = {"rentorbuy": 2, "STATUS": "For Sale", "saleprice": "425000.00", "tenure": "2"}
BOTH = {"rentorbuy": 3, "STATUS": "ForSale&ToLet", "saleprice": "425000"}
CASES = {
    "rent": aware(evt="tour.example.com/1", floorplan="p.png", geolocation="51.5,-0.1"),
    "sale": aware(**SALE, TYPE="Terraced House", beds=3, geolocation=None),
    "both": aware(**BOTH, photo2=""),
    "bare": aware(
        photo1="", photo2="", displayaddress="", bullets="", comments="", DESCRIPTION=""
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_wire_shape_is_the_golden_one(name: str) -> None:
    one = CASES[name]
    pictures = ledger(one)
    cards = [
        card(one, offer, pictures, LINKS, MOMENT, featured=name == "rent")
        for offer in one.listing.offers
    ]
    link = shared(images.pictures(one, "photo", pictures), LINKS)
    whole = detail(one, cards[0], media(one, pictures, LINKS), link, (), MOMENT)
    made = msgspec.json.format(msgspec.json.encode({"cards": cards, "detail": whole}), indent=2)
    file = GOLDEN / f"cards-{name}.json"

    if os.environ.get("GOLDEN"):
        file.write_bytes(made + b"\n")

    assert made.decode() + "\n" == file.read_text(), "GOLDEN=1 writes it anew"


def walked(value: Any, path: str = "$") -> Iterator[tuple[str, str, object]]:
    """Every (path, key, value) of a JSON document."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield f"{path}.{key}", str(key), inner
        if isinstance(inner, dict | list):
            yield from walked(inner, f"{path}.{key}")


def faults(document: object) -> list[str]:
    """What a Framer Fetch would stumble over."""
    found = []
    for path, key, value in walked(document):
        addresses = re.findall(r"(?:^|, )(\S+) \d+w", str(value)) if key == "srcSet" else []
        if URLS.search(key) and value:
            addresses.append(str(value))
        found += [f"{path}: null"] if value is None else []
        found += (
            [f"{path}: key"] if re.search(r"[.\[\]]", key) and not path.startswith("[") else []
        )
        found += [f"{path}: {a}" for a in addresses if not a.startswith("https://")]
        if key.startswith(("is_", "has_")) and not isinstance(value, bool):
            found.append(f"{path}: no boolean")
    return found


@pytest.fixture(scope="module")
def simulated(shared_upstream: Upstream) -> list[Known]:
    """The whole portfolio of the simulated Rentman."""
    shared_upstream.heal()
    answer = httpx.get(
        f"{shared_upstream.url}/propertyadvertising.php",
        params={"limit": 200, "page": 1, "noimage": 1},
        headers={"token": TOKEN},
    )
    listings = take(answer.json()).listings
    return [Known(listing=each, first_seen=NOON, changed_at=NOON) for each in listings]


@pytest.mark.parametrize("share", [0, 1], ids=["no-pictures", "every-picture"])
def test_a_whole_site_is_safe_to_fetch(simulated: list[Known], share: int) -> None:
    site = shown(simulated, ledger(*simulated) if share else {})

    documents = {
        path: body(site, path)
        for path, page in site.pages.items()
        if page.content_type == "application/json" and path.startswith("/api/")
    }
    assert len(simulated) > 25
    assert {path: found for path, page in documents.items() if (found := faults(page))} == {}
    assert all(not faults(msgspec.json.decode(row.card)) for row in site.rows)


def test_every_document_of_a_kind_has_the_same_keys(simulated: list[Known]) -> None:
    some = shown(simulated[:10])
    bare = shown(simulated, {})
    details = [body(s, p) for s in (some, bare) for p in s.pages if "/framer/property/" in p]

    assert len({tuple(each) for each in details}) == 1
    assert len({tuple(each["image"]) for each in details}) == 1


def test_a_listing_is_found_by_its_reference_in_any_case_and_by_its_slug() -> None:
    one = known("AB1")
    site = shown([one])
    keys = {path.rsplit("/", 1)[1] for path in site.pages if "/framer/property/" in path}

    assert keys == {"AB1", "ab1", page_slug(one)}


@pytest.mark.parametrize(
    "ref", ["../../etc/passwd", "..", "a/b", "1/media", "a b", "%2e%2e", "é?#"]
)
def test_a_reference_that_looks_like_a_path_is_shown_under_its_slug_only(ref: str) -> None:
    one = known(ref)
    site = shown([one, known("1")])

    assert re.fullmatch(r"[a-z0-9-]+", page_slug(one))
    assert body(site, f"/api/framer/property/{page_slug(one)}")["id"] == ref
    assert body(site, "/api/properties/1/media")["id"] == "1"
    assert all(re.fullmatch(r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+", path) for path in site.pages)


def test_slugs_are_unique_even_when_references_read_alike() -> None:
    refs = ["a/b", "a-b", "a b", "日", "本", "x" * 40 + "1", "x" * 40 + "2"]
    slugs = {page_slug(known(ref)) for ref in refs}

    assert len(slugs) == len(refs)
    assert all(len(name) <= 64 for name in slugs)


def test_a_listing_called_featured_does_not_take_the_place_of_the_featured_page() -> None:
    site = shown([known("featured")])

    assert body(site, "/api/properties/featured")["total"] == 1


def test_featured_are_available_homes_the_agency_s_own_first_then_those_with_pictures() -> None:
    plain = [known(f"p{n}") for n in range(8)]
    chosen = known("chosen", upstream_featured=True)
    dark = known("dark")
    gone = known("gone", status="under_offer", upstream_featured=True)
    shed = known("shed", residential=False, upstream_featured=True)
    every = [dark, *plain, gone, shed, chosen]
    site = shown(every, ledger(*plain, chosen, gone, shed))

    ids = [item["id"] for item in body(site, "/api/framer/featured")["items"]]
    assert ids == ["chosen", *(f"p{n}" for n in range(FEATURED - 1))]


def test_an_empty_site_has_a_featured_page_of_the_same_shape() -> None:
    assert body(shown([]), "/api/framer/featured") == {"items": [], "total": 0}


def test_similar_homes_are_near_in_place_kind_size_and_price_and_never_the_home_itself() -> None:
    here = known("here")
    twin = known("twin", pence=155_000)
    sale = known("sale", offers=(Offer(channel="sale", pence=150_000),))
    gone = known("gone", status="under_offer")
    far = [known(f"far{n}", area_slug="x", town="y", beds=5, pence=900_000 + n) for n in range(6)]
    site = shown([here, twin, sale, gone, *far])

    ids = [item["id"] for item in body(site, "/api/framer/property/here")["similar"]]
    assert ids[0] == "twin"
    assert len(ids) == SIMILAR_SHOWN
    assert not {"here", "sale", "gone"} & set(ids)


def test_a_home_offered_both_ways_has_two_rows_and_one_detail() -> None:
    site = shown([CASES["both"]])

    assert [row.channel for row in site.rows] == ["rent", "sale"]
    assert [o["channel"] for o in body(site, "/api/framer/property/42")["offers"]] == [
        "rent",
        "sale",
    ]
    assert site.counts["rent"] == site.counts["sale"] == site.counts["listings"] == 1


def test_counts_tell_named_pictures_from_ready_ones() -> None:
    homes = [known("1"), known("2")]
    counts = shown(homes, ledger(homes[0])).counts

    assert (counts["pictures"], counts["pictures_named"]) == (1, 2)


def test_script_in_text_is_data_and_escaping_is_left_to_the_page() -> None:
    one = aware(comments="<script>alert(1)</script>")

    assert body(shown([one]), "/api/framer/property/42")["description"] == (
        "<script>alert(1)</script>"
    )
