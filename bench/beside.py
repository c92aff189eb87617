"""Work beside a measurement, in threads that end with it."""

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator

from bench.edgebench.processes import BenchError


@contextlib.contextmanager
def beside(*works: Callable[[threading.Event], None]) -> Iterator[None]:
    """Each in a thread until the block ends, which sets the event; what one raised is raised then."""
    over = threading.Event()
    faults: list[Exception] = []

    def guarded(work: Callable[[threading.Event], None]) -> None:
        try:
            work(over)
        except (BenchError, ValueError, OSError, http.client.HTTPException) as error:
            faults.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
    if faults:
        raise faults[0]
