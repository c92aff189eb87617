"""The one slug function: URLs of this API and of the website's own pages agree by using it."""

import re
import unicodedata

SLUG_MAX = 64  # characters; Framer cuts or refuses longer ones
_UNSAFE = re.compile(r"[^a-z0-9]+")


def slug(text: str, limit: int = SLUG_MAX) -> str:
    """Lower-case ASCII words joined by hyphens, cut at a word where it can be."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    joined = _UNSAFE.sub("-", plain.replace("'", "")).strip("-")
    if len(joined) <= limit:
        return joined
    return joined[:limit].rpartition("-")[0] or joined[:limit]
