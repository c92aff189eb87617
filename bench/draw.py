"""Plots of what was measured, as SVG: the same figures always give the same file."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from bench import knee as bends
from bench.edgebench.results import Step
from bench.front import knees
from bench.load.records import Run
from bench.load.tally import PAGE
from bench.scale import Curve

SIZE = (7.2, 3.6)  # inches
STYLE: Any = {"svg.hashsalt": "bench", "svg.fonttype": "none", "font.size": 9}
COLOURS = 10  # after which they begin anew
Point = tuple[float, float]


def latency(runs: Sequence[Run], folder: Path) -> Path:
    """Percentiles of pages, a line for each profile."""
    figure, axes = _canvas("Pages through Caddy with TLS", "percentile", "ms")
    names = ("50", "90", "99", "99.9")
    for run in runs:
        found = run.told.timed[PAGE]
        times = (found.p50_ms, found.p90_ms, found.p99_ms, found.p999_ms)
        axes.plot(names, times, marker="o", label=run.profile)
    _logarithmic(axes)
    return _saved(figure, axes, folder / "latency.svg")


def knee(steps: Sequence[Step], folder: Path) -> Path:
    """Throughput against connections, to the knee, which is marked, and beyond. Medians of rounds."""
    figure, axes = _canvas(
        "Throughput with TLS, detail with gzip; squares: knees", "connections", "requests/s"
    )
    for server in knees.servers(steps):
        mine = knees.points(steps, server)
        points = [(float(one.crowd), one.rate) for one in mine]
        (line,) = axes.plot(*_columns(points), marker="o", label=server)
        bend, colour = bends.knee(mine), line.get_color()
        axes.plot(bend.crowd, bend.rate, marker="s", markersize=11, fillstyle="none", color=colour)
    axes.set_xscale("log", base=2)
    crowds = sorted({step.connections for step in steps})
    axes.set_xticks(crowds, [f"{crowd}" for crowd in crowds])
    axes.set_ylim(bottom=0)
    return _saved(figure, axes, folder / "knee.svg")


def timeline(run: Run, folder: Path) -> Path:
    """Second by second, with a line at each new generation, and where something else was done."""
    figure, axes = _canvas(f"{run.profile}: {run.about}", "seconds", "ms")
    seconds = [second for second in run.told.seconds if second.requests]
    for label, times in (
        ("p50", [(float(one.at), one.p50_ms) for one in seconds]),
        ("p99", [(float(one.at), one.p99_ms) for one in seconds]),
    ):
        axes.plot(*_columns(times), label=label)
    flips = [now.at_s for last, now in pairwise(run.seen) if now.generation != last.generation]
    for at in [*flips, *(at for at, what in run.acts if what != "publish")]:
        axes.axvline(at, color="0.8", linewidth=0.5, zorder=0)
    _logarithmic(axes)
    return _saved(figure, axes, folder / f"{run.profile}.svg")


def scale(curves: Sequence[Curve], folder: Path) -> Path:
    """Each curve by its own figure at the fewest listings, beside the line of what grows as these do."""
    figure, axes = _canvas("Growth with the number of listings", "listings", "times the least")
    sizes = sorted({listings for curve in curves for listings, _ in curve.points})
    if sizes:
        line = [(size, size / sizes[0]) for size in sizes]
        axes.plot(*_columns(line), color="0.4", linestyle="--", label="in proportion")
    for number, curve in enumerate(curves):
        (_, first), *_ = curve.points
        points = [(listings, value / first) for listings, value in curve.points]
        marker = "s" if number >= COLOURS else "o"
        axes.plot(*_columns(points), marker=marker, markersize=4, label=curve.name)
    axes.set_xscale("log")
    _logarithmic(axes)
    return _saved(figure, axes, folder / "scale.svg")


def _logarithmic(axes: Axes) -> None:
    """With plain numbers, and with those between the powers where there are few powers."""
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(LogFormatter())
    axes.yaxis.set_minor_formatter(LogFormatter(minor_thresholds=(1.5, 0.5)))


def _columns(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]


def _canvas(title: str, across: str, up: str) -> tuple[Figure, Axes]:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(title, loc="left")
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.grid(visible=True, color="0.9")
        axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _saved(figure: Figure, axes: Axes, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
        figure.savefig(path, metadata={"Date": None, "Creator": None})
    return path
