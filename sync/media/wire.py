"""What the daemon and a worker say to each other: length-prefixed msgpack over two pipes.

    daemon → worker    Task, then `size` raw bytes of source
    worker → daemon    Ready once, then one Made, Cleaned, Filmed, Rejected or Failed per task

A worker that reads end-of-file ends, so none outlives the daemon.
"""

import struct
from collections.abc import Callable

import msgspec

from sync.media.model import Document, FileKind, Picture, Profile, Video

LENGTH = struct.Struct("!I")
LONGEST = 1 << 20
"""Bytes of one message; a worker gone mad must not make the daemon allocate gigabytes."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    kind: str
    purpose: FileKind
    profile: Profile
    folder: str = ""
    """Where the files go: made and owned by the daemon, and empty."""
    size: int
    patience_s: int
    """A worker still busy after this long ends itself, in case the daemon died meanwhile."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """Libraries are loaded: from here on, time counts."""


class Made(msgspec.Struct, frozen=True, tag=True):
    picture: Picture


class Cleaned(msgspec.Struct, frozen=True, tag=True):
    document: Document


class Filmed(msgspec.Struct, frozen=True, tag=True):
    video: Video


class Rejected(msgspec.Struct, frozen=True, tag=True):
    reason: str


class Failed(msgspec.Struct, frozen=True, tag=True):
    reason: str


Answer = Made | Cleaned | Filmed | Rejected | Failed

decode_ready = msgspec.msgpack.Decoder(Ready).decode
decode_answer: Callable[[bytes], Answer] = msgspec.msgpack.Decoder(Answer).decode
decode_task = msgspec.msgpack.Decoder(Task).decode


def frame(message: Task | Ready | Answer) -> bytes:
    body = msgspec.msgpack.encode(message)
    return LENGTH.pack(len(body)) + body
