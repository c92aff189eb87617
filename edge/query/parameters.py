"""What may be asked, as msgspec structs: the parameters, their values and what they mean.

The structs are the one declaration: `edge.query.reading` reads query strings into them, and the
OpenAPI document is made from them. A parsed struct is independent of spelling and order, and
hashable, so it is the cache key.
"""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

PER_PAGE, PER_PAGE_MAX = 24, 100
LIST_MAX = 50  # values in one comma-separated parameter
TEXT_MAX = 64
Q_MAX = 100  # characters ...
TERMS_MAX = 8  # ... and words; the rest is not looked at
CURSOR_MAX = 400
RADIUS_KM, RADIUS_MAX_KM = 3.0, 100.0

Channel = Literal["rent", "sale"]
Status = Literal["available", "under_offer", "sold"]
Furnishing = Literal["furnished", "unfurnished", "part_furnished", "either"]
Feature = Literal["balcony", "bills", "garage", "garden", "lift", "parking", "pets"]
Period = Literal["pcm", "pw"]
Sort = Literal[
    "newest",
    "price_asc",
    "price_desc",
    "beds_asc",
    "beds_desc",
    "available",
    "nearest",
    "relevance",
]

# Degrees: latitudes to 90, longitudes to 180, with up to fifteen decimals.
LATITUDE = r"-?(?:90(?:\.0{1,15})?|[0-8]?[0-9](?:\.[0-9]{1,15})?)"
LONGITUDE = r"-?(?:180(?:\.0{1,15})?|(?:1[0-7][0-9]|[0-9]?[0-9])(?:\.[0-9]{1,15})?)"
POINT = rf"{LATITUDE},{LONGITUDE}"
BOUNDS = f"{LONGITUDE},{LATITUDE},{LONGITUDE},{LATITUDE}"
PLACE = r"[^\x00-\x1f,]{1,64}"

Pounds = Annotated[int, Meta(ge=0, le=999_999_999)]
Count = Annotated[int, Meta(ge=0, le=99)]
Value = Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]
Values = Annotated[tuple[Value, ...], Meta(max_length=LIST_MAX)]
Text = Annotated[str, Meta(max_length=Q_MAX, description="words to look for")]


def _says(description: str, *examples: object) -> Meta:
    return Meta(description=description, examples=list(examples) or None)


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Empty tuples and None filter nothing."""

    channel: Annotated[Channel | None, _says("to let or for sale; both when left out", "rent")] = (
        None
    )
    status: Annotated[
        tuple[Status, ...],
        _says("any of these", "available"),
    ] = ()
    area: Annotated[Values, _says("slugs of areas, from the facet or /api/areas")] = ()
    outcode: Annotated[Values, _says("postcodes, of which the first halves count", "nw1,nw3")] = ()
    type: Annotated[Values, _says("kinds of home: flat, terraced, detached …", "flat")] = ()
    furnishing: Annotated[
        tuple[Furnishing, ...],
        _says("a home let either way matches each", "furnished"),
    ] = ()
    features: Annotated[
        tuple[Feature, ...],
        _says("all of these, as far as the advert says so", "garden,parking"),
    ] = ()
    ids: Annotated[Values, _says("references, in any case")] = ()
    price_min: Annotated[Pounds | None, _says("whole pounds", 1000)] = None
    price_max: Annotated[Pounds | None, _says("whole pounds", 500000)] = None
    period: Annotated[Period, _says("what rents are compared by, if by a price", "pw")] = "pcm"
    beds_min: Annotated[Count | None, _says("0 is a studio", 1)] = None
    beds_max: Annotated[Count | None, _says("0 is a studio", 3)] = None
    baths_min: Annotated[Count | None, _says("bathrooms", 1)] = None
    baths_max: Annotated[Count | None, _says("bathrooms", 2)] = None
    available_by: Annotated[
        date | None, _says("lettings one can move into by this day", "2026-12-01")
    ] = None
    short_let: Annotated[bool | None, _says("offered as a short let, or not", "false")] = None
    has_floorplan: Annotated[bool | None, _says("with or without a floor plan", "true")] = None
    has_tour: Annotated[bool | None, _says("with or without a virtual tour", "true")] = None
    bbox: Annotated[
        Annotated[str, Meta(pattern=f"^{BOUNDS}$")] | None,
        _says("map bounds in degrees: west, south, east, north", "-0.25,51.48,-0.05,51.6"),
    ] = None
    near: Annotated[
        Annotated[str, Meta(pattern=f"^(?:{POINT}|{PLACE})$")] | None,
        _says(
            "latitude,longitude, or a postcode or its first half, or an area or a station",
            "51.54,-0.14",
        ),
    ] = None
    radius_km: Annotated[
        Annotated[float, Meta(gt=0, le=RADIUS_MAX_KM)] | None,
        _says("around `near`, if there is one; 3 when left out", 5),
    ] = None
    new_since: Annotated[
        datetime | None, _says("first seen since this day or moment (UTC)", "2026-01-01")
    ] = None
    reduced_since: Annotated[
        datetime | None, _says("its price cut since this day or moment (UTC)", "2026-01-01")
    ] = None
    q: Annotated[Text | None, _says("full text; ranking is in docs/search.md", "garden flat")] = (
        None
    )
    sort: Annotated[
        Sort,
        _says("newest unless said; relevance with a q; nearest needs near", "price_asc"),
    ] = "newest"
    page: Annotated[int, Meta(ge=1, le=100_000), _says("from 1", 1)] = 1
    per_page: Annotated[int, Meta(ge=1, le=PER_PAGE_MAX), _says("24 unless said", 12)] = PER_PAGE
    cursor: Annotated[
        Annotated[str, Meta(max_length=CURSOR_MAX)] | None,
        _says("`next_cursor` of the answer before; instead of page"),
    ] = None


class SuggestQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What to offer while somebody types."""

    q: Annotated[Text, _says("what has been typed so far", "ca")] = ""
    channel: Annotated[Channel | None, _says("count only these", "rent")] = None
    limit: Annotated[int, Meta(ge=1, le=20), _says("8 unless said", 5)] = 8


class NoQuery(msgspec.Struct, frozen=True):
    """An address that takes no parameter."""
