"""The capacity model's arithmetic, and what is drawn and written from results, without a load."""

from pathlib import Path

import pytest

from bench import capacity, cli, draw, planned, scale
from bench.capacity import Change, Check, Line, plan, visit
from bench.edgebench import results
from bench.edgebench.processes import BenchError
from bench.edgebench.results import Flip, FlipLoad, Result, Round, Size, Step, Subject
from bench.load import report
from bench.load.judge import judge, thresholds
from bench.load.records import Pages, Run, Told
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


def test_a_visitor_costs_what_the_run_spent_on_all_of_them() -> None:
    each = visit(run())

    assert each.requests_s == pytest.approx(100 / 200)
    assert each.bytes_s == pytest.approx(500)
    assert each.cpu_us == pytest.approx(200)
    idle = run(idle_cores={"caddy": 0.0002, "edge": 0.0003, "sync": 9.0})
    assert visit(idle).cpu_us == pytest.approx(200 - 0.0005 * 20 / 100 * 1e6)
    assert each.per_core == pytest.approx(0.6 / (0.5 * 200e-6))


def test_a_mix_is_predicted_from_its_kinds_and_a_greeting_for_each_visitor() -> None:
    kinds = {"detail": summary(60), "list": summary(20), "picture": summary(20)}

    found = capacity.predicted_us(kinds, COSTS, greetings=10)

    assert found == pytest.approx((60 * 100 + 20 * 200 + 20 * 80 + 10 * 1000) / 100)


def test_every_kind_of_request_that_visitors_make_has_a_cost() -> None:
    """The names are those that bench/load/visitor.py gives; it cannot be imported beside a test."""
    source = (Path(draw.__file__).parent / "load" / "visitor.py").read_text()
    kinds = {"featured", "list", "all homes", "detail", "suggest", "revisit"}

    assert all(f'"{kind}"' in source for kind in kinds)
    assert capacity.COST_OF.keys() == kinds | {"picture"}


def test_a_line_goes_through_both_points() -> None:
    line = Line.through((60, 100.0), (1_060, 600.0))

    assert [line.at(n) for n in (60, 1_060, 10_060)] == pytest.approx([100.0, 600.0, 5100.0])


def test_what_is_measured_is_held_against_the_model() -> None:
    found = {one.what: one for one in capacity.checks(front(), SERVER, [run()], edge())}

    assert found["Memory of an edge at 10,000 listings"].ratio == pytest.approx(1)
    assert found["A flip's bytes at 10,000 listings"].ratio == pytest.approx(1)
    assert found["CPU per request of steady"].measured == pytest.approx(200)
    assert Check("", 2, 3, "").ratio == 1.5


def test_parts_that_are_far_from_what_a_crowd_costs_are_called_refuted() -> None:
    """Of the front's parts, a run that costs three times as much; and one that costs what they say."""
    told = capacity.predicted_us(run().told.kinds, capacity.costs(front(), SERVER), greetings=10)

    def said(times: float) -> str:
        spent = {"caddy": times * told * 100 / 1e6}
        return planned.rendered(front(), SERVER, [run(cpu_s=spent)], edge())

    assert "parts is refuted**: measured is 3.00 to 3.00 times what it says" in said(3)
    assert "The CPU of the parts holds: measured is 1.10 to 1.10" in said(1.1)


def test_the_load_of_the_one_point_that_is_extended_is_said() -> None:
    cores = results.machine().cores
    text = planned.rendered(front(), SERVER, [run(cpu_s={"caddy": 3.0, "edge": 1.0})], edge())

    assert f"kept 0.20 of {cores} cores busy ({0.2 / cores:.0%})" in text
    assert "at 60% is extrapolated" in text


def test_homes_that_were_measured_without_pictures_are_said_to_be_lighter() -> None:
    text = planned.rendered(front(), SERVER, [run()], edge())

    assert "details are 9 bytes, packed" in text
    assert "have pictures: 1,000 bytes, packed, in the mean, 111.1 times as much" in text
    bare = Told({"page": summary(1), "picture": summary(1)}, {"list": summary(1)}, [], {})
    with pytest.raises(BenchError, match="measured without details"):
        planned.rendered(front(), SERVER, [run(told=bare)], edge())


def test_memory_is_planned_at_the_peak_of_a_flip() -> None:
    found = edge()
    assert capacity.peak(found) is None
    found.flip_loads = [flip_load(60, 60 * 10**6), flip_load(1_000, 90), flip_load(10_060, 10**9)]

    line = capacity.peak(found)

    assert line == Line.through((60, 60e6), (10_060, 1e9))
    text = planned.rendered(front(), SERVER, [run()], found)
    assert "| Memory of an edge process per listing, kB, at its peak | 94.0 |" in text
    assert "| Listings per GB of an edge process | 10,060 |" in text


def flip_load(listings: int, peak: int) -> FlipLoad:
    zeros = dict.fromkeys(
        ("p50_ms", "p99_ms", "longest_ms", "still_p99_ms", "still_longest_ms"), 0
    )
    return FlipLoad(listings=listings, flips=1, requests=1, faults=0, peak_rss_bytes=peak, **zeros)


def test_a_store_has_the_same_headroom_as_everything_else() -> None:
    each, flip = visit(run()), Change(7.5e6, cpu_s=0.0)

    assert plan(1_000, each, flip).store_bits_s == pytest.approx(8e6)
    assert capacity.Plan(1, 1, 1, 0, 0.59e9).stores == 1
    assert capacity.Plan(1, 1, 1, 0, 0.61e9).stores == 2
    text = planned.rendered(front(), SERVER, [run()], edge())
    assert "at 60% of 1 Gbit/s, a flip every 60 s, unchecked beyond 2 | 225,000 |" in text


def test_hosts_follow_from_cores_or_from_the_network_whichever_is_more() -> None:
    each = visit(run())
    flip = Change(1e6, cpu_s=0.0)
    few, many = plan(1_000, each, flip), plan(10_000_000, each, flip)

    assert (few.hosts, few.stores) == (1, 1)
    assert many.hosts == -(-many.cores // 8) > many.egress_bits_s / 10e9
    assert few.cores == pytest.approx(1_000 / each.per_core)
    busy = plan(1_000, each, Change(1e6, cpu_s=3.0), idle_cores=0.3)
    assert busy.cores == pytest.approx(few.cores + 0.3 / 0.6 + 8 * 3 / 60 / 0.6)
    assert many.store_bits_s == pytest.approx(many.hosts * 8 * 1e6 * 8 / 60)


def test_the_capacity_page_has_units_checks_and_crowds(tmp_path: Path) -> None:
    page = tmp_path / "capacity.md"
    page.write_text("a\n<!-- capacity figures: begin -->\n<!-- capacity figures: end -->\nb\n")

    cli.into(page, "capacity", planned.rendered(front(), SERVER, [run()], edge()))

    text = page.read_text()
    assert "| Visitors per core at 60% | 6,000 |" in text
    assert "| 10,000,000 |" in text
    assert "Measured / model" in text


def test_limits_that_were_missed_are_said_with_their_figures() -> None:
    slow = {"page": summary(80, ms=30), "picture": summary(20)}
    told = Told(slow, {}, [], {})
    missed = run("spike", told=told, verdicts=judge(thresholds(), slow, slow), seconds=150)
    first = Pages(
        made_at="",
        commit="",
        listings=60,
        browser="Chromium 1",
        machine=results.machine(),
        document_ms=[10],
        data_ms=[20],
        complete_ms=[300],
        pictures=4,
        verdicts=judge(thresholds(), slow, slow)[:1],
    )

    text = report.rendered([run(), missed], first)

    assert "| steady | 2026-11-22 00:00 | abc | 10 | 20 of 150 | 100 | 0 | 100.00% |" in text
    assert "| spike | 2026-11-22 00:00 | abc | 10 | 150 | 100 |" in text
    assert "* spike: page p99 ms 30." in text
    assert "all of it 300 ms in the median" in text


def test_no_result_is_no_report() -> None:
    with pytest.raises(ValueError, match="no result"):
        report.rendered([], None)


def test_plots_are_the_same_for_the_same_figures(tmp_path: Path) -> None:
    for folder in (tmp_path / "here", tmp_path / "there"):
        draw.latency([run()], folder)
        draw.knee(front().steps, folder)
        draw.timeline(run("publish-storm", acts=[(0.5, "publish")]), folder)
        draw.scale(scale.curves(edge(), [], []), folder)

    drawn = {path.name: path.read_bytes() for path in (tmp_path / "here").iterdir()}
    assert drawn == {path.name: path.read_bytes() for path in (tmp_path / "there").iterdir()}
    assert drawn.keys() == {"latency.svg", "knee.svg", "publish-storm.svg", "scale.svg"}
    assert all(b"<svg" in picture for picture in drawn.values())
    assert b"steady" in drawn["latency.svg"]
    assert b"in proportion" in drawn["scale.svg"]
    assert b"squares: knees" in drawn["knee.svg"]


def test_a_result_of_the_front_without_a_subject_is_refused() -> None:
    found = front()
    found.subjects = [one for one in found.subjects if one.name != "list asked most, gzip"]

    with pytest.raises(BenchError, match=r"without {'list asked most, gzip'}: .*bench.front run"):
        capacity.checks(found, SERVER, [run()], edge())
