"""schema.org markup of a home: RealEstateListing around the home and its offers."""

from typing import Any

from sync.model import Known, Offer
from sync.render.card import Card, Moment, iso

_SCHEMA_TYPES = {
    "flat": "Apartment",
    "maisonette": "Apartment",
    "studio": "Apartment",
    "house": "House",
    "terraced": "House",
    "semi_detached": "House",
    "cottage": "House",
    "detached": "SingleFamilyResidence",
    "bungalow": "SingleFamilyResidence",
}


def json_ld(known: Known, card: Card, moment: Moment, shared: str) -> dict[str, Any]:
    """What is not known is left out rather than sent empty. `shared`: picture beside links."""
    return _known_only(
        {
            "@context": "https://schema.org",
            "@type": "RealEstateListing",
            "url": card.url,
            "name": card.title,
            "description": known.listing.summary or card.strapline,
            "datePosted": iso(known.first_seen)[:10],
            "image": [shared, card.image_url] if shared else [],
            "mainEntity": _home(known, card),
            "offers": [
                _offer(known, offer, moment) for offer in known.listing.offers if offer.pence
            ],
        }
    )


def _home(known: Known, card: Card) -> dict[str, Any]:
    listing = known.listing
    geo = {"@type": "GeoCoordinates", "latitude": card.lat, "longitude": card.lng}
    return _known_only(
        {
            "@type": _SCHEMA_TYPES.get(listing.type, "Place"),
            "address": _known_only(
                {
                    "@type": "PostalAddress",
                    "streetAddress": listing.street,
                    "addressLocality": listing.town,
                    "postalCode": listing.outcode,
                    "addressCountry": "GB",
                }
            ),
            "geo": geo if card.has_location else {},
            "numberOfBedrooms": listing.beds or "",
            "numberOfBathroomsTotal": listing.baths or "",
            "amenityFeature": [
                {"@type": "LocationFeatureSpecification", "name": feature, "value": True}
                for feature in listing.features
            ],
        }
    )


def _offer(known: Known, offer: Offer, moment: Moment) -> dict[str, Any]:
    price = f"{offer.pence / 100:.2f}"
    rent = offer.channel == "rent"
    free = known.listing.status == "available"
    start = known.listing.available_from
    unit = {
        "@type": "UnitPriceSpecification",
        "price": price,
        "priceCurrency": "GBP",
        "unitCode": "MON",
    }
    return _known_only(
        {
            "@type": "Offer",
            "price": price,
            "priceCurrency": "GBP",
            "businessFunction": "http://purl.org/goodrelations/v1#"
            + ("LeaseOut" if rent else "Sell"),
            "priceSpecification": unit if rent else {},
            "availability": "https://schema.org/" + ("InStock" if free else "LimitedAvailability"),
            "availabilityStarts": start.isoformat() if start and start > moment.today else "",
        }
    )


def _known_only(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ("", [], {}, None)}
