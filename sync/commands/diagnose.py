"""`diagnose`: every part looked at, each line ok, warn or fail with what to do about it."""

import asyncio
import time

from rich.text import Text

from sync.commands.result import FAILED, OK, on_terminal, show_json, show_table
from sync.diagnose import bucket, machine, source, store, uploads
from sync.diagnose.finding import Finding, failed
from sync.metrics import Metrics
from sync.progress import Progress
from sync.settings import Settings
from sync.wiring import opened_client, opened_store

COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red"}
DAY_S = 86_400  # between two uploads, at the most
STALE_INTERVALS = 4  # lists that may be missed before it is worth a word


async def diagnose(settings: Settings, *, as_json: bool) -> int:
    findings = await findings_of(settings)
    if as_json:
        show_json({"ok": not failed(findings), "findings": findings})
    else:
        _show(findings)
    return FAILED if failed(findings) else OK


async def findings_of(settings: Settings) -> list[Finding]:
    """Rentman first: a fault there is the likeliest. Nothing is tried twice."""
    async with opened_store(settings) as redis:
        return [
            *machine.settings(settings),
            *await _source(settings),
            *await store.look(redis, _freshness(settings)),
            *await asyncio.to_thread(machine.database, settings.database_url),
            *await asyncio.to_thread(machine.database_disk, settings.database_url),
            *await asyncio.to_thread(machine.media, settings.media_dir),
            *await asyncio.to_thread(bucket.look, settings.media_url, settings.media_dir),
        ]


def _freshness(settings: Settings) -> store.Freshness:
    if settings.source == "xml":
        return store.Freshness(
            stale_after_s=DAY_S,
            what="upload",
            advice="Is the upload still scheduled in Rentman, and does it reach SYNC_XML_DIR?",
        )
    return store.Freshness(
        stale_after_s=STALE_INTERVALS * settings.interval_s,
        what="list",
        advice="Is the daemon running? `status` and its log say how the last passes went.",
    )


async def _source(settings: Settings) -> list[Finding]:
    if settings.source == "xml":
        return await asyncio.to_thread(uploads.look, settings.xml_dir, time.time())
    async with opened_client(settings, Metrics(), Progress(), attempts=1) as client:
        return await source.look(client, settings.page_size)


def _show(findings: list[Finding]) -> None:
    if on_terminal():
        rows = [(Text(f.status, COLOURS[f.status]), f.name, f.detail, f.advice) for f in findings]
        show_table("diagnosis", ("", "what", "found", "what to do"), rows)
        return
    for finding in findings:
        line = f"{finding.status:4} {finding.name}: {finding.detail}"
        print(f"{line}\n     {finding.advice}" if finding.advice else line)
