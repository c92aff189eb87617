"""`python -m bench.query run [--smoke] | render`: first-time queries by kind, over HTTP."""

import argparse
import http.client
import signal
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from bench.edgebench import fixture, results
from bench.edgebench.__main__ import commit
from bench.edgebench.processes import HOST, ROOT, BenchError, calm, rss_bytes
from bench.query import report
from bench.query.mix import LIST, Portfolio, paths
from bench.query.report import ALL, Result

HERE = ROOT / "bench"
SIZES, QUERIES, BATCH = (
    (1_000, 10_000),
    4_000,
    400,
)  # fewer than an edge keeps, so that all are kept
SMOKE_SIZES, SMOKE_QUERIES = (60,), 60
PAGE = "/api/framer/featured"
GZIP = {"accept-encoding": "gzip"}


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):  # leave by the same door: servers end with us
        signal.signal(number, lambda got, _frame: sys.exit(128 + got))
    try:
        if options.command == "run":
            out = options.out or HERE / "results" / f"query-{datetime.now(UTC):%Y-%m-%d}.json"
            run(out, smoke=options.smoke)
        else:
            report.into(report.load(options.result or newest()), options.readme)
    except (BenchError, ValueError) as error:
        print(f"bench.query: {error}", file=sys.stderr)
        return 1
    return 0


def run(out: Path, *, smoke: bool) -> None:
    """What one size finds is written before the next begins."""
    result = Result(made_at=results.now(), smoke=smoke, commit=commit(), machine=results.machine())
    for listings in SMOKE_SIZES if smoke else SIZES:
        print(f"{listings} listings ...", flush=True)
        with fixture.opened(listings) as store, fixture.edge(store) as (port, process):
            calm(process.pid)
            _measure(result, listings, port, SMOKE_QUERIES if smoke else QUERIES)
            share = rss_bytes([process.pid]) / store.payload_bytes()
            result.rss_per_payload[str(listings)] = round(share, 2)
        report.save(result, out)


def _measure(result: Result, listings: int, port: int, count: int) -> None:
    """Batch by batch, so that what is asked again is still kept."""
    has = Portfolio.of(port)
    mixed = list(paths(has, count))
    first: defaultdict[str, list[float]] = defaultdict(list)
    again: defaultdict[str, list[float]] = defaultdict(list)
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    for _ in range(20):
        _timed(connection, LIST)
    result.precomputed_p50[str(listings)] = report.percentile(
        [_timed(connection, PAGE) for _ in range(count)], 50
    )
    for start in range(0, len(mixed), BATCH):
        batch = mixed[start : start + BATCH]
        for found in (first, again):
            for kind, path in batch:
                found[kind].append(_timed(connection, path))
    connection.close()
    first[ALL] = [took for times in first.values() for took in times]
    again[ALL] = [took for times in again.values() for took in times]
    for name in sorted(first, key=lambda name: name != ALL):
        result.kinds.append(report.kind(listings, name, first[name], again[name]))


def _timed(connection: http.client.HTTPConnection, path: str) -> float:
    """Milliseconds; anything but a whole 200 is no figure."""
    began = time.perf_counter()
    connection.request("GET", path, headers=GZIP)
    answer = connection.getresponse()
    body = answer.read()
    took = (time.perf_counter() - began) * 1000
    if answer.status != HTTPStatus.OK or not body:
        raise BenchError(f"{answer.status} for {path}: {body[:300]!r}")
    return took


def newest() -> Path:
    found = sorted((HERE / "results").glob("query-*.json"))
    if not found:
        raise BenchError("no result yet: `python -m bench.query run`")
    return found[-1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.query", description=__doc__)
    add = parser.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser
    run_ = add("run", help="measure at 1,000 and 10,000 listings")
    run_.add_argument("--smoke", action="store_true", help="a few queries at 60 listings")
    run_.add_argument("--out", type=Path, help="result file; bench/results/query-DATE.json")
    show = add("render", help="write the tables into the README")
    show.add_argument("--result", type=Path, help="the newest in bench/results unless said")
    show.add_argument("--readme", type=Path, default=HERE / "README.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
