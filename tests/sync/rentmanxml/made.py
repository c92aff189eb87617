"""Documents to start from; each test changes what it is about."""

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from sync.model import Listing
from sync.rentmanxml import codes
from sync.rentmanxml.document import properties

LETTING = {
    "Refnumber": "42.00",
    "Rentorbuy": "1",
    "Number": "12",
    "Street": "High Street",
    "Address3": "London",
    "Postcode": "NW1 2AB",
    "Area": "Camden",
    "Type": "Flat",
    "Beds": "2",
    "Furnished": "2.00",
    "Rent": "1500.00",
    "Rent@Period": "Month",
    "Rent@Qualifier": "1",
    "Status": "Available",
    "Available": "01/10/2025",
    "Comments": "One.\nTwo.",
}
SALE = {"Rentorbuy": "2", "Saleprice": "425000.00", "Status": "For Sale"}


def element(name: str, text: str, attributes: Mapping[str, str]) -> str:
    shown = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{shown}>{escape(text)}</{name}>"


def home(inside: str = "", /, **changes: str | None) -> str:
    """A letting. `Rent_Period` stands for the attribute; None leaves an element out."""
    changes = {name.replace("_", "@", 1): text for name, text in changes.items()}
    given = {name: text for name, text in (LETTING | changes).items() if text is not None}
    parts = []
    for name in dict.fromkeys(key.partition("@")[0] for key in given):
        attributes = {
            key.partition("@")[2]: text
            for key, text in given.items()
            if key.startswith(f"{name}@")
        }
        parts.append(element(name, given.get(name, ""), attributes))
    return f"<Property>{''.join(parts)}{inside}</Property>"


def document(*homes: str) -> bytes:
    body = "".join(homes)
    text = f'<Rentman Version="2.4"><Properties>{body}</Properties></Rentman>'
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode()


def listed(inside: str = "", /, **changes: str | None) -> Listing:
    (found,) = properties(document(home(inside, **changes)))
    return codes.listing(found)[0]


def warned(inside: str = "", /, **changes: str | None) -> dict[str, int]:
    (found,) = properties(document(home(inside, **changes)))
    return dict(codes.listing(found)[1])
