"""What most visitors of an agency's site ask a list: to rent or to buy, from so many bedrooms, in which order.

The answers are laid out as files with every generation, so Caddy gives them as it gives pages. It finds
them in this one spelling, with parameters in the order of `ListQuery`; in any other the edge answers the
same.
"""

from collections.abc import Iterator
from itertools import product
from urllib.parse import parse_qs

from edge.query import routes
from edge.query.routes import Question

PATH = "/api/framer/properties"
CHOICES = {  # "": left out
    "channel": ("rent", "sale"),
    "beds_min": ("", "1", "2", "3", "4", "5"),
    "sort": ("", "newest", "price_asc", "price_desc"),
}


def questions() -> Iterator[tuple[str, Question]]:
    """Each address, with its query, and what it asks."""
    for values in product(*CHOICES.values()):
        given = zip(CHOICES, values, strict=True)
        query = "&".join(f"{name}={value}" for name, value in given if value)
        asked = routes.question(PATH, parse_qs(query))
        if asked is not None:
            yield f"{PATH}?{query}", asked
