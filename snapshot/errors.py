"""What can go wrong with the snapshot, sorted by what the caller should do next.

SnapshotError
├── StoreUnavailableError   try again later, keep what you have: refused, timed out, full, read-only
├── DamagedError            keep what you have: bytes that are missing, altered or half written
├── NewerFormatError        keep what you have and upgrade this process
└── PublishRefusedError     the pointer did not move
    ├── LeaseLostError      stop writing: somebody else is the writer now
    ├── ConflictError       read the pointer again, then decide anew
    ├── IncompleteError     send the missing entries, then publish again
    └── PinnedError         an operator pinned this generation; wait for the unpin
"""


class SnapshotError(Exception):
    """The root: nothing served has changed."""


class StoreUnavailableError(SnapshotError):
    """The store cannot be used now; try again later."""


class DamagedError(SnapshotError):
    """What was read is not what was written."""


class NewerFormatError(SnapshotError):
    """Written by a newer release than this process understands."""


class PublishRefusedError(SnapshotError):
    """The pointer did not move."""


class LeaseLostError(PublishRefusedError):
    """This writer's lease has ended or belongs to another."""


class ConflictError(PublishRefusedError):
    """The current generation is not the one this publish was built on."""


class IncompleteError(PublishRefusedError):
    """The manifest names an entry that the store does not hold."""


class PinnedError(PublishRefusedError):
    """An operator holds the site at its present generation."""
