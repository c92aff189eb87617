"""The metrics of a real daemon after a real pass, held against the table in the documentation."""

import contextlib
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families as parse
from structlog.testing import capture_logs

from sync.advert.site import Refused
from sync.journal import Journal
from sync.ledger import outcome
from sync.metrics import PICTURES, Metrics
from sync.model import Medium
from sync.report import Report
from tests.conftest import ROOT, Upstream, eventually, free_port
from tests.sync.conftest import Installation
from tests.sync.samples import picture

PAGE = (ROOT / "docs" / "metrics.md").read_text()
ROW = re.compile(r"^\| `([\w…]+)` \| (\w+) \|([^|]*)\|", re.MULTILINE)
QUIET = {  # nothing failed, nothing was refused: no sample yet
    "rentman_edge_sync_faults_total",
    "rentman_edge_sync_refused_homes",
}
SOURCES = [file for file in (ROOT / "sync").rglob("*.py") if file.name != "metrics.py"]


class Scraped(dict[str, float]):
    """Sample, as Prometheus would write it, to value."""

    def __init__(self, families: list[Metric]) -> None:
        super().__init__()
        for family in families:
            for sample in family.samples:
                labels = ",".join(f"{name}={value}" for name, value in sample.labels.items())
                self[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value


def documented() -> dict[str, tuple[str, set[str]]]:
    """Name to type and labels."""
    table = PAGE.partition("## sync")[2].partition("\n## ")[0]
    return {
        name.replace("…", "rentman_edge_sync_"): (kind, set(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels in ROW.findall(table)
    }


def name_of(family: Metric) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


def scrape(installation: Installation) -> list[Metric]:
    port = installation.environ["SYNC_METRICS_PORT"]
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").raise_for_status().text
    return [family for family in parse(text) if not family.name.endswith("_created")]


def after(installation: Installation, sample: str, value: float) -> Scraped:
    """Once `sample` has reached `value`."""

    def look() -> Scraped | None:
        found = Scraped(scrape(installation))
        return found if found.get(sample, 0) >= value else None

    found = eventually(look)
    assert found is not None
    return found


@pytest.fixture
def measured(installation: Installation) -> Iterator[Installation]:
    """A daemon that serves its metrics."""
    installation.environ |= {"SYNC_METRICS_PORT": str(free_port()), "SYNC_INTERVAL_S": "0.3"}
    with installation.daemon():
        eventually(lambda: scrape(installation))
        yield installation


def test_every_metric_is_in_the_table_with_its_type_and_labels_and_no_other_is(
    measured: Installation,
) -> None:
    after(measured, "rentman_edge_sync_pictures_total{outcome=absent}", 1)
    exposed = {name_of(family): family for family in scrape(measured)}
    table = documented()

    assert sorted(table) == sorted(exposed)
    for name, family in exposed.items():
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert (name, family.type) == (name, table[name][0])
        assert name in QUIET or labels == table[name][1], name
        assert family.samples or name in QUIET, name


def test_every_metric_is_set_by_some_path() -> None:
    fields = {
        name for name, value in vars(Metrics()).items() if isinstance(value, MetricWrapperBase)
    }
    code = "\n".join(source.read_text() for source in SOURCES)

    assert len(fields) > 20
    used = set(re.findall(r"metrics\.(\w+)\b", code))
    assert fields - used - {"circuit"} == set()
    assert "show_circuit" in used  # sets the circuit


def test_homes_that_the_advert_rules_refuse_are_counted_by_code_until_they_are_mended() -> None:
    journal = Journal(Metrics())
    refused = (
        Refused(id="1", code="rent", reason="no rent", sale=False),
        Refused(id="2", code="rent", reason="no rent", sale=True),
    )
    report = Report(outcome="published", taken=True, refused=refused)
    with capture_logs() as lines:
        journal.tell(report, 0.0)
        journal.tell(report, 1.0)

    value = journal.metrics.registry.get_sample_value
    name = "rentman_edge_sync_refused_homes"
    assert value(name, {"code": "rent"}) == 2
    told = [(line["id"], line["sale"]) for line in lines if line["event"] == "home_refused"]
    assert told == [("1", False), ("2", True)]
    journal.tell(Report(outcome="published", taken=True), 2.0)
    assert value(name, {"code": "rent"}) is None


@pytest.mark.parametrize(
    ("medium", "expected"),
    [
        ({"picture": picture()}, "ready"),
        ({"document": "k"}, "document"),
        ({"reason": "absent"}, "absent"),
        ({"reason": "refused"}, "refused"),
        ({"reason": "corrupt"}, "rejected"),
        ({"reason": "crash"}, "failed"),
        ({"reason": "timeout"}, "failed"),
    ],
)
def test_what_became_of_a_file_is_told_by_one_of_the_known_outcomes(
    medium: dict[str, Any], expected: str
) -> None:
    assert outcome(Medium(filename="a.jpg", **medium)) == expected
    assert expected in PICTURES


def test_a_good_pass_is_counted_and_dated(measured: Installation) -> None:
    found = after(measured, "rentman_edge_sync_cycles_total{outcome=published}", 1)

    assert found["rentman_edge_sync_generation"] >= 1
    assert found["rentman_edge_sync_lease_held"] == 1
    assert found["rentman_edge_sync_upstream_calls_total{kind=list,outcome=ok}"] >= 2
    assert found["rentman_edge_sync_upstream_received_bytes_total{kind=list}"] > 1000
    assert found["rentman_edge_sync_cycle_duration_seconds_count"] >= 1
    settled = after(measured, "rentman_edge_sync_last_success_timestamp_seconds", 1)
    assert 0 <= settled["rentman_edge_sync_data_age_seconds"] < 10
    assert settled["rentman_edge_sync_listings{status=available}"] >= 1
    assert settled["rentman_edge_sync_disk_free_bytes{place=media}"] > 0
    assert settled["rentman_edge_sync_database_bytes"] > 0


def test_trouble_shows(measured: Installation, pictureless: Upstream) -> None:
    ref = pictureless.life("price_cut")["propref"]
    pictureless.fault("F19", variant="unknown", propref=ref)
    after(measured, "rentman_edge_sync_quarantined_rows", 1)
    pictureless.fault("F3")
    after(measured, "rentman_edge_sync_list_held", 1)
    pictureless.fault("F23", variant="503", seconds=0)
    pictureless.admin.delete("/admin/faults", params={"mode": "F3"})
    after(measured, "rentman_edge_sync_upstream_retries_total{kind=list}", 2)
    found = after(measured, "rentman_edge_sync_cycles_total{outcome=failed}", 1)

    assert found["rentman_edge_sync_upstream_calls_total{kind=list,outcome=unavailable}"] >= 3


def test_pictures_are_counted_by_what_became_of_them(measured: Installation) -> None:
    found = after(measured, "rentman_edge_sync_pictures_total{outcome=absent}", 10)

    assert found["rentman_edge_sync_upstream_calls_total{kind=media,outcome=ok}"] >= 10


def test_a_port_that_is_taken_is_a_setting_that_cannot_be_used(
    installation: Installation,
) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        done = installation.sync("run", SYNC_METRICS_PORT=str(port))

    assert done.returncode == 2
    assert f"SYNC_METRICS_PORT: 127.0.0.1:{port}" in done.stderr


def test_metrics_are_not_served_unless_asked_for(
    installation: Installation, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with installation.daemon(log) as process:
        eventually(lambda: b'"cycle"' in log.read_bytes())
        table = Path(f"/proc/{process.pid}/net/tcp").read_text().splitlines()[1:]
        sockets = set()
        for link in Path(f"/proc/{process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                sockets.add(os.readlink(link))  # noqa: PTH115 - not a path
    listening = {f"socket:[{line.split()[9]}]" for line in table if line.split()[3] == "0A"}

    assert listening & sockets == set()
