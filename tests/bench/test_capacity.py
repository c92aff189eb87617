"""The capacity model's arithmetic, without a load."""

from pathlib import Path

import pytest
from msgspec import structs

from bench import capacity, draw
from bench.capacity import Change, Check, Line, plan, visit
from bench.edgebench.processes import BenchError
from tests.bench.made import COSTS, SERVER, edge, fed, front, run, summary


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


def test_other_crowds_are_held_against_what_the_plan_says_of_as_many() -> None:
    """Twice as many, who ask twice as much in all, and cost half as much again instead of twice."""
    twice = run("steady-2000", visitors=20, visitor_seconds=400.0, cpu_s={"caddy": 0.03})

    found = capacity.checks(front(), SERVER, [run(), twice], edge())

    (check,) = (one for one in found if "visitors" in one.what)
    assert check.what == "CPU of steady-2000, 20 visitors in the mean"
    assert (check.model, check.measured) == pytest.approx((2.0, 1.5))
    alone = capacity.checks(front(), SERVER, [twice], edge())
    assert not any("visitors" in one.what for one in alone)


def test_what_one_store_sends_to_many_edges_is_held_against_the_line_of_fewer() -> None:
    followed = fed(1, 2, 8)
    followed.fed[-3:] = [
        structs.replace(one, bytes=one.bytes * 2, store_cpu_s=0.38) for one in followed.fed[-3:]
    ]

    *_, sent, store = capacity.checks(front(), SERVER, [run()], edge(), followed)

    assert sent.what == "Bytes of a flip to 8 edge processes"
    assert (sent.model, sent.measured) == pytest.approx((9_000, 18_000))
    assert store.what == "CPU of the store for a flip to 8 edge processes"
    assert (store.model, store.measured) == pytest.approx((190, 380))
    assert not any(
        "edge processes" in one.what
        for one in capacity.checks(front(), SERVER, [run()], edge(), fed(1, 2))
    )


def test_a_flip_is_sent_to_all_edge_processes_of_a_host() -> None:
    """Twenty kilobytes to the first, and half as much to each more; a hundredth of a second a megabyte."""
    flip = capacity.change(edge(), fed(1, 2, 8))

    assert flip.bytes == pytest.approx(20_000 * (1 + 7 / 2))
    assert flip.store_cpu_s == pytest.approx(flip.bytes / 1e8)
    assert capacity.change(edge()) == Change(8 * 20_000, cpu_s=1, store_cpu_s=0)
    assert plan(1_000, visit(run()), flip).store_cores == pytest.approx(flip.store_cpu_s / 60)


def test_hosts_follow_from_cores_or_from_the_network_whichever_is_more() -> None:
    each = visit(run())
    flip = Change(1e6, cpu_s=0.0)
    few, many = plan(1_000, each, flip), plan(10_000_000, each, flip)

    assert (few.hosts, few.stores) == (1, 1)
    assert many.hosts == -(-many.cores // 8) > many.egress_bits_s / 10e9
    assert few.cores == pytest.approx(1_000 / each.per_core)
    busy = plan(1_000, each, Change(1e6, cpu_s=3.0), idle_cores=0.3)
    assert busy.cores == pytest.approx(few.cores + 0.3 / 0.6 + 8 * 3 / 60 / 0.6)
    assert many.store_bits_s == pytest.approx(many.hosts * 1e6 * 8 / 60)


def test_a_result_of_the_front_without_a_subject_is_refused() -> None:
    found = front()
    found.subjects = [one for one in found.subjects if one.name != "list asked most, gzip"]

    with pytest.raises(BenchError, match=r"without {'list asked most, gzip'}: .*bench.front run"):
        capacity.checks(found, SERVER, [run()], edge())
