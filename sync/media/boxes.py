"""The boxes that an MP4 is made of (ISO/IEC 14496-12), walked along a tree of those that are known.

A file is never longer or shorter for it: what is not in the tree becomes a `free` box of zeros, so
that every place that something else in the file points to stays where it was.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias

from sync.media.errors import MediaRejectedError

Tree: TypeAlias = "Mapping[bytes, Tree | None]"
"""Which boxes stand in a box, by their four letters; None for one that is not looked into."""

BOXES_MAX = 2000
"""An hour of film has about sixty, however long it is."""
_HEADER, _LONG_HEADER = 8, 16  # bytes
_TO_THE_END, _IS_LONG = 0, 1  # what stands for a size
_FREE = b"free"


def refuse(reason: str) -> NoReturn:
    raise MediaRejectedError(reason)


@dataclass(slots=True)
class Box:
    """Places in the file: `start` of the header, `body` behind it, `end` behind that."""

    kind: bytes
    start: int
    body: int
    end: int
    inside: list["Box"] = field(default_factory=list)

    def every(self, kind: bytes) -> list["Box"]:
        return [box for box in self.inside if box.kind == kind]

    def only(self, *path: bytes) -> "Box":
        """The one box there. Raises `MediaRejectedError`: `corrupt` if there is none, or several."""
        box = self
        for kind in path:
            found = box.every(kind)
            if len(found) != 1:
                refuse("corrupt")
            box = found[0]
        return box


class File:
    """Bytes that are walked and cleaned in place."""

    def __init__(self, source: bytes) -> None:
        self.data = bytearray(source)
        self._left = BOXES_MAX

    def walk(self, tree: Tree) -> Box:
        """All of it, with what `tree` does not know blanked.

        Raises `MediaRejectedError`: `truncated` when the file ends inside a box of its own,
        `corrupt` when a box does not fit into another or there are far too many.
        """
        whole = Box(b"", 0, 0, len(self.data))
        self._descend(whole, tree, "truncated")
        return whole

    def descend(self, box: Box, tree: Tree) -> None:
        """Look into a box whose boxes begin at `box.body`."""
        self._descend(box, tree, "corrupt")

    def unpack(self, layout: str, at: int, box: Box) -> tuple[int, ...]:
        """Numbers in a box, most significant byte first. `corrupt` when they are not all in it."""
        if at + struct.calcsize(f">{layout}") > box.end:
            refuse("corrupt")
        return struct.unpack_from(f">{layout}", self.data, at)

    def zero(self, start: int, end: int) -> None:
        self.data[start:end] = bytes(max(end - start, 0))

    def blank(self, box: Box) -> None:
        """Of the same length, but nothing."""
        self.data[box.start + 4 : box.start + 8] = _FREE
        self.zero(box.body, box.end)
        box.kind, box.inside = _FREE, []

    def boxes(self, parent: Box, short: str = "corrupt") -> Iterator[Box]:
        """Those that stand in `parent` from its `body` on; `short`: why one too long is refused."""
        at = parent.body
        while at + _HEADER <= parent.end:
            self._left -= 1
            if self._left < 0:
                refuse("corrupt")
            size, kind = struct.unpack_from(">I4s", self.data, at)
            body = at + _HEADER
            if size == _TO_THE_END:
                size = parent.end - at
            elif size == _IS_LONG:
                if at + _LONG_HEADER > parent.end:
                    refuse(short)
                (size,) = struct.unpack_from(">Q", self.data, body)
                body = at + _LONG_HEADER
            end = at + size
            if end < body:
                refuse("corrupt")
            if end > parent.end:
                refuse(short)
            yield Box(kind, at, body, end)
            at = end
        self.zero(at, parent.end)  # too short for a box: QuickTime ends some lists with zeros

    def _descend(self, parent: Box, tree: Tree, short: str) -> None:
        for box in self.boxes(parent, short):
            if box.kind not in tree:
                self.blank(box)
                continue
            parent.inside.append(box)
            if (known := tree[box.kind]) is not None:
                self._descend(box, known, "corrupt")
