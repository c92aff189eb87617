"""`rentman-edge preflight`: a line for each thing looked at; exit code 1 when one is red."""

import argparse
import sys
import time
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.preflight import inside, outside
from deploy.preflight.target import CONFIG, VAULT, TargetError, read
from sync.diagnose.finding import Finding, failed

COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    names = ("url", "vault", "clock", "address", "ca")
    try:
        target = read(given.config, **{name: getattr(given, name) for name in names})
    except TargetError as error:
        print(f"preflight: {error}", file=sys.stderr)
        return 2
    findings = [*outside.look(target), *inside.look(target, time.time())]
    if given.json:
        print(msgspec.json.encode({"ok": not failed(findings), "findings": findings}).decode())
    else:
        _show(target.url, findings)
    return 1 if failed(findings) else 0


def _show(url: str, findings: list[Finding]) -> None:
    if not sys.stdout.isatty():
        for finding in findings:
            print(f"{finding.status:4} {finding.name}: {finding.detail}")
            if finding.advice:
                print(f"     {finding.advice}")
        return
    table = Table("", "what", "found", "what to do", title=url)
    for finding in findings:
        status = Text(finding.status, COLOURS[finding.status])
        table.add_row(status, finding.name, finding.detail, finding.advice)
    Console().print(table)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rentman-edge preflight", description=__doc__)
    add = parser.add_argument
    add("--config", type=Path, default=CONFIG, help=f"the settings' directory: {CONFIG}")
    add("--url", default="", help="the site; SITE_ADDRESS unless named")
    add("--address", default="", help="the IP address that DNS should give")
    add("--ca", default="", help="a file with a root certificate of one's own")
    add("--clock", default="", help="a server to compare the clock with; Rentman unless named")
    add("--vault", default="", help=f"the backups: {VAULT}")
    add("--json", action="store_true", help="one line of JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
