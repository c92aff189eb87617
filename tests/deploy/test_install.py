"""The installer, below a directory of its own: what it lays out, twice, back and away."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import redis

from deploy.install.plan import Options, _wanted, ports
from deploy.install.release import KEPT, Prune, Release, Switch, judge, linked
from deploy.install.steps import File, InstallError, Link, run
from deploy.rolling import host
from edge.settings import Settings as EdgeSettings
from snapshot.environment import read
from sync.settings import Settings as SyncSettings
from tests.conftest import ROOT, eventually, running
from tests.deploy.conftest import installed

HOME = "opt/rentman-edge"


def state_of(root: Path) -> dict[str, str]:
    """Every file's digest, link's target and mode, but for the environment."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if ".venv" in name or name.startswith(("usr/lib/systemd", "usr/bin")):
            continue
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_file():
            body = hashlib.sha256(path.read_bytes()).hexdigest()
            found[name] = f"{path.stat().st_mode:o} {body}"
    return found


def environment(root: Path, name: str) -> dict[str, str]:
    lines = (root / "etc/rentman-edge" / name).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_a_second_time_changes_nothing(laid_out: Path) -> None:
    before = state_of(laid_out)

    again = installed(laid_out, "--host", "other.example")

    assert again.returncode == 0
    assert "0 changes" in again.stdout
    assert state_of(laid_out) == before


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    shown = installed(tmp_path, "--dry-run")

    assert shown.returncode == 0
    assert "would write /etc/rentman-edge/sync.env" in shown.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_release_runs_by_itself(laid_out: Path) -> None:
    """With its own interpreter and libraries, and nothing of this checkout."""
    current = laid_out / HOME / "current"
    for words in (("-m", "edge", "--help"), ("-c", "import sync.media.worker")):
        ran = subprocess.run(
            ["/usr/bin/env", ".venv/bin/python", *words],
            cwd=current.resolve(),
            env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
    caddy = subprocess.run([current / "bin/caddy", "version"], capture_output=True, check=True)
    assert caddy.stdout.startswith(b"v2.")


def test_what_is_shipped_has_no_tests_and_no_demo(laid_out: Path) -> None:
    names = {path.name for path in (laid_out / HOME / "current").iterdir()}

    assert {"edge", "sync", "snapshot", "deploy", "Caddyfile", ".venv"} <= names
    assert not {"tests", "bench", ".git"} & names
    assert not (laid_out / HOME / "current/deploy/demo").exists()


def test_the_settings_that_it_writes_are_accepted(laid_out: Path) -> None:
    sync = read(SyncSettings, "SYNC_", environment(laid_out, "sync.env") | {"SYNC_SOURCE": "xml"})
    edge = read(EdgeSettings, "EDGE_", environment(laid_out, "edge.env"))
    caddy = environment(laid_out, "caddy.env")

    assert sync.redis_url == edge.redis_url
    assert sync.public_url == "https://homes.example"
    assert (sync.media_dir, edge.tree_dir) == (edge.media_dir, Path(caddy["EDGE_TREE_DIR"]))
    assert caddy["CADDY_EDGES"] == "127.0.0.1:8000 127.0.0.1:8001"
    for unit in ("8000", "8001"):
        wanted = laid_out / f"etc/systemd/system/rentman.target.wants/rentman-edge@{unit}.service"
        assert wanted.is_symlink()


def test_the_configuration_of_caddy_is_valid(laid_out: Path) -> None:
    extra = laid_out / "etc/rentman-edge/caddy.d"
    current = laid_out / HOME / "current"
    checked = subprocess.run(
        ["bin/caddy", "validate", "--config", "Caddyfile", "--adapter", "caddyfile"],
        cwd=current,
        env={"PATH": os.environ["PATH"], "HOME": str(laid_out), "CADDY_EXTRA": str(extra)}
        | environment(laid_out, "caddy.env"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr


def test_search_engines_are_told_the_address_that_sync_publishes_under(laid_out: Path) -> None:
    adapted = subprocess.run(
        ["bin/caddy", "adapt", "--config", "Caddyfile", "--adapter", "caddyfile"],
        cwd=laid_out / HOME / "current",
        env={"PATH": os.environ["PATH"], "HOME": str(laid_out)}
        | environment(laid_out, "caddy.env"),
        capture_output=True,
        text=True,
        check=True,
    )

    public = environment(laid_out, "sync.env")["SYNC_PUBLIC_URL"]
    assert f"Sitemap: {public}/sitemap.xml" in adapted.stdout


def test_the_store_takes_its_configuration(laid_out: Path, tmp_path: Path) -> None:
    server = shutil.which("redis-server")
    assert server, "deploy/debian.sh installs one"
    given = (laid_out / "etc/rentman-edge/store.conf").read_text()
    for place in ("/run/rentman-store", "/var/lib/rentman-edge/store"):
        assert place in given
        given = given.replace(place, str(tmp_path))
    config, path = tmp_path / "store.conf", tmp_path / "store.sock"
    config.write_text(given)
    with running([server, str(config), "--supervised", "no"]):
        client = redis.Redis(unix_socket_path=str(path))
        eventually(client.ping)
        found = client.config_get("maxmemory-policy", "appendonly", "port")

    assert found == {"maxmemory-policy": "noeviction", "appendonly": "yes", "port": "0"}


def test_secrets_are_for_root_alone(laid_out: Path) -> None:
    for name, others in (("rentman-token", 0o077), ("sync.env", 0o007), ("edge.env", 0o007)):
        assert not (laid_out / "etc/rentman-edge" / name).stat().st_mode & others, name


def test_what_the_operator_wrote_stays(tmp_path: Path) -> None:
    kept = File("/etc/x.env", b"new", keep=True)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/x.env").write_bytes(b"theirs")

    assert kept.done(tmp_path)
    assert not File("/etc/x.env", b"new").done(tmp_path)


def test_a_link_is_replaced_in_one_step(tmp_path: Path) -> None:
    for target in ("one", "two"):
        step = Link("/opt/x", target)
        assert not step.done(tmp_path)
        step.do(tmp_path)
        assert step.done(tmp_path)


def test_an_upgrade_enables_what_is_new_and_leaves_what_the_operator_disabled(
    tmp_path: Path,
) -> None:
    options = Options(ROOT, tmp_path)
    first = _wanted(options)
    units = tmp_path / "usr/local/lib/systemd/system"
    units.mkdir(parents=True)
    (units / "rentman-sync.service").touch()
    releases(tmp_path, "1")

    assert "rentman-sync.service" in _wanted(options) == first  # an installation that broke off
    Switch("1").do(tmp_path)
    again = _wanted(options)

    assert set(first) - set(again) == {"rentman-sync.service"}
    assert set(ports(2)) < set(again)


def releases(root: Path, *names: str) -> None:
    for age, name in enumerate(reversed(names)):
        place = root / HOME / "releases" / name
        place.mkdir(parents=True)
        os.utime(place, (1_700_000_000 - age, 1_700_000_000 - age))


def test_going_back_returns_to_the_release_before_and_forth_again(tmp_path: Path) -> None:
    releases(tmp_path, "1", "2")
    for name in ("1", "2", "1"):
        Switch(name).do(tmp_path)

    assert (linked(tmp_path, "current"), linked(tmp_path, "previous")) == ("1", "2")


def test_a_release_that_did_not_come_up_is_none_to_go_back_to(tmp_path: Path) -> None:
    releases(tmp_path, "1", "2", "3")
    for name in ("1", "2"):
        Switch(name).do(tmp_path)
    judge(tmp_path, came_up=False)

    Switch("3").do(tmp_path)
    assert linked(tmp_path, "previous") == "1"
    judge(tmp_path, came_up=True)
    Switch("2").do(tmp_path)
    assert linked(tmp_path, "previous") == "3"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", "127.0.0.1"),
        ("EDGE_HOST=0.0.0.0", "127.0.0.1"),
        ('EDGE_HOST="10.0.0.2"', "10.0.0.2"),
        ("EDGE_HOST=fd00::2", "[fd00::2]"),
        ("EDGE_HOST=::", "[::1]"),
    ],
)
def test_an_edge_is_asked_where_it_listens(tmp_path: Path, line: str, found: str) -> None:
    file = tmp_path / "edge.env"
    file.write_text(f"# a remark\n{line}\n")

    assert host(file) == found
    assert host(tmp_path / "none") == "127.0.0.1"


def test_a_release_from_which_something_runs_is_kept(tmp_path: Path) -> None:
    releases(tmp_path, "1", "2", "3", "4", "5")
    for name in ("4", "5"):
        Switch(name).do(tmp_path)
    with subprocess.Popen(["sleep", "60"], cwd=tmp_path / HOME / "releases/1") as edge:
        try:
            Prune().do(tmp_path)
        finally:
            edge.kill()

    assert (tmp_path / HOME / "releases/1").is_dir()
    assert not (tmp_path / HOME / "releases/2").exists()


def test_old_releases_go_but_not_the_one_to_go_back_to(tmp_path: Path) -> None:
    releases(tmp_path, "1", "2", "3", "4", "5")
    for name in ("1", "5"):
        Switch(name).do(tmp_path)

    Prune().do(tmp_path)

    left = {path.name for path in (tmp_path / HOME / "releases").iterdir()}
    assert left == {"1", "4", "5"}
    assert len(left) == KEPT
    assert Prune().done(tmp_path)


def test_another_content_is_another_release(tmp_path: Path) -> None:
    names: list[str] = []
    for body in ("a", "b", "a"):
        source = tmp_path / str(len(names))
        (source / "edge").mkdir(parents=True)
        (source / "edge" / "x.py").write_text(body)
        for name in ("Caddyfile", "LICENSE", "README.md", "uv.lock"):
            (source / name).touch()
        (source / "pyproject.toml").write_text('version = "7.8.9"\n')
        names.append(Release(source).name)

    assert names[0].startswith("7.8.9-")
    assert names[0] == names[2] != names[1]


def test_a_command_that_fails_says_what_it_said() -> None:
    with pytest.raises(InstallError, match="no such thing"):
        run(("sh", "-c", "echo no such thing >&2; exit 3"), {})


def test_uninstalling_leaves_settings_and_data_and_purging_does_not(tmp_path: Path) -> None:
    for name in ("etc/rentman-edge/sync.env", "var/lib/rentman-edge/sync/sync.db"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    for name in (f"{HOME}/bin/store", "usr/local/bin/rentman-edge"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    unit = tmp_path / "usr/local/lib/systemd/system/rentman-sync.service"
    unit.parent.mkdir(parents=True)
    shutil.copy(ROOT / "deploy/systemd/rentman-sync.service", unit)

    assert installed(tmp_path, "--uninstall").returncode == 0
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"etc/rentman-edge/sync.env", "var/lib/rentman-edge/sync/sync.db"}

    assert installed(tmp_path, "--uninstall", "--purge").returncode == 0
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
