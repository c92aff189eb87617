"""Results as a bench would have found them, in round figures."""

from bench.edgebench import results
from bench.edgebench.results import Flip, FlipLoad, Result, Round, Size, Step, Subject
from bench.fanout import report as fanout
from bench.load.judge import judge, thresholds
from bench.load.records import Run, Told
from bench.load.tally import Second, Summary, Tally

SERVER = "rentman-edge"
COSTS = {
    "featured": 100.0,
    "detail, gzip": 100.0,
    "revalidation": 50.0,
    "list query, gzip": 326.0,
    "list asked most, gzip": 126.0,
    "picture": 80.0,
    "detail, gzip, new connection": 1100.0,
}


def summary(requests: int, errors: int = 0, ms: float = 1.0) -> Summary:
    tally = Tally()
    for number in range(requests):
        tally.add(ms, size=1000, hit=True, failed=number < errors)
    return tally.summary()


def run(profile: str = "steady", **changed: object) -> Run:
    kinds = {"detail": summary(60), "list": summary(20), "picture": summary(20)}
    totals = {"page": summary(80), "picture": summary(20)}
    second = Second(at=1, requests=9, errors=0, p50_ms=1, p99_ms=2)
    fixed = {
        "profile": profile,
        "about": "a test",
        "made_at": "2026-11-22T00:00:00Z",
        "commit": "abc",
        "listings": 60,
        "visitors": 10,
        "visitor_seconds": 200.0,
        "seconds": 20,
        "whole_seconds": 150,
        "machine": results.machine(),
        "told": Told(totals, kinds, [second], {}),
        "cpu_s": {"caddy": 0.015, "edge": 0.005, "sync": 0.1},
        "verdicts": judge(thresholds(), totals, totals),
    }
    return Run(**fixed | changed)  # type: ignore[arg-type] # a table of fields


def front() -> Result:
    made = Result(made_at="", smoke=True, commit="", machine=results.machine(), method={})
    for name, cost in COSTS.items():
        made.subjects.append(
            Subject(name=name, path="/a", accept_encoding="gzip", status=200, body_bytes=9)
        )
        for number, (server, factor) in enumerate(((SERVER, 1), (SERVER, 3), ("other", 2))):
            made.rounds.append(measured(server, name, number // 2 + 1, cost * factor))
    made.steps = [
        Step(connections=n, round=measured(SERVER, "detail, gzip", 1, 100)) for n in (1, 64)
    ]
    return made


def measured(server: str, subject: str, number: int, cpu_us: float) -> Round:
    return Round(
        server=server,
        subject=subject,
        number=number,
        listings=0,
        requests=1000,
        seconds=1,
        cpu_s=cpu_us / 1000,
        p50_ms=1,
        p99_ms=2,
    )


def edge() -> Result:
    made = front()
    for listings in (60, 1_000, 10_000):
        made.sizes.append(
            Size(
                listings=listings,
                cards=listings,
                payload_bytes=20_000 * listings,
                memory_bytes=50_000_000 + 44_000 * listings,
                cold_start_s=(0.2,),
                next_start_s=(0.2,),
                back_s=(0.1,),
            )
        )
        made.flips.append(
            Flip(listings=listings, seconds=0.1, cpu_s=1, edge_bytes=10_000 + listings)
        )
    return made


def fed(*edges: int) -> fanout.Result:
    """A megabyte to each and one more to the first; a hundredth of a second of the store's for each
    megabyte, beside a tenth."""
    made = fanout.Result(
        made_at="", smoke=False, commit="", machine=results.machine(), listings=1_000
    )
    made.fed = [
        fanout.Fed(
            edges=n,
            bytes=(n + 1) * 10**6,
            store_cpu_s=0.1 + (n + 1) * late / 100,
            seconds=late,
            late_s=0.1,
        )
        for n in edges
        for late in (0.5, 1.0, 3.0)
    ]
    return made


def flip_load(listings: int, peak: int) -> FlipLoad:
    zeros = dict.fromkeys(
        ("p50_ms", "p99_ms", "longest_ms", "still_p99_ms", "still_longest_ms"), 0
    )
    return FlipLoad(listings=listings, flips=1, requests=1, faults=0, peak_rss_bytes=peak, **zeros)
