"""A fault that stays is said once, and a cancellation that a library has lost still counts."""

import asyncio
import logging

from snapshot import SnapshotError

log = logging.getLogger("edge.refresh")


def end_if_cancelled() -> None:
    """A cancellation that a library lost on the way still ends this task."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def say(error: SnapshotError, said: str) -> str:
    """Log `error` unless it is what was said last; what has now been said."""
    word = f"{type(error).__name__}: {error}"
    if word != said:
        log.warning("%s; keeping what is loaded", word)
    return word
