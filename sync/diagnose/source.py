"""Looks at Rentman: the token, one page of the list, one file, its clock. At most six calls."""

from collections.abc import Mapping, Sequence

from sync.diagnose.finding import Finding, clock, fail, ok, warn
from sync.errors import UpstreamError, UpstreamRejectedError
from sync.media.base64text import decode
from sync.media.errors import MediaRejectedError
from sync.media.sniff import sniff
from sync.media.studio import MAX_BYTES
from sync.model import Listing
from sync.rentman.client import Rentman
from sync.rentman.normalise import take

LATER = "Wait and look again: what is published stays. If it lasts, ask Rentman's support."
ADVICE = {
    "token": "Set SYNC_RENTMAN_TOKEN to the token exactly as issued, percent signs and all; "
    "if it is, ask Rentman's support whether it was revoked.",
    "status": "Check SYNC_RENTMAN_URL: there is no such service at this address.",
    "not_an_array": "Rentman answered with a page instead of data: a wrong token or a fault there. "
    "Check SYNC_RENTMAN_TOKEN and SYNC_RENTMAN_URL, then ask Rentman's support.",
}
UNREACHABLE = (
    "Check SYNC_RENTMAN_URL, DNS and the firewall for outgoing HTTPS; else wait: it may be down."
)


async def look(source: Rentman, page_size: int) -> list[Finding]:
    """In order; what cannot be asked after a failure is left out."""
    found: list[Finding] = []
    try:
        found.append(ok("token", f"accepted: {await source.form()}"))
        rows = await source.page(1, page_size)
    except UpstreamError as error:
        found.append(_trouble("list" if found else "token", error))
        return [*found, *_clock(source)]
    intake = take(rows)
    found.append(_list(len(rows), len(intake.quarantine)))
    return [*found, await _media(source, intake.listings), *_clock(source)]


def _list(rows: int, quarantined: int) -> Finding:
    detail = f"page 1 has {rows} rows, {quarantined} of them unusable"
    if not rows:
        return warn("list", "page 1 is empty", "Is anything advertised? Else the token's scope.")
    if quarantined:
        advice = "The log and `once --json` name each row and its reason: mend them in Rentman."
        return warn("list", detail, advice)
    return ok("list", detail)


async def _media(source: Rentman, listings: Sequence[Listing]) -> Finding:
    names = [name for item in listings for name in item.media if name.kind == "photo"]
    if not names:
        return warn(
            "media", "no row of page 1 names a photo", "Nothing, if that is so in Rentman."
        )
    name = names[0].filename
    try:
        record = await source.media(name)
    except UpstreamError as error:
        return _trouble("media", error)
    return _file(name, record)


def _file(name: str, record: Mapping[str, object] | None) -> Finding:
    if record is None:
        return warn("media", f"{name}: named, but not there", "It is asked for again every hour.")
    values = {key.lower(): value for key, value in record.items()}
    try:
        data = decode(values.get("base64data"), max_bytes=MAX_BYTES)
        kind = sniff(data)
    except MediaRejectedError as error:
        return warn("media", f"{name}: {error.reason}", LATER)
    return ok("media", f"{name}: {len(data)} bytes of {kind}")


def _clock(source: Rentman) -> list[Finding]:
    """Nothing when it has not answered, or says no time."""
    ahead_s = source.clock_ahead_s
    return [] if ahead_s is None else [clock("clock: Rentman", ahead_s, "Rentman")]


def _trouble(name: str, error: UpstreamError) -> Finding:
    if isinstance(error, UpstreamRejectedError):
        return fail(name, str(error), ADVICE.get(error.code, LATER))
    return fail(name, str(error), UNREACHABLE)
