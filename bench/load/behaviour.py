"""What a visitor asks for, and what an answer has to be: without Locust, so that it can be tested."""

import random
from typing import Any
from urllib.parse import urlsplit

OK, NOT_MODIFIED = 200, 304


def wish() -> dict[str, str]:
    """What somebody looks for; drawn so that some questions are asked often and some once."""
    wanted = {"channel": random.choice(("rent", "rent", "rent", "sale"))}
    if random.random() < 0.6:  # noqa: PLR2004 - shares of visitors
        wanted["beds_min"] = str(random.choice((1, 2, 2, 3, 4)))
    if random.random() < 0.3:  # noqa: PLR2004
        wanted["price_max"] = str(random.randrange(1, 9) * 500)
    if random.random() < 0.2:  # noqa: PLR2004
        wanted["sort"] = random.choice(("price_asc", "price_desc", "newest"))
    if random.random() < 0.1:  # noqa: PLR2004
        wanted["page"] = "2"
    return wanted


def keystrokes(word: str, least: int = 2, most: int = 5) -> list[str]:
    """What a search box has asked by the time somebody takes a suggestion."""
    return [word[:length].lower() for length in range(least, min(most, len(word)) + 1)]


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
