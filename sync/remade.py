"""The ledger of files, told so that a new state database finds the files that are there already.

It lies beside the pictures, where visitors may be able to read it: it has hashes for file names, which
are found again by the names of the next list.
"""

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from snapshot import UNREADABLE
from sync.media.store import Store
from sync.model import MediaName, Medium


class Made(msgspec.Struct, frozen=True, array_like=True):
    """Of one source file: the key of its picture, document or video, its caption, how it was made.

    `share`: the key of its cut for shared links, if it has one.
    """

    key: str
    caption: str
    recipe: str
    share: str = ""
    share_recipe: str = ""


def told(ledger: Mapping[str, Medium]) -> bytes:
    """Of what is shown; equal ledgers are told in equal bytes."""
    made = {_hashed(name): _made(medium) for name, medium in sorted(ledger.items()) if medium.key}
    return msgspec.json.encode(made)


def found(data: bytes, names: Iterable[MediaName], store: Store, now: int) -> list[Medium]:
    """Those of `names` whose files are there. `MediaFailedError` when the store does not answer."""
    try:
        known = msgspec.json.decode(data or b"{}", type=dict[str, Made])
    except UNREADABLE:
        return []
    media = (
        _medium(name, known[hashed], store, now)
        for name in names
        if (hashed := _hashed(name.filename)) in known
    )
    return [medium for medium in media if medium.key]


def _medium(name: MediaName, made: Made, store: Store, now: int) -> Medium:
    document = name.kind == "brochure" and store.find_document(made.key) is not None
    return Medium(
        filename=name.filename,
        caption=made.caption,
        picture=store.find_picture(made.key) if name.kind not in ("brochure", "video") else None,
        video=store.find_video(made.key) if name.kind == "video" else None,
        document=made.key if document else "",
        checked_at=now,
        recipe=made.recipe,
        share=store.find_picture(made.share) if made.share else None,
        share_recipe=made.share_recipe,
    )


def _made(medium: Medium) -> Made:
    return Made(
        key=medium.key,
        caption=medium.caption,
        recipe=medium.recipe,
        share=medium.share.key if medium.share else "",
        share_recipe=medium.share_recipe,
    )


def _hashed(filename: str) -> str:
    return hashlib.sha256(filename.encode()).hexdigest()[:32]
