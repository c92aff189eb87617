"""One Rentman row to one canonical listing (docs/rentman.md), or a reason why not."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from urllib.parse import unquote, urlsplit

import msgspec
import zstandard

from sync.errors import RowError
from sync.model import Channel, Listing, MediaKind, MediaName, Offer
from sync.rentman import codes, privacy
from sync.rentman.fields import Row, cased, coordinates
from sync.slug import slug
from sync.source import Intake, taken

SAFE_NAME = re.compile(
    r"^[A-Za-z0-9](?!.*\.\.)[A-Za-z0-9._-]{0,120}\.(jpe?g|png|gif|webp|pdf|mp4)$", re.IGNORECASE
)
PHOTO_SLOTS = 60  # nine in the web service; the XML names as many as there are
MEDIA_SLOTS: tuple[tuple[str, MediaKind], ...] = (
    *((f"photo{n}", "photo") for n in range(1, PHOTO_SLOTS + 1)),
    ("floorplan", "floorplan"),
    ("epc", "epc"),
    ("brochure", "brochure"),
)
FEATURES_MAX = 24
PACKED_LEVEL = 1  # what is kept between lists: a quarter of it, in a tenth of a second
LABEL_MAX = 40  # characters
REFERENCE_MAX = 100  # characters
Read = tuple[Listing, dict[str, int]]  # and what could not be read on the way, by field
_AMOUNT = re.compile(r"£\s*([0-9][0-9,]{0,14}(?:\.[0-9]{1,2})?)(?![0-9])")


def listing(values: Mapping[str, object]) -> Read:
    """`RowError` when nothing can be shown."""
    row = Row(values)
    reference = row.reference()
    if not reference:
        raise RowError("propref", "blank")
    if len(reference) > REFERENCE_MAX:
        raise RowError("propref", f"longer than {REFERENCE_MAX} characters")
    offers = _offers(row)
    masks = _Masks(row)
    if masks.reveals(reference):
        raise RowError("propref", "holds a private value")
    type_, type_label = codes.property_type(row)
    if type_ == "other":  # masked before it is cut, or half a value would be left
        type_label = masks.text("type")[:LABEL_MAX]
    area = masks.text("area")
    residential = not (row.boolean("nonres") or row.boolean("commercial"))
    features = _features(masks)
    made = Listing(
        id=reference,
        address=masks.address("displayaddress"),
        street=masks.of(masks.street).strip(),
        town=cased(masks.text("address3")),
        county=cased(masks.text("address4")),
        outcode=privacy.outcode(row.text("postcode")),
        area=cased(area),
        area_slug=slug(area),
        station=masks.text("nearesttsation") or masks.text("neareststation"),
        offers=offers,
        display_price=masks.text("displayprice"),
        type=type_,
        type_label=type_label or "Property",
        residential=residential,
        beds=row.whole("beds") if residential else None,
        baths=row.whole("baths"),
        receptions=row.whole("receps"),
        furnishing=codes.furnishing(row),
        features=features,
        floor=masks.text("floor"),
        heating=codes.heating(masks.text("heating")),
        available_from=row.day("available"),
        status=codes.status(row),
        service_charge=masks.text("servicecharges"),
        lease_length="" if row.text("leaselength") == "0" else masks.text("leaselength"),
        tenure=codes.tenure(row),
        council_tax_band=codes.council_tax_band(row, features),
        short_let=bool(row.boolean("shortlet")),
        age=masks.text("age"),
        summary=masks.text("description"),
        description=masks.lines("comments"),
        strapline=masks.text("strapline"),
        media=_media(row),
        virtual_tour_url=_url(row, masks, "evt"),
        external_url=_url(row, masks, "url"),
        branch=masks.text("branch"),
        branch_phone=masks.whole("branchtel"),
        upstream_featured=bool(row.boolean("featured")),
        **_location(row),
    )
    return made, dict(row.warnings)


class Reader:
    """Rows to listings. A row that says what it said in the list before is not read again.

    What is kept from list to list is one packed value: thousands of small ones would hold on to the
    memory between them, which a pass has used and given back.
    """

    def __init__(self) -> None:
        self._before = _packed({})

    def take(self, rows: Sequence[Mapping[str, object]]) -> Intake:
        before, now = _unpacked(self._before), dict[bytes, Read]()

        def read(row: Mapping[str, object]) -> Read:
            said = hashlib.blake2b(msgspec.json.encode(row), digest_size=16).digest()
            found = before.pop(said) if said in before else now.get(said)
            now[said] = found or listing(row)
            return now[said]

        intake = taken(rows, read, lambda row: Row(row).reference())
        self._before = _packed(now)
        return msgspec.structs.replace(intake, rows=as_sent(rows))


def _packed(lists: dict[bytes, Read]) -> bytes:
    return zstandard.compress(msgspec.msgpack.encode(lists), PACKED_LEVEL)


def _unpacked(packed: bytes) -> dict[bytes, Read]:
    return msgspec.msgpack.decode(zstandard.decompress(packed), type=dict[bytes, Read])


def take(rows: Sequence[Mapping[str, object]]) -> Intake:
    """One list by itself."""
    return Reader().take(rows)


def as_sent(rows: Iterable[Mapping[str, object]]) -> dict[str, Mapping[str, object]]:
    """What the source said of each home, by lower-case reference: all but its inlined picture."""
    return {Row(row).reference().lower(): _without_picture(row) for row in rows}


def _without_picture(row: Mapping[str, object]) -> Mapping[str, object]:
    """The row itself when it has none: thousands of copies are heavy."""
    inlined = [key for key in row if key.strip().lower() == "photo1binary"]
    return {key: row[key] for key in row if key not in inlined} if inlined else row


class _Masks:
    """Public text of one row: nothing in it that the contract keeps private."""

    def __init__(self, row: Row) -> None:
        self._row = row
        number = row.text("number")
        self.street = privacy.address(row.text("street"), number)
        self._masks = privacy.Masks(
            number,
            self.street,
            postcode=row.text("postcode"),
            name=row.text("negotiatorname"),
            email=row.text("negotiatoremail"),
            mobile=row.text("negotiatormobile"),
            thoughts=row.lines("thoughts"),
        )
        self.reveals = self._masks.reveals
        self.of = self._masks.text

    def text(self, name: str) -> str:
        return self.of(self._row.text(name)).strip()

    def lines(self, name: str) -> str:
        return self.of(self._row.lines(name)).strip()

    def address(self, name: str) -> str:
        return self._masks.address(self._row.text(name))

    def whole(self, name: str) -> str:
        """The value when nothing in it is private, else nothing: a part of it says nothing."""
        text = self._row.text(name)
        return "" if self.of(text) != privacy.plain(text) else text


def _offers(row: Row) -> tuple[Offer, ...]:
    """One offer per channel; a letting without a positive stated rent is not advertised (F16)."""
    code = row.whole("rentorbuy")
    if code not in codes.CHANNELS:
        raise RowError("rentorbuy", f"unknown code {row.text('rentorbuy')[:20]!r}")
    made = [offer for channel in codes.CHANNELS[code] if (offer := _offer(row, channel))]
    if not made:
        raise RowError("rentmonth", "a letting needs one positive rent")
    return tuple(made)


def _offer(row: Row, channel: Channel) -> Offer | None:
    if channel == "rent":
        pence = row.pence("rentmonth")
        return Offer(channel="rent", pence=pence) if pence else None
    pence = row.pence("saleprice")
    if pence is not None:
        return Offer(channel="sale", pence=pence)
    found = _AMOUNT.search(row.text("displayprice"))
    derived = int(Decimal(found[1].replace(",", "")) * 100) if found else 0
    return Offer(channel="sale", pence=derived, derived=True)  # 0: price on application


def _features(masks: _Masks) -> tuple[str, ...]:
    """Bullets come separated by CR, LF or both, with a separator left over at the end (F20)."""
    lines = (" ".join(line.split()) for line in masks.lines("bullets").split("\n"))
    return tuple(dict.fromkeys(line for line in lines if line))[:FEATURES_MAX]


def _media(row: Row) -> tuple[MediaName, ...]:
    """Named files in order; names that are not safe are dropped, `F` and blanks among them (F15)."""
    found: list[MediaName] = []
    positions: Counter[str] = Counter()
    for field, wanted in MEDIA_SLOTS:
        name = row.text(field)
        if not name:
            continue
        if not SAFE_NAME.match(name):
            row.warn(field)
            continue
        kind: MediaKind = "video" if name.lower().endswith(".mp4") else wanted
        positions[kind] += 1
        found.append(MediaName(kind=kind, filename=name, position=positions[kind]))
    return tuple(found)


def _url(row: Row, masks: _Masks, name: str) -> str:
    """An absolute http(s) address; scheme-less ones are completed, all others dropped, as are private ones."""
    text = row.text(name)
    if not text:
        return ""
    for read in (text, unquote(text), unquote(unquote(text))):
        if masks.of(read) != privacy.plain(read):
            row.warn(name)
            return ""
    if "://" not in text and not re.match(r"^[a-z][a-z0-9+.-]*:[^/0-9]", text, re.IGNORECASE):
        text = f"https://{text.lstrip('/')}"
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in ("http", "https") or "." not in host or parts.username is not None:
        row.warn(name)
        return ""
    return text


def _location(row: Row) -> dict[str, float]:
    text = row.text("geolocation")
    found = coordinates(text)
    if found is None:
        if text:
            row.warn("geolocation")
        return {}
    return {"latitude": privacy.rounded(found[0]), "longitude": privacy.rounded(found[1])}
