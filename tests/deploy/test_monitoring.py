"""Rules and panels, held against the metrics of a running daemon and a running edge."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

import httpx
import promql_parser as promql
import pytest
import redis
import yaml
from prometheus_client.parser import text_string_to_metric_families as parse

from tests.conftest import ROOT, Upstream, eventually, free_port, running_upstream
from tests.edge.conftest import running_edge
from tests.sync.conftest import installed

PLACE = ROOT / "deploy" / "monitoring"
RULES = [
    rule
    for group in yaml.safe_load((PLACE / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
PANELS = json.loads((PLACE / "dashboard.json").read_text())["panels"]
SCRAPE = yaml.safe_load((PLACE / "prometheus.yml").read_text())
OURS = {"job", "instance"}  # labels that Prometheus itself adds
UNSEEN = {
    "rentman_edge_sync_faults_total",
    "rentman_edge_sync_unknown_values",
}  # until one happens
RARE = {("outcome", "token"), ("status", "503")}  # values that trouble brings

Samples = dict[str, dict[str, set[str]]]  # sample to label to the values seen


def expressions() -> Iterator[tuple[str, str]]:
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for panel in PANELS:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


def selectors(node: object) -> Iterator[promql.VectorSelector]:
    """Those of an expression, wherever they are in it."""
    if isinstance(node, promql.VectorSelector):
        yield node
        return
    for name in ("lhs", "rhs", "expr", "param", "vector_selector"):
        if (below := getattr(node, name, None)) is not None:
            yield from selectors(below)
    for argument in getattr(node, "args", None) or ():
        yield from selectors(argument)


@pytest.fixture(scope="module")
def few_homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    with running_upstream(tmp_path_factory.mktemp("few"), "--listings", "8") as upstream:
        upstream.fault("F13")
        yield upstream


@pytest.fixture(scope="module")
def exposed(
    tmp_path_factory: pytest.TempPathFactory, few_homes: Upstream, valkey_url: str
) -> Samples:
    """What both programs say after a pass, by sample name."""
    directory = tmp_path_factory.mktemp("measured")
    redis.Redis.from_url(valkey_url).flushall()
    port = free_port()
    installation = installed(directory, few_homes, valkey_url)
    installation.environ["SYNC_METRICS_PORT"] = str(port)
    with installation.daemon(), running_edge(directory, valkey_url) as edge:
        eventually(edge.generation)
        edge.http.get("/api/framer/properties")
        found: Samples = defaultdict(lambda: defaultdict(set))
        for url in (f"http://127.0.0.1:{port}", edge.url):
            text = httpx.get(f"{url}/metrics").raise_for_status().text
            for family in parse(text):
                for sample in family.samples:
                    found[sample.name][""].add("")
                    for label, value in sample.labels.items():
                        found[sample.name][label].add(value)
        return found


def faults(
    selector: promql.VectorSelector, exposed: Mapping[str, Mapping[str, set[str]]]
) -> list[str]:
    name = str(selector.name)
    if name == "up":
        jobs = {job["job_name"] for job in SCRAPE["scrape_configs"]}
        return [m.value for m in selector.matchers.matchers if m.value not in jobs]
    if name not in exposed and name not in UNSEEN:
        return [f"there is no {name}"]
    return [
        f"{name} has no {matcher.name}={matcher.value}"
        for matcher in selector.matchers.matchers
        if matcher.name not in OURS
        and (matcher.name, matcher.value) not in RARE
        and matcher.value not in exposed.get(name, {}).get(matcher.name, set())
    ]


def test_every_query_is_promql_and_asks_for_what_there_is(exposed: Samples) -> None:
    for title, expression in expressions():
        found = list(selectors(promql.parse(expression)))
        assert found, title
        for selector in found:
            assert faults(selector, exposed) == [], title


def test_every_label_of_a_sum_is_one_that_the_metric_has(exposed: Samples) -> None:
    for title, expression in expressions():
        for labels in re.findall(r"\bby \(([^)]*)\)", expression):
            wanted = set(labels.replace(" ", "").split(",")) - OURS
            for selector in selectors(promql.parse(expression)):
                if selector.name not in UNSEEN:
                    assert wanted <= set(exposed[str(selector.name)]), title


def test_a_query_of_something_else_would_be_noticed(exposed: Samples) -> None:
    for wrong in (
        "rentman_edge_replies",
        'rentman_edge_replies_total{route="pages"}',
        'up{job="x"}',
    ):
        (selector,) = selectors(promql.parse(wrong))
        assert faults(selector, exposed), wrong


def test_every_alert_leads_to_its_page() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}
    for rule in RULES:
        document, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert (ROOT / document).exists()
        assert anchor in anchors, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket", "note")


def test_what_is_scraped_is_what_the_installer_sets_up() -> None:
    jobs = {
        job["job_name"]: job["static_configs"][0]["targets"] for job in SCRAPE["scrape_configs"]
    }
    sync = (ROOT / "deploy" / "etc" / "sync.env").read_text()

    assert jobs["rentman-edge"] == ["127.0.0.1:8000", "127.0.0.1:8001"]
    assert jobs["rentman-sync"] == [f"127.0.0.1:{re.findall(r'METRICS_PORT=(.*)', sync)[0]}"]


def test_every_panel_has_a_place_of_its_own() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
