"""The only module that calls Rentman: one polite connection, whole lists or nothing.

What the service does is in docs/rentman.md. httpx's errors leave as `UpstreamError`s.
"""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Container, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

import httpx
import msgspec

from snapshot import UNREADABLE
from snapshot.environment import Secret
from sync.errors import UpstreamRejectedError, UpstreamUnavailableError
from sync.rentman.fields import Row
from sync.resilience import Guard

LIST = "/propertyadvertising.php"
MEDIA = "/propertymedia.php"
PAGES_MAX = 500
BODY_MAX = 256 * 1024 * 1024  # bytes; a page of rows or one picture is far below
RETRY_AFTER_MAX_S = 900.0
_JUNK = b"\xef\xbb\xbf \t\r\n"  # a BOM and white space before the first bracket
_ASKED_BACK = frozenset({408, 425, 429})
Rows = list[dict[str, object]]
Reading = Callable[[bytes, str], Rows]  # of a body, with the path for its errors
logging.getLogger("httpx").setLevel("WARNING")  # its request lines carry the token of a query


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """How this service wants its token and options; found by the probe, never logged."""

    name: str
    header: str = ""
    query: str = ""
    options_as_query: bool = False


def token_forms(token: Secret) -> list[Form]:
    """The forms clients were seen to use, headers first: a query token lands in logs."""
    issued = token.reveal().strip()
    plain = unquote(issued)
    forms = [Form(name="header as issued", header=issued)]
    if plain != issued:
        forms.append(Form(name="header decoded", header=plain))
    return [*forms, Form(name="query", query=plain)]


class Rentman:
    """`transport` is a seam for tests; `guard` paces, retries and breaks the circuit."""

    def __init__(
        self,
        url: str,
        token: Secret,
        guard: Guard,
        *,
        timeout_s: float = 60.0,
        contact: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._forms = token_forms(token)
        self._form: Form | None = None
        self._guard = guard
        self._timeout_s = timeout_s
        self._probing = asyncio.Lock()
        agent = f"rentman-edge/1 (+{contact})" if contact else "rentman-edge/1"
        self._http = httpx.AsyncClient(
            base_url=url,
            timeout=timeout_s,
            limits=httpx.Limits(max_connections=1),
            headers={"user-agent": agent, "accept": "application/json"},
            transport=transport,
        )
        self.calls = 0
        self.clock_ahead_s: float | None = (
            None  # the source's clock against ours, by its last answer
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    async def form(self) -> str:
        """The name of the form in which the token is accepted; asks when it is not known yet."""
        return (await self._known_form()).name

    async def listings(self, page_size: int) -> Rows:
        """Every advertised row, or `UpstreamError`: a failed page fails the list (F4)."""
        rows: dict[str, dict[str, object]] = {}
        seen = 0
        for page in range(1, PAGES_MAX + 1):
            found = await self.page(page, page_size)
            before, seen = len(rows), seen + len(found)
            for row in found:
                rows[_reference(row)] = row  # the list may shift between pages: the last one wins
            self._guard.progress.rows = len(rows)
            if len(rows) == before:  # empty, or `page` is not honoured (F5)
                await self._check_end(rows, seen - len(found), page_size, repeated=bool(found))
                self._guard.metrics.duplicates.inc(seen - len(found) - len(rows))
                return list(rows.values())
        raise UpstreamRejectedError("endless", f"more than {PAGES_MAX} pages")

    async def _check_end(
        self, rows: Container[str], seen: int, page_size: int, *, repeated: bool
    ) -> None:
        """A list that ends with a full page may be cut short: ask for the very next row by itself, or
        with all before it where pages repeat, for then `page` may not be honoured."""
        if seen == 0 or seen % page_size:
            return
        page, limit = (1, seen + 1) if repeated else (seen + 1, 1)
        if any(_reference(row) not in rows for row in await self.page(page, limit)):
            raise UpstreamRejectedError("cut_short", f"{LIST}: there are rows beyond the end")

    async def page(self, page: int, limit: int) -> Rows:
        """The rows of one page, each with a reference; none past the last."""
        options = {"limit": str(limit), "page": str(page), "noimage": "1"}
        return await self._get(LIST, options, _page)

    async def media(self, filename: str) -> dict[str, object] | None:
        """The record of one file, its `base64data` as sent; None when the source has none (F13)."""
        found = await self._get(MEDIA, {"filename": filename}, _array)
        return found[0] if found else None

    async def _get(self, path: str, options: Mapping[str, str], read: Reading) -> Rows:
        form = await self._known_form()
        try:
            return await self._ask(path, options, form, read)
        except UpstreamRejectedError as error:
            if error.code == "token":  # revoked, or the service has changed its mind
                self._form = None
            raise

    async def _known_form(self) -> Form:
        async with self._probing:
            self._form = self._form or await self._probe()
            return self._form

    async def _probe(self) -> Form:
        """Which form this service takes; one polite call each."""
        refusal: UpstreamRejectedError | None = None
        options = {"limit": "1", "page": "1", "noimage": "1"}
        for form in self._forms:
            try:
                found = await self._ask(LIST, options, form, _array)
            except UpstreamRejectedError as error:
                refusal = error
                continue
            return msgspec.structs.replace(form, options_as_query=len(found) > 1)
        raise refusal or UpstreamRejectedError("token", "no form of the token was accepted")

    async def _ask(self, path: str, options: Mapping[str, str], form: Form, read: Reading) -> Rows:
        """Read inside the guarded call, so that an answer that breaks the contract is no success."""
        kind = "media" if path == MEDIA else "list"

        async def once() -> Rows:
            body = await self._send(path, options, form)
            self._guard.metrics.bytes.labels(kind).inc(len(body))
            return read(body, path)

        return await self._guard.call(once, kind)

    async def _send(self, path: str, options: Mapping[str, str], form: Form) -> bytes:
        headers = dict(options) | ({"token": form.header} if form.header else {})
        query = dict(options) if form.options_as_query or form.query else {}
        if form.query:
            query["token"] = form.query
        self.calls += 1
        try:
            async with (
                asyncio.timeout(self._timeout_s),  # in all: httpx counts each read for itself
                self._http.stream("GET", path, headers=headers, params=query) as response,
            ):
                self._compare_clocks(response.headers.get("date", ""))
                _judge(response, path)
                return await _body(response, path)
        except (httpx.HTTPError, TimeoutError) as error:  # its text may carry the URL: a token
            raise UpstreamUnavailableError(f"{path}: {type(error).__name__}") from None
        except UnicodeError:
            raise UpstreamRejectedError("token", "it does not fit into a header") from None

    def _compare_clocks(self, text: str) -> None:
        date = _http_date(text)
        self.clock_ahead_s = date - time.time() if date is not None else None


def _judge(response: httpx.Response, path: str) -> None:
    code = response.status_code
    if code in _ASKED_BACK or code >= 500:  # noqa: PLR2004 - the 5xx class
        said = response.headers
        wait = _retry_after(said.get("retry-after", ""), said.get("date", ""))
        raise UpstreamUnavailableError(f"{path}: HTTP {code}", retry_after=wait)
    if code in (401, 403):
        raise UpstreamRejectedError("token", f"{path}: HTTP {code}")
    if code != 200:  # noqa: PLR2004 - nothing else is an answer
        raise UpstreamRejectedError("status", f"{path}: HTTP {code}")


async def _body(response: httpx.Response, path: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > BODY_MAX:
            raise UpstreamRejectedError("too_large", f"{path}: more than {BODY_MAX} bytes")
    return bytes(body)


def _retry_after(text: str, date: str = "") -> float | None:
    """Seconds or an HTTP date (RFC 9110, 10.2.3), bounded; `date`: the source's own clock."""
    if re.fullmatch(r"[0-9]{1,6}", text):
        return min(float(text), RETRY_AFTER_MAX_S)
    until, now = _http_date(text), _http_date(date)
    if until is None:
        return None
    return min(max(until - (time.time() if now is None else now), 0.0), RETRY_AFTER_MAX_S)


def _http_date(text: str) -> float | None:
    """Unix seconds."""
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _array(body: bytes, path: str) -> Rows:
    """An array of objects or nothing."""
    text = body.lstrip(_JUNK)
    if not text.startswith(b"["):
        shown = text[:1].decode("latin-1")  # no more: an error page may quote the token
        raise UpstreamRejectedError("not_an_array", f"{path} began {shown!r}")
    try:
        return msgspec.json.decode(text, type=Rows, strict=True)
    except UNREADABLE as error:
        raise UpstreamRejectedError("not_json", f"{path}: {error}") from error


def _page(body: bytes, path: str) -> Rows:
    rows = _array(body, path)
    if not all(_reference(row) for row in rows):
        raise UpstreamRejectedError("no_reference", f"{path}: a row has no propref")
    return rows


def _reference(row: Mapping[str, object]) -> str:
    return Row(row).reference().lower()
