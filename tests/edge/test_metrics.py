"""What the processes counted, added up, as Prometheus reads it."""

from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from edge import metrics
from edge.board import BOUNDS_US, ROUTES, STATUSES, Board
from tests.conftest import ROOT, eventually, running_valkey
from tests.edge.conftest import Edge, published, running_edge

DETAIL, LIST = "/api/framer/property/42", "/api/framer/properties"


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scraped(edge: Edge) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = edge.http.get("/metrics").raise_for_status()
    assert answer.headers["cache-control"] == "no-store"
    return samples(answer.text)


def replies(route: str, status: int) -> tuple[str, tuple[tuple[str, str], ...]]:
    return "rentman_edge_replies_total", (("route", route), ("status", str(status)))


def test_replies_of_all_processes_are_counted_together_and_outlive_them(tmp_path: Path) -> None:
    with running_valkey(tmp_path) as url:
        published(url)
        with running_edge(tmp_path, url, EDGE_PROCESSES="2") as edge:
            eventually(edge.generation)
            fresh = httpx.Limits(max_keepalive_connections=0)  # so that both processes take some
            with httpx.Client(base_url=edge.url, trust_env=False, limits=fresh) as http:
                for _ in range(40):
                    http.get(DETAIL)
            for _ in range(3):
                edge.http.get(LIST, params={"beds_min": "1"})
            edge.http.get(LIST, params={"beds_min": "many"})
            edge.http.get("/none")
            found = scraped(edge)

            assert found[replies("page", 200)] == 40
            assert found[replies("list", 200)] == 3
            assert found[replies("list", 400)] == 1
            assert found[replies("other", 404)] == 1
            for process in ("0", "1"):
                labels = (("process", process),)
                assert found["rentman_edge_starts_total", labels] == 1
                assert found["rentman_edge_resident_bytes", labels] > 1e7
            served = ("rentman_edge_generation", (("process", "1"),))
            assert eventually(lambda: scraped(edge)[served] == 1)


def test_a_scrape_is_valid_before_anything_is_published(tmp_path: Path) -> None:
    with running_edge(tmp_path, "unix:///nowhere.sock") as edge:
        found = scraped(edge)

        assert found["rentman_edge_generation", (("process", "0"),)] == 0
        assert found["rentman_edge_faults_total", (("process", "0"),)] >= 0


def test_a_successor_goes_on_where_its_predecessor_stopped() -> None:
    board = Board(processes=1, threads=1)
    board.started(0, 7)
    board.tallies(0)()("page", 200, 10, 60_000)
    board.started(0, 8)
    board.tallies(0)()("page", 200, 5, 40_000)

    totals = board.totals()

    assert totals.replies("page")["200"] == 2
    assert totals.bytes("page") == 15
    assert totals.seconds("page") == 1e-4
    assert board.gauges(0) == dict.fromkeys(board.gauges(0), 0) | {"pid": 8, "starts": 2}


def test_durations_fall_into_cumulative_buckets() -> None:
    board = Board(processes=2, threads=2)
    for process in (0, 1):
        tally = board.tallies(process)()
        for bound in BOUNDS_US:
            tally("list", 200, 0, bound * 1000)
    board.tallies(1)()("list", 200, 0, 10**12)

    buckets = board.totals().buckets("list")

    assert [number for _, number in buckets] == [2, 4, 6, 8, 10, 12, 14, 15]
    assert buckets[0][0] == "5e-05"
    assert buckets[-1][0] == "+Inf"


def test_a_status_without_a_column_is_counted_as_other() -> None:
    board = Board(processes=1, threads=1)
    board.tallies(0)()("page", 410, 0, 0)

    assert board.totals().replies("page") == dict.fromkeys(map(str, STATUSES), 0) | {"other": 1}


def test_the_table_in_the_docs_names_each_metric_and_no_other() -> None:
    board = Board(processes=1, threads=1)
    for route in ROUTES:
        board.tallies(0)()(route, 200, 1, 1)
    text = metrics.reply(board).body.decode()
    exposed = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    page = (ROOT / "docs" / "metrics.md").read_text()
    section = page.partition("## edge")[2].partition("\n## ")[0]
    documented = {
        line.split("`")[1] for line in section.splitlines() if line.startswith("| `rentman_edge_")
    }

    assert documented == exposed
