"""Where more of a crowd brings no more answers: of connections, and of visitors."""

from bench import knee
from bench.edgebench import results
from bench.edgebench.results import Result, Round, Step
from bench.front import knees
from bench.knee import Point
from bench.load import knee as visitors
from bench.load.profiles import ALL
from bench.load.records import Run, Told
from bench.load.tally import Second

POINTS = [
    Point(1, 500, 1, 2),
    Point(4, 950, 2, 9),
    Point(16, 1000, 9, 25),
    Point(64, 800, 40, 90),
]


def test_the_least_crowd_that_reaches_nine_tenths_is_the_knee() -> None:
    assert knee.knee(POINTS).crowd == 4
    late = knee.late(POINTS, 20)
    assert late
    assert late.crowd == 16
    assert knee.late(POINTS[:2], 20) is None


def step(connections: int, rate: float, number: int, p99_ms: float) -> Step:
    made = Round(
        server="ours",
        subject="detail, gzip",
        number=number,
        listings=0,
        requests=int(rate),
        seconds=1,
        cpu_s=1,
        p50_ms=1,
        p99_ms=p99_ms,
    )
    return Step(connections=connections, round=made)


def test_a_servers_step_is_the_median_of_its_rounds() -> None:
    """One bad burst bends nothing."""
    rates = {1: (500, 510, 90), 4: (990, 1000, 1010), 16: (1005, 1006, 3000)}
    steps = [
        step(crowd, rate, number, p99_ms=crowd * 2.0)
        for crowd, found in rates.items()
        for number, rate in enumerate(found, start=1)
    ]
    (found,) = knees.found(steps, 20)

    assert (found.connections, found.rate, found.greatest_rate) == (4, 1000, 1006)
    assert (found.late_at, found.late_p99_ms) == (16, 32)
    result = Result(
        made_at="", smoke=False, commit="", machine=results.machine(), method={}, steps=steps
    )
    text = knees.rendered(result, 20)
    assert "the median of 3 rounds, servers in turn" in text
    assert "| ours | 1,006 | 4 | 1,000 | 8.0 | 16, 32 |" in text


def test_bursts_of_an_earlier_result_are_said_to_be_single() -> None:
    steps = [step(1, 500, 1, 3), step(4, 600, 1, 4)]
    result = Result(
        made_at="", smoke=False, commit="", machine=results.machine(), method={}, steps=steps
    )

    assert "one burst each without one to warm up" in knees.rendered(result, 20)
    assert "| ours | 600 | 4 | 600 | 4.0 | – |" in knees.rendered(result, 20)


def ran(seconds: int = 100, client_cpu_s: float = 130.0) -> Run:
    """Rates that rise to 200 visitors; the seconds of arrival are slow."""
    told = [
        Second(
            at=at,
            requests=9 if at % 10 < 2 else min(50 * (at // 10 + 1), 200) * 10,
            errors=0,
            p50_ms=at // 10 + 1,
            p99_ms=1000 if at % 10 < 2 else 30,
        )
        for at in range(seconds)
    ]
    return Run(
        profile="knee",
        about="",
        made_at="",
        commit="",
        listings=60,
        visitors=500,
        visitor_seconds=1,
        seconds=seconds,
        whole_seconds=ALL["knee"].seconds,
        machine=results.machine(),
        told=Told({}, {}, told, {}),
        cpu_s={"caddy": 50.0, "edge": 10.0},
        client_cpu_s=client_cpu_s,
    )


def test_visitors_have_a_knee_and_who_was_full_is_said() -> None:
    text = visitors.rendered(ran())

    assert [one.crowd for one in visitors.points(ran())] == list(range(50, 501, 50))
    assert "**200 visitors**, with 2,000 answers/s, p50 4.0 ms and p99 30.0 ms" in text
    assert "500 have 2,000 and wait 10.0 ms" in text
    assert "| 200 (knee) | 2,000 | 4.0 | 30.0 |" in text
    assert "the client took more than the stack" in text
    assert "the stack took more than the client" in visitors.rendered(ran(client_cpu_s=20))
    assert "was not recorded" in visitors.rendered(ran(client_cpu_s=0))


def test_a_profile_too_short_for_steps_has_no_knee() -> None:
    assert visitors.rendered(ran(seconds=10)) == ""
