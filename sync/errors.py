"""What can go wrong in `sync`, sorted by what the caller should do next.

SyncError
├── UpstreamError                  no answer that can be used; keep what is published
│   ├── UpstreamUnavailableError   try again later: timeout, 429, 5xx, open circuit
│   └── UpstreamRejectedError      do not retry, alert: 4xx, or a body that breaks the contract
├── StorageError                   the next picture could not be kept either; try again later
├── RowError                       quarantine this row, go on with the page
├── StateError                     the state database cannot be used; nothing was changed
└── UnusableSettingError           change the setting it names, then start again
"""


class SyncError(Exception):
    """The root."""


class UpstreamError(SyncError):
    """The source gave nothing that can be used."""


class UpstreamUnavailableError(UpstreamError):
    """Try again, after `retry_after` seconds if the source said so."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class UpstreamRejectedError(UpstreamError):
    """Asking again would get the same answer. `code` is short and stable, for counters."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


class StorageError(SyncError):
    """No room, or no way to the place, for finished pictures. What is published stays."""


class RowError(SyncError):
    """One row cannot become a listing."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


class UnusableSettingError(SyncError):
    """A setting that reads well and cannot be used on this machine."""


class StateError(SyncError):
    """The state database refused."""
