"""What is drawn and written from results, without a load."""

from pathlib import Path

import pytest
from msgspec import structs

from bench import capacity, cli, draw, planned, scale
from bench.capacity import Change, Line, plan, visit
from bench.edgebench import results
from bench.edgebench.processes import BenchError
from bench.load import report
from bench.load.judge import judge, thresholds
from bench.load.records import Pages, Told
from tests.bench.made import SERVER, edge, fed, flip_load, front, run, summary


def test_parts_that_are_far_from_what_a_crowd_costs_are_called_refuted() -> None:
    """Of the front's parts, a run that costs three times as much; and one that costs what they say."""
    told = capacity.predicted_us(run().told.kinds, capacity.costs(front(), SERVER), greetings=10)

    def said(times: float) -> str:
        spent = {"caddy": times * told * 100 / 1e6}
        return planned.rendered(front(), SERVER, [run(cpu_s=spent)], edge())

    assert "parts is refuted**: measured is 3.00 to 3.00 times what it says" in said(3)
    assert "The CPU of the parts holds: measured is 1.10 to 1.10" in said(1.1)


def test_how_far_up_the_plan_was_driven_is_said() -> None:
    """The crowd of most visitors need not be the one that costs most."""
    cores = results.machine().cores
    runs = [
        run(cpu_s={"caddy": 3.0, "edge": 1.0}),
        run("steady-2000", visitors=2_000, cpu_s={"caddy": 5.0}),
        run("knee", cpu_s={"caddy": 99.0}),
    ]

    text = planned.rendered(front(), SERVER, runs, edge())

    most = f"`steady-2000` kept the most of the machine busy, 0.25 of {cores} cores"
    assert f"{most} ({0.25 / cores:.0%}), beside the 0.00 of Locust" in text
    assert "that a core costs no more at 60% is extrapolated" in text
    steady = "| steady, 2026-11-22 00:00, abc | 0.20"
    assert f"{steady} ({0.2 / cores:.0%}) | 0.00 | 0.50 | 40000 | 1.0 / 1.0 |" in text
    assert text.index(steady) < text.index("| steady-2000, 2026-11-22 00:00, abc | 0.25")


def test_a_crowd_that_was_driven_as_far_as_is_planned_extrapolates_nothing() -> None:
    busy = run(cpu_s={"caddy": 0.7 * 20 * results.machine().cores})

    assert "that is beyond the 60% that is planned with" in planned.rendered(
        front(), SERVER, [busy], edge()
    )


def test_a_store_that_works_more_than_it_sends_is_planned_by_its_one_core() -> None:
    assert capacity.Plan(1, 1, 1, 0, 0.0, store_cores=0.59).stores == 1
    assert capacity.Plan(1, 1, 1, 0, 0.59e9, store_cores=0.61).stores == 2
    text = planned.rendered(front(), SERVER, [run()], edge(), fed(1, 2, 8))
    assert "a flip every 60 s; 8 were tried | 400,000 |" in text
    core = "Edge processes per store at 60% of its one core, by what each adds at 1,000"
    assert f"| {core} | 320,000 |" in text


def test_a_store_that_spent_no_more_on_more_edges_has_no_price() -> None:
    followed = fed(1, 8)
    followed.fed = [structs.replace(one, store_cpu_s=0.2) for one in followed.fed]

    text = planned.rendered(front(), SERVER, [run()], edge(), followed)

    assert "by what each adds at 1,000 | not measured, or less than noise |" in text


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


def test_a_store_has_the_same_headroom_as_everything_else() -> None:
    each, flip = visit(run()), Change(60e6, cpu_s=0.0)

    assert plan(1_000, each, flip).store_bits_s == pytest.approx(8e6)
    assert capacity.Plan(1, 1, 1, 0, 0.59e9).stores == 1
    assert capacity.Plan(1, 1, 1, 0, 0.61e9).stores == 2
    text = planned.rendered(front(), SERVER, [run()], edge())
    assert "at 60% of 1 Gbit/s, a flip every 60 s; 2 were tried | 225,000 |" in text


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
