"""Exit codes, and how a command shows its result: JSON, a table on a terminal, plain lines."""

import sys
import time
from collections.abc import Iterable, Sequence

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

OK, FAILED, USAGE, HELD, UPSTREAM_FAILED = 0, 1, 2, 3, 4
INTERRUPTED = 130
OPERATOR = "command line"  # who acted, in the audit


def show_json(document: object) -> None:
    print(msgspec.json.encode(document).decode())


def on_terminal() -> bool:
    return sys.stdout.isatty()


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
    """`title` above it. Strings are text, not markup: they hold what others wrote."""
    table = Table(*columns, title=Text(title), title_justify="left", header_style="bold")
    for row in rows:
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    Console().print(table)


def moment(at: float) -> str:
    """UTC, to the second."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at)) if at else "never"
