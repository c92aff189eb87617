"""What a visitor asks for, and what an answer has to be: without Locust, so that it can be tested."""

import random
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any
from urllib.parse import urlencode, urlsplit

OK, NOT_MODIFIED = 200, 304
FEATURED = "/api/framer/featured"
LIST = "/api/framer/properties"
SUGGEST = "/api/properties/suggest"
DETAIL = "/api/framer/property/"
PAGES_A_VISIT = 10  # on average; then somebody else comes, without cache or connection
CODINGS = "gzip, deflate, br"  # Locust unpacks no zstd
CHANNELS = ("rent", "rent", "rent", "sale")
FILTERS = {  # the share of visitors who set one, and what they choose from
    "beds_min": (0.6, ("1", "2", "2", "3", "4")),
    "price_max": (0.3, tuple(str(pounds) for pounds in range(500, 4500, 500))),
    "sort": (0.2, ("price_asc", "price_desc", "newest")),
    "page": (0.1, ("2",)),
}


def wish() -> dict[str, str]:
    """What somebody looks for; drawn so that some questions are asked often and some once."""
    wanted = {"channel": random.choice(CHANNELS)}
    for name, (share, values) in FILTERS.items():
        if random.random() < share:
            wanted[name] = random.choice(values)
    return wanted


def wishes() -> Iterator[dict[str, str]]:
    """Each that `wish` may come to, once."""
    choices = [
        [(name, value) for value in sorted({*values})] for name, (_, values) in FILTERS.items()
    ]
    for channel in sorted({*CHANNELS}):
        for chosen in product(*([None, *choice] for choice in choices)):
            yield dict([("channel", channel), *filter(None, chosen)])


def keystrokes(word: str, least: int = 2, most: int = 5) -> list[str]:
    """What a search box has asked by the time somebody takes a suggestion."""
    return [word[:length].lower() for length in range(least, min(most, len(word)) + 1)]


def narrowed(wanted: Mapping[str, str]) -> str:
    return f"{LIST}?{urlencode(wanted)}"


def typed(said: str) -> str:
    return f"{SUGGEST}?{urlencode({'q': said})}"


def repertoire(cards: Iterable[Mapping[str, Any]]) -> set[str]:
    """Every question that visitors of a site with these homes may ask."""
    words = {said for card in cards for said in keystrokes(card["area"])}
    return {LIST, *map(narrowed, wishes()), *map(typed, words)}


def fault(status: int, headers: Any, *, conditional: bool) -> str:
    """What is wrong with an answer's head; empty for nothing."""
    if status != OK and not (conditional and status == NOT_MODIFIED):
        return f"status {status}"
    if "etag" not in headers:
        return "no entity tag"
    if headers.get("access-control-allow-origin") != "*":
        return "not readable from other origins"
    return ""


def variant(image: dict[str, Any], width: int) -> str:
    """The path of the narrowest AVIF of at least `width`, or of the widest; empty for none."""
    for source in image.get("sources", ()):
        if source["type"] == "image/avif" and source["srcSet"]:
            found = [entry.split() for entry in source["srcSet"].split(", ")]
            fitting = [url for url, size in found if int(size[:-1]) >= width]
            return str(urlsplit((fitting or [found[-1][0]])[0]).path)
    return ""
