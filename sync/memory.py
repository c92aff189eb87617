"""What a pass has used is given back: a daemon rests far longer than it works."""

import contextlib
import ctypes


def give_back() -> None:
    """Ask the allocator to return what is free to the system: glibc keeps it (malloc_trim(3))."""
    with contextlib.suppress(AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
