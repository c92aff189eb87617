"""The daemon's allocator keeps little: few arenas, and large blocks go when they are free."""

import re
import subprocess
import sys

PROGRAM = """
import ctypes, sys, threading
from sync import memory

if sys.argv[1] == "sparing":
    memory.sparing()
libc = ctypes.CDLL(None)
large = [bytearray(20_000_000)]
large.clear()  # from here on glibc would keep blocks of that size
together = threading.Barrier(6)

def work():
    together.wait()
    kept.append(bytearray(9_000))
    together.wait()

kept = [bytearray(1_000_000)]
threads = [threading.Thread(target=work) for _ in range(6)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
memory.give_back()
libc.fopen.restype = ctypes.c_void_p
out = libc.fopen(b"/dev/stdout", b"w")
libc.malloc_info(0, ctypes.c_void_p(out))
libc.fflush(ctypes.c_void_p(out))
"""


def seen(how: str) -> tuple[int, int]:
    """How many arenas there are, and how many blocks that are mapped by themselves."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True
    )
    mapped = re.search(r'<total type="mmap" count="(\d+)"', done.stdout)
    assert mapped is not None, done.stdout
    return done.stdout.count("<heap nr="), int(mapped[1])


def test_threads_share_two_arenas_and_a_large_block_is_mapped_by_itself() -> None:
    arenas, mapped = seen("sparing")
    usual_arenas, usually_mapped = seen("as it comes")

    assert arenas <= 2 < usual_arenas
    assert mapped > usually_mapped
