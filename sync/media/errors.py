"""What can go wrong with a file, sorted by what the caller should do next.

MediaError                 nothing came out; `reason` says why in a short stable code
├── MediaRejectedError     these bytes will never make anything: quarantine them
└── MediaFailedError       trying again may help: worker died or hung, disk full

Reasons of a rejection: `empty`, `base64`, `too-large`, `type:<what it is instead>`, `header`,
`pixels`, `progressive-pixels`, `too-small`, `shape`, `truncated`, `corrupt`, `encrypted`,
`fragmented`, `no-video`, `codec`.
Reasons of a failure: `timeout`, `crash`, `memory`; `disk-full`, `disk` and `bucket` are those of
the place where files are kept, and hold for every file.
"""

_STORAGE = {"disk-full", "disk", "bucket"}


class MediaError(Exception):
    """No picture came out."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MediaRejectedError(MediaError):
    """Asking again with the same bytes would get the same answer."""


class MediaFailedError(MediaError):
    """Nothing is known against the bytes; ask again later."""

    @property
    def is_of_storage(self) -> bool:
        """Whether the next file would fare no better."""
        return self.reason in _STORAGE
