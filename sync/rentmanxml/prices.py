"""Rents by the month and by the week, prices, and the qualifiers that say how they are meant."""

from decimal import ROUND_HALF_UP, Decimal

from sync.errors import RowError
from sync.rentman import codes
from sync.rentman.fields import Row

ON_APPLICATION = 2
QUALIFIERS = {
    ON_APPLICATION: "Price on application",
    3: "Guide price",
    4: "Offers in excess of",
    5: "Offers in the region of",
    6: "Fixed price",
}
PERIODS = {"month": (Decimal(1), "pcm"), "week": (Decimal(52) / Decimal(12), "pw")}


def prices(given: Row) -> dict[str, object]:
    """As the web service would send them, with the words for display."""
    channels = codes.CHANNELS.get(_code(given) or 0, ())
    selling, letting = "sale" in channels, "rent" in channels
    rent, rent_words = _rent(given)
    sale = given.number("saleprice") or (given.number("price") if not letting else None)
    qualifier = given.whole("saleprice@qualifier")
    if qualifier == ON_APPLICATION:
        sale = None  # whatever the number: it is not to be shown
    if selling and not sale:
        rent_words = rent_words.replace("£", "")  # nor is the rent to be taken for it
    sale_words = _said(qualifier, f"£{sale:,.2f}".removesuffix(".00") if sale else "")
    words = (sale_words if selling else "", rent_words if letting else "")
    return {
        "saleprice": str(sale) if sale else "",
        "rentmonth": rent,
        "displayprice": " or ".join(filter(None, words)),
    }


def _code(given: Row) -> int | None:
    return given.whole("rentorbuy")


def _rent(given: Row) -> tuple[str, str]:
    """Pounds a month to the penny, and the words of the advert; "" when no amount is stated."""
    rent, period, qualifier = "rent", "rent@period", "rent@qualifier"
    if not given.text("rent") and _code(given) == 1:  # how one exporter says it
        rent, period, qualifier = "price", "price@per", "price@qualifier"
    amount, code = given.number(rent), given.whole(qualifier)
    if not amount or code == ON_APPLICATION:
        return "", _said(code, "")
    known = PERIODS.get(given.text(period).lower())
    if known is None:
        if _code(given) == 1:
            raise RowError(period, f"unknown period {given.text(period)[:20]!r}")
        return "", ""
    factor, unit = known
    monthly = (amount * factor).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return str(monthly), _said(code, f"£{amount:,.2f}".removesuffix(".00") + f" {unit}")


def _said(qualifier: int | None, amount: str) -> str:
    words = QUALIFIERS.get(qualifier or 0, "")
    return words if qualifier == ON_APPLICATION else f"{words} {amount}".strip()
