"""From the lines that the suite leaves to a kept result, and from that to the table of the document."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.edgebench.processes import BenchError
from bench.reliability.matrix import GROUPS, MATRIX

Line = dict[str, Any]
COLUMNS = {
    "held_s": "held s",
    "requests": "requests",
    "errors": "errors",
    "refused": "refused",
    "worst_ms": "worst ms",
    "max_age_s": "age s",
    "mixed_s": "mixed s",
    "recovery_s": "recovery s",
    "lost": "lost",
}
EXACT = ("held_s", "mixed_s", "recovery_s", "mb_a_minute", "grown_mb")  # the others are whole


def read(lines: Path) -> list[Line]:
    """One for each fault of the matrix, the last if there are several."""
    if not lines.exists():
        raise BenchError("no lines: run the suite first")
    found = {line["fault"]: line for line in map(json.loads, lines.read_text().splitlines())}
    if missing := set(MATRIX) - set(found):
        raise BenchError(f"not tried: {', '.join(sorted(missing))}")
    return [found[key] for key in MATRIX]


def rendered(result: Mapping[str, Any]) -> str:
    machine = result["machine"]
    lines = {line["fault"]: line for line in result["lines"]}
    head = (
        f"{result['made_at']}, commit {result['commit']}; {machine['cores']} shared cores of "
        f"{machine['cpu']}, Linux {machine['kernel']}, Python {machine['python']}. "
        + "; ".join(f"{name} {version}" for name, version in result["versions"].items())
        + "."
    )
    parts = [head]
    for group, faults in GROUPS.items():
        parts.append(_table(group, [(title, lines[key]) for key, title in faults.items()]))
    return "\n\n".join(parts)


def _table(group: str, rows: list[tuple[str, Line]]) -> str:
    found = [
        f"| {group} | {' | '.join(COLUMNS.values())} | besides |",
        f"| --- |{' ---: |' * len(COLUMNS)} --- |",
    ]
    for title, line in rows:
        cells = [_figure(name, line.get(name)) for name in COLUMNS]
        found.append(f"| {title} | {' | '.join(cells)} | {_besides(line)} |")
    return "\n".join(found)


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.1f}" if name in EXACT else f"{round(value):,}"


def _besides(line: Line) -> str:
    more = {name: value for name, value in line.items() if name not in ("fault", *COLUMNS)}
    return ", ".join(f"{name} {_figure(name, value)}" for name, value in more.items())
