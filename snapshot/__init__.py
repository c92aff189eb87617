"""The contract between `sync` and `edge`: what is published, how it is addressed, how it moves.

A snapshot works like a commit. Immutable *entries* are addressed by the hash of their bytes, a
*manifest* maps every public path to one, and a *pointer* names the current manifest.
"""

from snapshot.client import ADDRESS, Store, connect
from snapshot.entry import (
    FORMAT,
    UNREADABLE,
    Entry,
    Manifest,
    Moment,
    Page,
    Row,
    Rows,
    decode_entry,
    decode_manifest,
    decode_rows,
    digest,
    encode,
)
from snapshot.errors import (
    ConflictError,
    DamagedError,
    IncompleteError,
    LeaseLostError,
    NewerFormatError,
    PinnedError,
    PublishRefusedError,
    SnapshotError,
    StoreUnavailableError,
)
from snapshot.index import Index, Suggestion, decode_index
from snapshot.store import RETAINED, Lease, Pointer, Publisher, Reader

__all__ = [
    "ADDRESS",
    "FORMAT",
    "RETAINED",
    "UNREADABLE",
    "ConflictError",
    "DamagedError",
    "Entry",
    "IncompleteError",
    "Index",
    "Lease",
    "LeaseLostError",
    "Manifest",
    "Moment",
    "NewerFormatError",
    "Page",
    "PinnedError",
    "Pointer",
    "PublishRefusedError",
    "Publisher",
    "Reader",
    "Row",
    "Rows",
    "SnapshotError",
    "Store",
    "StoreUnavailableError",
    "Suggestion",
    "connect",
    "decode_entry",
    "decode_index",
    "decode_manifest",
    "decode_rows",
    "digest",
    "encode",
]
