"""The canonical listing: source-neutral, and meant to hold only what may be published.

No field holds what the contract keeps private (house number, full postcode, staff contacts, the
owner's thoughts, condition). Free text could repeat it: `sync.rentman.privacy` masks that text
before it gets here, as far as its patterns reach.
"""

from datetime import date
from typing import Literal

import msgspec

from sync.media.model import Picture, Video

Channel = Literal["rent", "sale"]
Status = Literal["available", "under_offer", "sold", "off_market", "unknown"]
Furnishing = Literal["furnished", "unfurnished", "part_furnished", "either", ""]
Tenure = Literal["freehold", "leasehold", "share_of_freehold", "shared_ownership", ""]
MediaKind = Literal["photo", "floorplan", "epc", "brochure", "video"]


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """`pence` per month for rent, in total for sale. `derived`: read out of the display text."""

    channel: Channel
    pence: int
    derived: bool = False


class MediaName(msgspec.Struct, frozen=True, kw_only=True):
    """A file the source names; `position` orders photos from 1."""

    kind: MediaKind
    filename: str
    position: int = 1

    @property
    def leads(self) -> bool:
        """Whether it is the photo that a home is known by."""
        return self.kind == "photo" and self.position == 1


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """One advertised home. Blank text means unknown; None a number or date that is not stated."""

    id: str
    address: str  # as advertised, without house number
    street: str = ""
    town: str = ""
    county: str = ""
    outcode: str = ""
    area: str = ""
    area_slug: str = ""
    station: str = ""
    offers: tuple[Offer, ...]
    display_price: str = ""
    type: str = "other"
    type_label: str = "Property"
    residential: bool = True
    beds: int | None = None
    baths: int | None = None
    receptions: int | None = None
    furnishing: Furnishing = ""
    features: tuple[str, ...] = ()
    floor: str = ""
    heating: str = ""
    available_from: date | None = None
    status: Status = "unknown"
    service_charge: str = ""
    lease_length: str = ""
    tenure: Tenure = ""
    council_tax_band: str = ""
    short_let: bool = False
    age: str = ""
    summary: str = ""
    description: str = ""
    strapline: str = ""
    media: tuple[MediaName, ...] = ()
    virtual_tour_url: str = ""
    external_url: str = ""
    branch: str = ""
    branch_phone: str = ""
    upstream_featured: bool = False
    latitude: float | None = None  # rounded: about 100 m
    longitude: float | None = None


class PricePoint(msgspec.Struct, frozen=True, kw_only=True):
    channel: Channel
    since: int  # unix seconds
    pence: int


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A listing with what we remember of it, which the source does not. Times: unix seconds.

    `returned_at`: when it last came back on the market, 0 for never.
    """

    listing: Listing
    first_seen: int
    changed_at: int
    returned_at: int = 0
    prices: tuple[PricePoint, ...] = ()


class Medium(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a media file: a picture, a kept document, a video, or a reason why none.

    A reason beside one says why the last try to make it anew, by a newer recipe, came to nothing.
    """

    filename: str
    caption: str = ""
    picture: Picture | None = None
    document: str = ""  # key of a kept document
    reason: str = ""  # why it is not shown
    checked_at: int = 0
    recipe: str = ""  # how it was made
    share: Picture | None = None  # cut for links to the home that this photo leads
    share_recipe: str = ""  # how that was made, or found to be impossible
    video: Video | None = None

    @property
    def key(self) -> str:
        """Of what it became; empty if it became nothing."""
        shown = self.picture or self.video
        return shown.key if shown is not None else self.document
