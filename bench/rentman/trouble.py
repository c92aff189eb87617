"""Answers that replace the real one: what a caller gets when the service itself is in trouble."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bench.rentman.faults import Active

LOGIN = b"""<!DOCTYPE html>
<html><head><title>Rentman Online - Sign in</title></head>
<body><form method="post"><input name="user"><input name="pass" type="password"></form></body></html>
"""
ERROR_PAGE = (
    b"<html>\n<head><title>Error</title></head>\n<body><h1>Service fault</h1></body></html>\n"
)
NOTICE = (
    b"<br />\n<b>Notice</b>:  Undefined index: photo1binary in "
    b"<b>C:\\inetpub\\propertyadvertising.php</b> on line <b>118</b><br />\n[]"
)
BODIES = {
    "html": ERROR_PAGE,
    "notice": NOTICE,
    "login": LOGIN,
    "null": b"null",
    "object": b'{"error":"database is away"}',
    "string": b'"Invalid request"',
    "number": b"0",
    "empty": b"[]",
}
HTML = {"html", "notice", "login"}
REASONS = {
    "401": "Unauthorized",
    "403": "Forbidden",
    "429": "Too Many Requests",
    "500": "Internal Server Error",
    "502": "Bad Gateway",
    "503": "Service Unavailable",
}
LONG = 3600.0
RETRY_AFTER = 2.0
Honest = Callable[[], Awaitable[Response]]


async def answer(active: Active, request: Request, honest: Honest) -> Response:
    """What this fault makes of the call; `honest` would answer it properly."""
    variant, seconds = active.variant, active.fault.seconds
    if variant in BODIES:
        kind = "text/html" if variant in HTML else "application/json"
        return Response(BODIES[variant], media_type=kind)
    if variant in REASONS:
        return refusal(variant, RETRY_AFTER if seconds is None else seconds)
    if variant == "hang":
        await gone(request, LONG if seconds is None else seconds)
        return refusal("503", RETRY_AFTER)
    if variant == "slow":
        await gone(request, 5.0 if seconds is None else seconds)
        return await honest()
    return _maimed(variant, await honest())


def refusal(status: str, retry_after: float = RETRY_AFTER) -> Response:
    if status == "login":
        return Response(LOGIN, media_type="text/html")
    headers = {"Retry-After": f"{retry_after:g}"} if status in {"429", "503"} else {}
    page = f"<html><head><title>{status} {REASONS[status]}</title></head></html>"
    return Response(page, int(status), headers, "text/html")


async def gone(request: Request, seconds: float) -> None:
    """Wait, but not for a caller who has hung up."""
    try:
        async with asyncio.timeout(seconds):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return


def _maimed(variant: str, honest: Response) -> Response:
    body = bytes(honest.body)
    if variant == "bom":
        return Response(b"\xef\xbb\xbf" + body, media_type="application/json")
    if variant == "truncated":
        return Response(body[: len(body) * 2 // 3], media_type="application/json")
    headers = {"Content-Length": str(len(body) + 1)}
    return StreamingResponse(_broken_off(body), headers=headers, media_type="application/json")


async def _broken_off(body: bytes) -> AsyncIterator[bytes]:
    """Half an answer, then the connection ends short of its stated length."""
    yield body[: len(body) // 2 + 1]
