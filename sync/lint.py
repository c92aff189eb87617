"""`python -m sync lint`: what each advert lacks or says that it should not (docs/adverts.md)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import msgspec

from sync.advert.judge import Finding, judge
from sync.advert.rules import Nation, book, nation_of, rules_for
from sync.model import Known
from sync.settings import Settings
from sync.wiring import opened_state


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One listing. `publish` is false when no offer of it is advertised."""

    id: str
    nation: Nation
    publish: bool
    reasons: tuple[Finding, ...]
    findings: tuple[Finding, ...]


async def lint(settings: Settings, *, as_json: bool) -> int:
    """Always 0: there is hardly a portfolio without findings."""
    with opened_state(settings) as state:
        known = state.visible()
    lines = lines_of(known, datetime.now(UTC).date())
    if as_json:
        print(msgspec.json.encode({"rules_taken": book().taken, "listings": lines}).decode())
    else:
        print("\n".join(_sentences(lines)))
    return 0


def lines_of(listings: Sequence[Known], today: date) -> list[Line]:
    """By reference."""
    found = []
    for listing in sorted((known.listing for known in listings), key=lambda it: it.id):
        nation = nation_of(listing.outcode)
        verdict = judge(listing, rules_for(nation), today)
        found.append(
            Line(
                id=listing.id,
                nation=nation,
                publish=verdict.publish,
                reasons=verdict.reasons,
                findings=verdict.findings,
            )
        )
    return found


def _sentences(lines: Sequence[Line]) -> list[str]:
    told = [sentence for line in lines for sentence in _of(line)]
    clean = sum(not (line.reasons or line.findings) for line in lines)
    return [*told, f"{len(lines)} listings, {clean} without findings"]


def _of(line: Line) -> list[str]:
    told = []
    for finding in (*line.reasons, *line.findings):
        if finding.kind != "missing":
            refused = "not to let: " if finding.kind == "refusal" else ""
            quote = f": {finding.quote!r}" if finding.quote else ""
            told.append(f"{line.id} {refused}{finding.says}{quote}")
    missing = ", ".join(it.says for it in line.findings if it.kind == "missing")
    return [*told, f"{line.id} lacks {missing}"] if missing else told
