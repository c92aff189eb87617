"""One uploaded document to its properties, as they are written; no DTD, no entities, no depths.

It is read element by element, so that a hostile one costs no more than its limits.
"""

from collections.abc import Iterator
from io import BytesIO

import msgspec
from lxml import etree

from sync.errors import UpstreamRejectedError

ROOT, LIST, ITEM = "rentman", "properties", "property"
DEPTH_MAX = 12
ELEMENTS_MAX = 4_000_000  # ten thousand homes have about a million
ATTRIBUTES_MAX = 64  # on one element: lxml reads n of them in n squared
_AT_LIST, _AT_ITEM = 2, 3  # depths


class Property(msgspec.Struct, frozen=True, kw_only=True):
    """Texts by element, `element@attribute` for attributes, all names in lower case."""

    values: dict[str, str]
    bullets: tuple[str, ...] = ()
    rooms: tuple[tuple[str, str], ...] = ()  # title, description
    photos: tuple[tuple[str, str], ...] = ()  # file name, caption


def properties(data: bytes) -> list[Property]:
    """Every property; `UpstreamRejectedError` unless it is a whole Rentman document."""
    try:
        return list(_properties(data))
    except (etree.XMLSyntaxError, LookupError, UnicodeError) as error:
        raise UpstreamRejectedError("not_xml", str(error)) from error


def _properties(data: bytes) -> Iterator[Property]:
    depth = listed = 0
    for count, (event, element) in enumerate(_events(data)):
        if count > 2 * ELEMENTS_MAX:
            raise UpstreamRejectedError("too_large", f"more than {ELEMENTS_MAX} elements")
        if event == "start":
            depth += 1
            _check(element, depth)
            listed += depth == _AT_LIST and _name(element) == LIST
            continue
        if depth == _AT_ITEM and _name(element) == ITEM and _name(element.getparent()) == LIST:
            yield _property(element)
        if depth <= _AT_ITEM:  # let go of what has been read
            element.clear(keep_tail=False)
            while element.getprevious() is not None:
                del element.getparent()[0]
        depth -= 1
    if not listed:
        raise UpstreamRejectedError("not_rentman", "it has no Properties")


def _events(data: bytes) -> Iterator[tuple[str, etree._Element]]:
    return iter(
        etree.iterparse(
            BytesIO(data),
            events=("start", "end"),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
    )


def _check(element: etree._Element, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise UpstreamRejectedError("too_deep", f"more than {DEPTH_MAX} levels")
    if len(element.attrib) > ATTRIBUTES_MAX:
        raise UpstreamRejectedError("too_large", f"more than {ATTRIBUTES_MAX} attributes")
    if depth > 1:
        return
    if element.getroottree().docinfo.doctype:
        raise UpstreamRejectedError("doctype", "it declares a document type")
    if _name(element) != ROOT:
        raise UpstreamRejectedError("not_rentman", "its root is not Rentman")


def _property(element: etree._Element) -> Property:
    values: dict[str, str] = {}
    groups: dict[str, list[etree._Element]] = {}
    for child in element:
        name = _name(child)
        values.setdefault(name, child.text or "")
        for key, value in child.attrib.items():
            values.setdefault(f"{name}@{str(key).lower()}", str(value))
        groups.setdefault(name, []).extend(child)
    rooms = ({_name(part): part.text or "" for part in room} for room in groups.get("rooms", ()))
    return Property(
        values=values,
        bullets=tuple(each.text or "" for each in groups.get("bulletpoints", ())),
        rooms=tuple((room.get("title", ""), room.get("description", "")) for room in rooms),
        photos=tuple((each.text or "", _caption(each)) for each in groups.get("media", ())),
    )


def _caption(item: etree._Element) -> str:
    return next((str(value) for key, value in item.attrib.items() if _is(key, "caption")), "")


def _is(key: object, name: str) -> bool:
    return str(key).lower() == name


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()
