"""The portfolio as Rentman's desktop program pushes it: one XML document, media files beside it.

It says of each home what the web service says, in codes of its own, and a little more. Texts are
those of the wire, with all that staff typed into them.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape, quoteattr

from bench.rentman.dice import chance
from bench.rentman.gallery import EPC
from bench.rentman.portfolio import Listing
from bench.rentman.wire import Row, row

NAME = "rentman.xml"
TENURES = {1: "Freehold", 2: "Leasehold"}
WEEKLY = 325  # a month of any multiple of it in pounds is a whole number of pence a week
ASKING, ON_APPLICATION = 1, 2
PLAIN = {  # element to the wire's key
    "Branch": "branch",
    "Branchtel": "branchtel",
    "Url": "url",
    "Evt": "evt",
    "Number": "number",
    "Street": "street",
    "Address3": "address3",
    "Address4": "address4",
    "Postcode": "postcode",
    "Area": "area",
    "Tube": "nearesttsation",
    "Gloc": "geolocation",
    "Beds": "beds",
    "Singles": "singles",
    "Doubles": "doubles",
    "Baths": "baths",
    "Receps": "receps",
    "Floor": "FLOOR",
    "Age": "age",
    "Condition": "rating",
    "Heating": "heating",
    "Servicecharges": "servicecharges",
    "Leaselength": "leaselength",
    "Strapline": "strapline",
    "Description": "DESCRIPTION",
    "Comments": "comments",
    "Thoughts": "thoughts",
    "Floorplan": "floorplan",
    "Epc": "epc",
    "Brochure": "brochure",
    "Negotiatorname": "negotiatorname",
    "Negotiatoremail": "negotiatoremail",
    "Negotiatormobile": "negotiatormobile",
}


def write(folder: Path, seed: int, homes: Iterable[Listing]) -> Path:
    """Whole or not at all, as a careful uploader does it."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{NAME}.part"
    draft.write_bytes(document(seed, homes))
    return draft.replace(folder / NAME)


def document(seed: int, homes: Iterable[Listing]) -> bytes:
    """A pure function of the portfolio."""
    body = "".join(_property(seed, home) for home in homes)
    head = (
        '<?xml version="1.0" encoding="windows-1252"?>\n<Rentman Version="2.4" Agent="Simulated">'
    )
    text = f"{head}<Properties>{body}</Properties></Rentman>\n"
    return text.encode("cp1252", "xmlcharrefreplace")


def _property(seed: int, home: Listing) -> str:
    found = row(seed, home)
    rng, bullets = Random(f"{seed}:{home.index}:feed"), str(found["bullets"]).split("\r")
    parts = [
        _element("Refnumber", f"{home.ref}.00"),
        _element("Rentorbuy", f"{home.channel}.00"),
        _element("Type", home.kind.type, Commercial=home.kind.commercial),
        _element("Furnished", f"{home.furnished + 1}.00"),  # 1 is unknown here
        _element("Available", f"{home.available:%d/%m/%Y}" if home.available else ""),
        _element("Status", home.status, LetByUs=False, SoldByUs=False),
        *_prices(home),
        *(_element(name, found[key]) for name, key in PLAIN.items()),
        *_flags(rng, home, found),
        _group("Bulletpoints", [_element("BulletPoint", each) for each in bullets if each]),
        _group("Media", _photos(home)),
    ]
    return f"<Property>{''.join(parts)}</Property>\n"


def _prices(home: Listing) -> list[str]:
    rent, price = home.money.rent, home.money.price
    weekly = rent > 0 and rent % WEEKLY == 0
    amount = f"{rent * 12 / 52:.2f}" if weekly else f"{rent}.00"
    qualifier = ASKING if rent else ON_APPLICATION
    period = "Week" if weekly else "Month"
    tenure = TENURES.get(home.details.tenure, "")
    return [
        _element("Rent", amount if home.letting else "", Period=period, Qualifier=qualifier),
        _element("Saleprice", f"{price}.00", Qualifier=ASKING, Ownership=tenure),
    ]


def _flags(rng: Random, home: Listing, found: Row) -> list[str]:
    facts = {
        "Shortlet": home.details.shortlet,
        "Featured": home.details.featured,
        "Garden": "garden" in str(found["comments"]).lower(),
        "Parking": chance(rng, 0.2),
        "Petsallowed": chance(rng, 0.4),
        "Dssallowed": chance(rng, 0.5),
        "Studentyear": chance(rng, 0.1),
    }
    return [_element(name, value) for name, value in facts.items()]


def _photos(home: Listing) -> list[str]:
    photos = [item for item in home.media if item.order < EPC]
    return [_element("Item", it.filename, Caption=it.scene.capitalize()) for it in photos]


def _group(name: str, items: Sequence[str]) -> str:
    return f"<{name}>{''.join(items)}</{name}>"


def _element(name: str, value: object, **attributes: object) -> str:
    shown = "".join(f" {key}={quoteattr(str(each))}" for key, each in attributes.items())
    text = "" if value is None else str(value)
    kept = "".join(sign for sign in text if sign >= " " or sign in "\r\n\t")
    return f"<{name}{shown}>{escape(kept)}</{name}>"
