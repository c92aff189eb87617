"""Visitors in a machine's network: ask without pause until SIGTERM, then tell what went wrong.

A program of its own, for it runs in another network namespace than the tests: URL, paths…
"""

import json
import signal
import sys
import threading
from collections import Counter

import httpx

VISITORS = 4
ROUNDS_MIN = 2  # of each, however short the time


def main() -> None:
    url, *paths = sys.argv[1:]
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    asked: Counter[str] = Counter()
    wrong: list[str] = []
    threads = [
        threading.Thread(target=_visit, args=(url, paths, done, asked, wrong, fresh))
        for fresh in (True, False) * (VISITORS // 2)
    ]
    for thread in threads:
        thread.start()
    print("visiting", flush=True)
    for thread in threads:
        thread.join()
    print(json.dumps({"asked": asked.total(), "wrong": wrong[:20], "wrongs": len(wrong)}))


def _visit(
    url: str,
    paths: list[str],
    done: threading.Event,
    asked: Counter[str],
    wrong: list[str],
    fresh: bool,
) -> None:
    """`fresh`: with a new connection for each request, as new visitors come."""
    kept = httpx.Limits(max_keepalive_connections=0 if fresh else 5)
    with httpx.Client(base_url=url, verify=False, timeout=10, limits=kept) as client:
        rounds = 0
        while not done.wait(0.005) or rounds < ROUNDS_MIN:
            rounds += 1
            for path in paths:
                asked[path] += 1
                wrong.extend(_fault(client, path))


def _fault(client: httpx.Client, path: str) -> list[str]:
    try:
        answer = client.get(path)
        if answer.status_code == 200 and answer.json():
            return []
    except (httpx.HTTPError, ValueError) as error:
        return [f"{path}: {error!r}"]
    return [f"{path}: {answer.status_code} {answer.text[:100]}"]


if __name__ == "__main__":
    main()
