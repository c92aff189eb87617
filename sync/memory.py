"""What a pass has used is given back: a daemon rests far longer than it works.

Of glibc (mallopt(3), malloc_trim(3)); other C libraries have neither call, and no need of them.
"""

import contextlib
import ctypes

ARENAS = 2  # of all threads together; each thread would have its own, and keep what it used
MAPPED = 256 * 1024  # bytes from which a block is mapped by itself, and so unmapped once free
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8


def sparing() -> None:
    """Have the allocator keep less, from now on; to be asked before there are threads.

    Left alone it raises the threshold with each large block that is freed, to 32 MiB in the end.
    """
    with contextlib.suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, ARENAS)
        mallopt(_M_MMAP_THRESHOLD, MAPPED)


def give_back() -> None:
    """Ask the allocator to return what is free to the system."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
