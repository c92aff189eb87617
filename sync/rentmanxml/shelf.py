"""The media files that lie beside the document, known by what is in them.

Uploads come again and again under one name, so what the rest of `sync` calls a file is its name with
a hash of its bytes and caption: another picture or caption has another name, and is asked for.
A file that is gone, or is just being written, keeps the name under which it was last seen whole.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from sync.media.errors import MediaRejectedError
from sync.media.studio import MAX_BYTES
from sync.rentmanxml.folder import TAKEN, Folder, MovedError, Stamp
from sync.source import File

INDEX = Path(TAKEN) / "media.json"


class Seen(msgspec.Struct, frozen=True):
    """A file as it last lay still. `name` as it is spelt on disk."""

    name: str
    stamp: Stamp
    digest: str


@dataclass(slots=True)
class Shelf:
    """Blocking; raises `OSError`."""

    folder: Folder
    _seen: dict[str, Seen] = field(default_factory=dict)  # by lower-case name
    _named: dict[str, tuple[str, str]] = field(default_factory=dict)  # lower-case name, caption

    def open(self) -> None:
        try:
            data = (self.folder.root / INDEX).read_bytes()
            self._seen = msgspec.json.decode(data, type=dict[str, Seen])
        except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
            self._seen = {}  # a cache: files that are there are read again

    def arrange(self, still: dict[str, Stamp], wanted: dict[str, str]) -> dict[str, str]:
        """What to call each file of `wanted`, which has their captions."""
        on_disk = {name.lower(): (name, stamp) for name, stamp in sorted(still.items())}
        known = {key: seen for key in map(str.lower, wanted) if (seen := self._one(key, on_disk))}
        names, named = {}, {}
        for name, caption in wanted.items():
            seen = known.get(name.lower())
            names[name] = _called(name, seen.digest, caption) if seen else name
            named[names[name]] = (name.lower(), caption)
        if known != self._seen:
            draft = self.folder.root / INDEX.with_suffix(".draft")
            draft.write_bytes(msgspec.json.encode(known))
            draft.replace(self.folder.root / INDEX)
        self._seen, self._named = known, named
        return names

    def file(self, called: str) -> tuple[File, str] | None:
        """The file and its unmasked caption; None when the folder no longer has just this one."""
        key, caption = self._named.get(called, ("", ""))
        seen = self._seen.get(key)
        if seen is None:
            return None
        if seen.stamp.size > MAX_BYTES:
            raise MediaRejectedError("too-large")
        try:
            data = self.folder.read(seen.name, seen.stamp, MAX_BYTES)
        except (FileNotFoundError, MovedError):
            return None
        except OSError as error:
            raise MediaRejectedError("unreadable") from error
        return File(data), caption

    def _one(self, key: str, on_disk: dict[str, tuple[str, Stamp]]) -> Seen | None:
        before = self._seen.get(key)
        name, stamp = on_disk.get(key, ("", None))
        if stamp is None or (before is not None and before.stamp == stamp):
            return before
        try:
            return Seen(name, stamp, self._digest(name, stamp))
        except (OSError, MovedError):  # one file that cannot be read is no reason to fail a list
            return before

    def _digest(self, name: str, stamp: Stamp) -> str:
        if stamp.size > MAX_BYTES:  # it will not be shown, so its measures will do
            return hashlib.sha256(repr(stamp).encode()).hexdigest()
        return hashlib.sha256(self.folder.read(name, stamp, MAX_BYTES)).hexdigest()


def _called(name: str, digest: str, caption: str) -> str:
    mark = hashlib.sha256(f"{digest} {caption}".encode()).hexdigest()[:12]
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{mark}.{suffix}"
