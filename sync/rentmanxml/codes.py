"""Where the XML says it otherwise than the web service: its codes, words and dates.

A property becomes a row as the web service would send it, so that one normaliser and one set of
masks see to both.
"""

import re
from collections import Counter

from sync.errors import RowError
from sync.model import Listing
from sync.rentman import codes, normalise
from sync.rentman.fields import Row, cased
from sync.rentmanxml.document import Property
from sync.rentmanxml.prices import prices

# Element to the web service's key. What is not here does not enter: `Dssallowed` above all.
NAMES = {
    "refnumber": "propref",
    "rentorbuy": "rentorbuy",
    "branch": "branch",
    "branchtel": "branchtel",
    "url": "url",
    "evt": "evt",
    "number": "number",
    "street": "street",
    "address3": "address3",
    "address4": "address4",
    "postcode": "postcode",
    "area": "area",
    "tube": "nearesttsation",
    "gloc": "geolocation",
    "type": "type",
    "type@commercial": "commercial",
    "beds": "beds",
    "baths": "baths",
    "receps": "receps",
    "floor": "floor",
    "age": "age",
    "heating": "heating",
    "furnished": "furnished",
    "available": "available",
    "status": "status",
    "rent": "rentmonth",
    "saleprice": "saleprice",
    "saleprice@ownership": "tenure",
    "servicecharges": "servicecharges",
    "leaselength": "leaselength",
    "shortlet": "shortlet",
    "featured": "featured",
    "strapline": "strapline",
    "description": "description",
    "comments": "comments",
    "thoughts": "thoughts",
    "bulletpoints": "bullets",
    "floorplan": "floorplan",
    "epc": "epc",
    "brochure": "brochure",
    "negotiatorname": "negotiatorname",
    "negotiatoremail": "negotiatoremail",
    "negotiatormobile": "negotiatormobile",
}
_BACK = {theirs: ours for ours, theirs in NAMES.items()}
FURNISHED = {1: "0", 2: "1", 3: "2", 4: "3", 5: "4"}  # unknown, furnished, un-, part, either
OWNERSHIP = {"freehold": "1", "leasehold": "2", "sharefreehold": "3"}
# Said when true, unless a bullet point speaks of it already; when false, nothing is said.
FEATURES = {
    "garage": ("Garage", "garage"),
    "parking": ("Parking", "parking"),
    "garden": ("Garden", "gardens?"),
    "balcony": ("Balcony", "balcon(?:y|ies)"),
    "shower": ("Shower", "shower"),
    "sep_wc": ("Separate WC", "separate (?:wc|toilet)"),
    "washmachine": ("Washing machine", "wash(?:ing machine|er)"),
    "dishwasher": ("Dishwasher", "dishwasher"),
    "burglaralarm": ("Burglar alarm", "alarm"),
    "petsallowed": ("Pets considered", "pets?"),
}
_NO_HOME = {"garage", "parking", "land"}
_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?:\s.*)?")


def reference(found: Property) -> str:
    return Row(found.values).reference("refnumber")


def listing(found: Property) -> tuple[Listing, Counter[str]]:
    """As `sync.rentman.normalise.listing`; errors and counts name the elements of the XML."""
    given = Row(found.values)
    try:
        made, counted = normalise.listing(row(found, given))
    except RowError as error:
        raise RowError(_shown(error.field), error.reason) from error
    named = Counter({_BACK.get(name, name): count for name, count in counted.items()})
    both = named | given.warnings
    return made, Counter({_shown(name): count for name, count in both.items()})


def _shown(name: str) -> str:
    """The element as a document spells it."""
    return _BACK.get(name, name).title()


def row(found: Property, given: Row) -> dict[str, object]:
    """The property as the web service would send it."""
    values: dict[str, object] = {
        theirs: found.values[ours] for ours, theirs in NAMES.items() if ours in found.values
    }
    kind = codes.TYPES.get(given.text("type").lower(), ("", ""))[0]
    rooms = (": ".join(filter(None, map(str.strip, room))) for room in found.rooms)
    furnished = FURNISHED.get(given.whole("furnished") or 0, given.text("furnished"))
    ownership = given.text("saleprice@ownership")
    return (
        values
        | prices(given)
        | {f"photo{n}": name for n, (name, _) in enumerate(found.photos, 1)}
        | {
            "displayaddress": _address(given),
            "furnished": furnished,
            "tenure": OWNERSHIP.get(ownership.lower().replace(" ", ""), ownership),
            "available": _day(given.text("available")),
            "status": _status(given),
            "nonres": kind in _NO_HOME,
            "comments": "\n\n".join(filter(None, (given.lines("comments"), *rooms))),
            "bullets": "\r".join((*found.bullets, *_features(found, given))),
        }
    )


def _address(given: Row) -> str:
    """Street, area and town: the XML has no address for display."""
    names = (cased(given.text(name)) for name in ("street", "area", "address3"))
    return ", ".join({name.casefold(): name for name in names if name}.values())


def _day(text: str) -> str:
    found = _DAY.fullmatch(text)
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else text


def _status(given: Row) -> str:
    """What this agency has sold is sold; what it has let is off the market."""
    if given.boolean("status@soldbyus"):
        return "Sold"
    return "Unavailable" if given.boolean("status@letbyus") else given.text("status")


def _features(found: Property, given: Row) -> list[str]:
    said = "\n".join(found.bullets)
    return [
        label
        for name, (label, words) in FEATURES.items()
        if given.boolean(name) and not re.search(rf"\b{words}\b", said, re.IGNORECASE)
    ]
