"""How a listing looks on Rentman's wire: mixed types, odd booleans, padding, escaped slashes.

`row` is a pure function of (seed, listing). Nothing in it is tidy on purpose: each quirk was met in
public logs or documents of the real service.
"""

from base64 import b64decode, encodebytes
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import msgspec

from bench.rentman.dice import chance
from bench.rentman.gallery import BROCHURE, EPC, MOST_PHOTOS, PLAN, Media
from bench.rentman.portfolio import BOTH, LET, SALE, Listing

Scalar = str | int | float | bool | None
Row = dict[str, Any]
TRUE_FORMS: tuple[Scalar, ...] = ("\x01", "\x01", "1", 1, True, "T", "true", "Y")
FALSE_FORMS: tuple[Scalar, ...] = ("\x00", "\x00", "0", 0, False, "F", "false", None)
NUMERIC = ("rentorbuy", "furnished", "featured", "shortlet", "nonres", "commercial", "tenure")
PADDED = ("displayaddress", "street", "address3", "TYPE", "area", "heating", "displayprice")
OWNER_WORDS = ("prefers a long let", "would take an early start", "is open on furniture")
CANARY_BYTES = b64decode("CANARYPHOTO1BINARY00")
ENCODE = msgspec.json.Encoder().encode


def row(seed: int, listing: Listing) -> Row:
    """One property as the list endpoint shows it, without its `photo1binary`."""
    rng = Random(f"{seed}:{listing.index}:wire")
    found = {
        **_identity(rng, listing),
        **_address(rng, listing),
        **_money(rng, listing),
        **_size(listing),
        **_flags(rng, listing),
        **_texts(listing),
        **_media(listing),
        **_staff(rng, listing),
    }
    _careless(Random(f"{seed}:{listing.index}:careless"), found)
    return _styled(rng, found)


def _careless(rng: Random, found: Row) -> None:
    """In one row of six, staff have typed what is private into what is published."""
    if not chance(rng, 1 / 6):
        return
    place = f"{found['number']} {found['street']}, {found['postcode']}"
    name, mobile = found["negotiatorname"], found["negotiatormobile"]
    found["comments"] += f"\r\n\r\nView {place} with {name}: {found['negotiatoremail']}."
    found["bullets"] += f"{name} on {mobile.replace(' ', '-')}\r"
    match rng.randrange(4):
        case 0:
            found["strapline"] = f"{found['street']}, number {found['number']}"
        case 1:
            found["branchtel"] = mobile
        case 2:
            words = f"{place} {found['propref']}".lower().replace(",", "").split()
            found["url"] = f"www.agency.example/{'-'.join(words)}"
        case _:
            found["strapline"] = found["thoughts"]
            found["FLOOR"] = f"No {found['number']}"


def _identity(rng: Random, listing: Listing) -> Row:
    return {
        "propref": _reference(rng, listing.ref),
        "rentorbuy": str(listing.channel),
        "STATUS": listing.status,
        "TYPE": listing.kind.type,
        "category": rng.choice((None, None, "Residential")),
        "url": f"www.agency.example/property/{listing.ref}" if chance(rng, 0.3) else "",
        "evt": listing.details.virtual_tour,
        "branch": rng.choice((None, f"{listing.place.town} office")),
        "branchtel": rng.choice((None, "01632 960" + f"{rng.randint(0, 999):03}")),
    }


def _reference(rng: Random, ref: str) -> str | int:
    return rng.choices((ref, int(ref), f"{ref}.00"), (6, 2, 2))[0]


def _address(rng: Random, listing: Listing) -> Row:
    place, where = listing.place, listing.address
    located = listing.location
    return {
        "displayaddress": f"{where.number} {where.street}, {place.area}, {place.town}",
        "number": where.number,
        "street": where.street,
        "address3": place.town,
        "address4": rng.choice((place.county, place.county, "")),
        "postcode": rng.choice((where.postcode, where.postcode, where.postcode.lower())),
        "area": rng.choice((place.area, place.area, place.area.upper())),
        "nearesttsation": listing.station,
        "geolocation": f"{located[0]:.6f},{located[1]:.6f}" if located else None,
    }


def _money(rng: Random, listing: Listing) -> Row:
    money, details = listing.money, listing.details
    return {
        "displayprice": display_price(rng, listing),
        "rentmonth": f"{money.rent}.00" if listing.letting else rng.choice(("0", "0.00", "")),
        "saleprice": f"{money.price}.00" if listing.selling else rng.choice(("0", None, "0.00")),
        "servicecharges": details.service,
        "leaselength": details.lease,
        "tenure": str(details.tenure) if details.tenure else None,
        "taxband": rng.choice((details.band, details.band, None)),
    }


def display_price(rng: Random, listing: Listing) -> str:
    rent, price = listing.money.rent, listing.money.price
    week = rent * 12 // 52
    let = rng.choice((f"£{rent:,} pcm", f"£{rent:,} pcm", f"£{rent:,} pcm (£{week:,} pw)"))
    sale = rng.choice((f"£{price:,}", f"Guide price £{price:,}", f"£{price:,} Leasehold"))
    if listing.details.shortlet and listing.channel == LET:
        return f"{let} (Holiday Let: £{max(45, rent // 24)} pd) "
    return {LET: let, SALE: sale, BOTH: f"{sale} or {let}"}[listing.channel]


def _size(listing: Listing) -> Row:
    beds, details = listing.beds, listing.details
    return {
        "beds": str(beds),
        "singles": str(details.singles),
        "doubles": str(beds - details.singles),
        "baths": str(details.baths),
        "receps": str(details.receps),
        "furnished": str(listing.furnished),
        "FLOOR": details.floor,
        "heating": details.heating,
        "available": f"{listing.available:%Y-%m-%d}" if listing.available else "0000-00-00",
        "age": details.age,
        "rating": str(details.rating),
    }


def _flags(rng: Random, listing: Listing) -> Row:
    facts = {
        "nonres": listing.kind.nonres,
        "commercial": listing.kind.commercial,
        "shortlet": listing.details.shortlet,
        "featured": listing.details.featured,
    }
    return {key: boolean(rng, value) for key, value in facts.items()}


def boolean(rng: Random, value: bool) -> Scalar:
    return rng.choice(TRUE_FORMS if value else FALSE_FORMS)


def _texts(listing: Listing) -> Row:
    text = listing.text
    return {
        "DESCRIPTION": text.summary,
        "comments": text.comments,
        "strapline": text.strapline,
        "bullets": "".join(f"{bullet}\r" for bullet in text.bullets),
    }


def _media(listing: Listing) -> Row:
    gallery = [item for item in listing.media if item.order < EPC]
    by_order = {item.order: item.filename for item in listing.media}
    photos = [item.filename for item in gallery] + [""] * MOST_PHOTOS
    brochure = by_order.get(BROCHURE, "F" if listing.details.broken_brochure else "")
    return {
        **{f"photo{slot + 1}": photos[slot] for slot in range(MOST_PHOTOS)},
        "floorplan": by_order.get(PLAN, ""),
        "epc": by_order.get(EPC, ""),
        "brochure": brochure,
    }


def _staff(rng: Random, listing: Listing) -> Row:
    """Everything here must never be published; each value carries a word to search for."""
    team, ref = listing.details.team, listing.ref
    desk = "Lettings" if listing.letting else "Sales"
    return {
        "thoughts": f"CANARY-OWNER-THOUGHTS-{ref} Owner {rng.choice(OWNER_WORDS)}.",
        "negotiatorname": f"{desk} Team {team} CANARY-NEG-{ref}",
        "negotiatoremail": f"{desk.lower()}{team}.CANARY-NEG-{ref}@agency.example",
        "negotiatormobile": f"07700 900{rng.randint(0, 999):03}",
    }


def _styled(rng: Random, found: Row) -> Row:
    """Some rows come as the document shows them, some as later drivers send them."""
    style = rng.choice(("documented", "documented", "numbers", "numbers", "mixed"))
    for key in NUMERIC:
        found[key] = _numeric(found[key]) if style != "documented" else found[key]
    if style == "numbers":
        found |= {key: _numeric(found[key]) for key in ("beds", "baths", "receps", "rating")}
    if style == "mixed":
        found["rentmonth"] = float(found["rentmonth"] or 0)
        found["available"] = found["available"] if found["available"][0] != "0" else None
    if style == "documented" and chance(rng, 0.6):
        found |= {key: f"{found[key]} " for key in PADDED}
    return found


def _numeric(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdigit() else value


def media_record(item: Media, content: str) -> Row:
    return {
        "propref": item.ref,
        "filename": item.filename,
        "caption": item.caption,
        "base64data": content,
        "imgorder": str(item.order),
    }


def base64_text(data: bytes) -> str:
    """As MySQL writes it: a line feed after every 76 characters, none at the end."""
    return encodebytes(data).decode("ascii").rstrip("\n")


def photo_binary(jpeg: bytes) -> str:
    """The first photo inside a row; its base64 text reads CANARYPHOTO1BINARY near the start."""
    comment = b"\xff\xfe\x00\x11" + CANARY_BYTES
    return base64_text(jpeg[:2] + comment + jpeg[2:])


def as_json(value: Any) -> bytes:
    """JSON with every slash escaped; a slash can only occur inside a string."""
    return ENCODE(value).replace(b"/", b"\\/")


def as_xml(name: str, rows: Sequence[Mapping[str, Any]]) -> bytes:
    body = "".join(f"<{name}>{_elements(item)}</{name}>" for item in rows)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Rentman>{body}</Rentman>'.encode()


def _elements(item: Mapping[str, Any]) -> str:
    return "".join(f"<{key}>{_xml_text(value)}</{key}>" for key, value in item.items())


def _xml_text(value: Any) -> str:
    text = "" if value is None else str(value)
    return escape("".join(sign for sign in text if sign >= " " or sign in "\r\n\t"))
