"""As a visitor sees it: name, ports, certificate, headers, CORS, cache."""

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from deploy.preflight.target import Target
from sync.diagnose.finding import Finding, fail, ok, warn

TIMEOUT_S = 5.0
FEATURED, HEALTH, NOTHING = "/api/framer/featured", "/api/framer/health", "/api/none"
FRAMER = "https://agency-123.framer.app"  # a page somewhere else, as Framer's are
DAY_S = 86_400
LATE_SHARE, LAST_SHARE = 0.25, 0.1  # of its life; Caddy renews a certificate with a third left
WANTED = {"x-content-type-options": "nosniff", "strict-transport-security": "max-age="}
OF_DOCUMENTS = {  # files are data
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=()",
}


def look(target: Target) -> Iterator[Finding]:
    """In order; what cannot be asked after a failure is left out."""
    yield _name(target)
    yield (door := _port(target, target.port))
    if door.status == "fail":
        return
    if target.secure:
        yield certificate(target)
        yield from _plain(target)
    try:
        with _client(target) as client:
            yield from _answers(target, client)
    except httpx.HTTPError as error:
        yield fail(
            "answers", f"{type(error).__name__}: {error}", "See `journalctl -u rentman-caddy`."
        )


def _client(target: Target) -> httpx.Client:
    """The certificate is judged by itself; a bad one must not hide the rest."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return httpx.Client(base_url=target.url, verify=context, timeout=TIMEOUT_S, trust_env=False)


def _name(target: Target) -> Finding:
    advice = f"Set an A record, and an AAAA record for IPv6, for {target.host} at your DNS host."
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        return fail("dns", f"{target.host}: {error}", advice)
    addresses = sorted({str(entry[4][0]) for entry in found})
    detail = f"{target.host} is {', '.join(addresses)}"
    if target.address and target.address not in addresses:
        return fail("dns", f"{detail}, not {target.address}", advice)
    return ok("dns", detail)


def _port(target: Target, port: int) -> Finding:
    name = f"port {port}"
    try:
        with socket.create_connection((target.host, port), TIMEOUT_S):
            return ok(name, "open")
    except OSError as error:
        advice = "Is rentman-caddy running? Else open the port in the firewall, for TCP and UDP."
        return fail(name, f"{target.host}: {error}", advice)


def _plain(target: Target) -> Iterator[Finding]:
    """Port 80: visitors are sent on, and certificates are renewed through it."""
    if target.port != 443:  # noqa: PLR2004 - elsewhere nobody expects a plain port
        return
    door = _port(target, 80)
    yield door
    if door.status == "fail":
        return
    with contextlib.suppress(httpx.HTTPError):
        answer = httpx.get(f"http://{target.host}/", timeout=TIMEOUT_S, trust_env=False)
        to = answer.headers.get("location", "")
        if answer.is_redirect and to.startswith("https://"):
            yield ok("port 80", f"sends on to {to}")
            return
    yield fail("port 80", "does not send on to https", "Is another web server in the way?")


def certificate(target: Target) -> Finding:
    name, advice = (
        "certificate",
        "See `journalctl -u rentman-caddy`, and docs/operations.md.",
    )
    context = ssl.create_default_context(cafile=target.ca or None)
    try:
        with (
            socket.create_connection((target.host, target.port), TIMEOUT_S) as door,
            context.wrap_socket(door, server_hostname=target.host) as talk,
        ):
            shown, version = talk.getpeercert() or {}, talk.version()
    except ssl.SSLCertVerificationError as error:
        return fail(name, error.verify_message, advice)
    except OSError as error:
        return fail(name, str(error), advice)
    start, end = (ssl.cert_time_to_seconds(str(shown[key])) for key in ("notBefore", "notAfter"))
    return lasting(start, end, time.time(), str(version))


def lasting(start: float, end: float, now: float, version: str) -> Finding:
    """By the share of its life that is left, for lives are of days or of months."""
    name, advice = "certificate", "See `journalctl -u rentman-caddy`: why was it not renewed?"
    share = (end - now) / (end - start)
    detail = f"{version}, good for {(end - now) / DAY_S:.1f} days, {share:.0%} of its life"
    if share < LAST_SHARE:
        return fail(name, detail, advice)
    return warn(name, detail, advice) if share < LATE_SHARE else ok(name, detail)


def _answers(target: Target, client: httpx.Client) -> Iterator[Finding]:
    page = client.get(FEATURED, headers={"accept-encoding": "br, gzip"})
    nothing = client.get(NOTHING)
    yield _status(page, nothing, client)
    yield _headers(target, page, nothing)
    yield _cors(client, page, nothing)
    yield _cache(page)
    yield _revalidation(client, page)
    yield _private(client)
    yield _robots(target, client)
    yield from _homes(client)
    if target.secure:
        yield _http3(page)


def _status(page: httpx.Response, nothing: httpx.Response, client: httpx.Client) -> Finding:
    written = client.post(FEATURED, content=b"x")
    found = (page.status_code, nothing.status_code, written.status_code)
    detail = f"{found[0]} for a page, {found[1]} for none, {found[2]} for a POST"
    if found == (200, 404, 405):
        return ok("answers", detail)
    return fail("answers", detail, "200, 404 and 405 are right: see `rentman-edge sync status`.")


def _headers(target: Target, *answers: httpx.Response) -> Finding:
    lacking = [
        f"{name} on {answer.status_code}"
        for answer in answers
        for name, value in _wanted(answer).items()
        if value not in answer.headers.get(name, "")
        and (target.secure or name != "strict-transport-security")
    ]
    shown = [
        f"{name} is shown" for a in answers for name in ("server", "via") if name in a.headers
    ]
    if lacking or shown:
        detail = ", ".join([f"lacks {', '.join(lacking)}"] * bool(lacking) + shown)
        return fail("headers", detail, "Is the Caddyfile the one of this release? Reload Caddy.")
    return ok("headers", "on pages and on errors")


def _wanted(answer: httpx.Response) -> dict[str, str]:
    data = answer.headers.get("cache-status", "").startswith("tree")
    return WANTED if data else WANTED | OF_DOCUMENTS


def _cors(client: httpx.Client, *answers: httpx.Response) -> Finding:
    asked = {"origin": FRAMER}
    preflight = client.options(FEATURED, headers=asked | {"access-control-request-method": "GET"})
    seen = [*answers, preflight, *(client.get(answer.url, headers=asked) for answer in answers)]
    faults = [
        f"{answer.request.method} {answer.status_code}: {answer.headers.get('access-control-allow-origin')}"
        for answer in seen
        if answer.headers.get("access-control-allow-origin") != "*"
        or "access-control-allow-credentials" in answer.headers
        or "origin" in answer.headers.get("vary", "").lower()
    ]
    if faults:
        advice = "Framer's pages need `Access-Control-Allow-Origin: *` on every answer."
        return fail("cors", "; ".join(faults), advice)
    return ok("cors", "a Framer page may read pages and errors")


def _cache(page: httpx.Response) -> Finding:
    status = page.headers.get("cache-status", "")
    detail = f"{status or 'no Cache-Status'}, {page.headers.get('content-encoding', 'not packed')}"
    if "max-age=" not in page.headers.get("cache-control", ""):
        return fail("cache", f"{detail}, no max-age", "The edge sets it: is this its answer?")
    if not status.startswith("tree"):
        advice = "Caddy cannot read the tree: group `rentman`, EDGE_TREE_DIR, its `live`."
        return warn("cache", detail, advice)
    return ok("cache", detail)


def _revalidation(client: httpx.Client, page: httpx.Response) -> Finding:
    tag = page.headers.get("etag", "")
    again = client.get(FEATURED, headers={"if-none-match": tag, "accept-encoding": "br, gzip"})
    if tag and again.status_code == httpx.codes.NOT_MODIFIED:
        return ok("revalidation", "304 for what a visitor has")
    return fail("revalidation", f"{again.status_code} for {tag or 'no tag'}", "Expected 304.")


def _private(client: httpx.Client) -> Finding:
    """What only this machine may see."""
    open_ones = [path for path in ("/metrics", "/config/") if client.get(path).is_success]
    if open_ones:
        return fail("private", f"{', '.join(open_ones)} is public", "Only Caddy faces the world.")
    return ok("private", "metrics and Caddy's own interface are not public")


def _robots(target: Target, client: httpx.Client) -> Finding:
    """Search engines follow the sitemap's address, whatever it names."""
    lines = client.get("/robots.txt").text.splitlines()
    named = next((line.split()[-1] for line in lines if line.lower().startswith("sitemap:")), "")
    if urlsplit(named).hostname == target.host:
        return ok("robots", f"the sitemap is {named}")
    advice = "SYNC_PUBLIC_URL in caddy.env; then `systemctl restart rentman-caddy`."
    return fail("robots", f"robots.txt names {named or 'no sitemap'}", advice)


def _homes(client: httpx.Client) -> Iterator[Finding]:
    """Sitemap, feeds and cards link to the website's page of each home; nothing, when there is no home."""
    found = client.get("/api/properties", params={"per_page": 1})
    try:
        address = str(found.raise_for_status().json()["items"][0]["url"])
    except (httpx.HTTPStatusError, ValueError, LookupError, TypeError):
        return  # `answers` says what is amiss
    try:
        status = client.get(address, follow_redirects=True).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        yield warn("pages of homes", f"{address}: {error}", "Is SYNC_SITE_URL in sync.env right?")
        return
    if status == httpx.codes.OK:
        yield ok("pages of homes", address)
    else:
        advice = "SYNC_SITE_URL in sync.env: the address of the website that shows the homes."
        yield warn("pages of homes", f"{status} for {address}", advice)


def _http3(page: httpx.Response) -> Finding:
    offered = page.headers.get("alt-svc", "")
    if "h3=" in offered:
        return ok("http/3", offered)
    return warn("http/3", "not offered", "Visitors use HTTP/2: `protocols` in the Caddyfile.")
