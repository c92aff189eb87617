"""What a hostile client sends: malformed requests, headers that no key holds, ways out of the tree."""

import random
from collections.abc import Iterator
from itertools import product

CHUNKED = "transfer-encoding: chunked\r\n"
TARGETS = ("/api/revision", "/api/properties?per_page=100", "/api/framer/featured", "/nowhere")
GOOD = "GET {target} HTTP/1.1\r\nhost: {host}\r\n"

# After a request line and a Host: what is wrong with the rest.
BODIES = [
    f"{CHUNKED}\r\nzz\r\nnot a length\r\n0\r\n\r\n",
    f"{CHUNKED}\r\nfffffffffffffffff\r\nx\r\n0\r\n\r\n",
    f"{CHUNKED}\r\n-1\r\nx\r\n0\r\n\r\n",
    f"{CHUNKED}\r\n5\r\nab\r\n0\r\n\r\n",
    f"{CHUNKED}\r\n5\r\nabcdeXX0\r\n\r\n",
    f"{CHUNKED}\r\n5;\r\nabcde\r\n0\r\n\r\n",
    f"{CHUNKED}\r\n5;a=\x00\r\nabcde\r\n0\r\n\r\n",
    f"{CHUNKED}\r\n5;a\nabcde\r\n0\r\n\r\n",
    f"{CHUNKED}\r\n0x5\r\nabcde\r\n0\r\n\r\n",
    f"{CHUNKED}\r\n+5\r\nabcde\r\n0\r\n\r\n",
    f"{CHUNKED}\r\n 5\r\nabcde\r\n0\r\n\r\n",
    f"{CHUNKED}\r\n5\nabcde\n0\n\n",
    f"{CHUNKED}\r\n\r\n\r\n",
    f"{CHUNKED}\r\n0\r\nx\r\n\r\n",
    f"{CHUNKED}\r\n0\r\ncontent-length: 5\r\n\r\n",
    f"{CHUNKED}content-length: 3\r\n\r\nzz\r\n\r\n",
    f"content-length: 6\r\n{CHUNKED}\r\n0\r\n\r\nX",
    f"{CHUNKED}{CHUNKED}\r\nzz\r\n",
    "transfer-encoding: chunked, identity\r\n\r\nzz\r\n",
    "transfer-encoding: identity, chunked\r\n\r\nzz\r\n",
    "transfer-encoding: xchunked\r\n\r\nzz\r\n",
    "transfer-encoding: gzip, chunked\r\n\r\nzz\r\n",
    "transfer-encoding:\x0bchunked\r\n\r\nzz\r\n",
    "transfer-encoding : chunked\r\n\r\nzz\r\n",
    "transfer-encoding\t: chunked\r\n\r\nzz\r\n",
    "Transfer-Encoding: chunKED\r\n\r\nzz\r\n",
    'transfer-encoding: "chunked"\r\n\r\nzz\r\n',
    "transfer-encoding: chunked\x00\r\n\r\nzz\r\n",
    "transfer-encoding:\r\n chunked\r\n\r\nzz\r\n",
    "x: y\r\n transfer-encoding: chunked\r\n\r\nzz\r\n",
    "content-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
    "content-length: 3\r\ncontent-length: 3\r\n\r\nabc",
    "content-length: 3, 4\r\n\r\nabcd",
    "content-length: -1\r\n\r\n",
    "content-length: +3\r\n\r\nabc",
    "content-length: 0x3\r\n\r\nabc",
    "content-length: 3 \r\n\r\nab",
    "content-length: \r\n\r\n",
    "content-length: 99999999999999999999\r\n\r\n",
    "content-length : 3\r\n\r\nabc",
    "content-length: 70\r\n\r\nGET /poisoned HTTP/1.1\r\nhost: x\r\n\r\n",
    "host: other\r\n\r\n",
    "host : other\r\n\r\n",
    "x: a\r\n b\r\n\r\n",
    "x\r\n\r\n",
    ": x\r\n\r\n",
    "x y: z\r\n\r\n",
    "x: \x00\r\n\r\n",
    "x: a\rb\r\n\r\n",
    "x: a\nb: c\n\n",
    "\x00x: y\r\n\r\n",
    "x: \x7f\x01\r\n\r\n",
    "expect: 100-continue\r\ncontent-length: 5\r\n\r\n",
    "expect: nothing\r\n\r\n",
    "connection: upgrade\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n\r\n",
    "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x\r\n\r\n",
    "connection: close, host\r\n\r\n",
    "connection: content-length\r\ncontent-length: 3\r\n\r\nabc",
    "range: bytes=0-0,1-1,2-2,3-3,4-4,5-5\r\n\r\n",
    "range: bytes=99999999999999999999-\r\n\r\n",
    "if-none-match: " + '"' * 4000 + "\r\n\r\n",
    "accept-encoding: " + "gzip;q=0." * 500 + "\r\n\r\n",
    "cookie: " + "a=b; " * 1500 + "\r\n\r\n",
    "x: " + "y" * 40_000 + "\r\n\r\n",
    "".join(f"x{n}: y\r\n" for n in range(500)) + "\r\n",
]
# Whole requests whose first line is wrong.
LINES = [
    "GET / HTTP/1.1\r\n\r\n",
    "GET http://other/api/revision HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "GET http://{host}/api/revision HTTP/1.1\r\nhost: other\r\n\r\n",
    "GET //other/api/revision HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "GET api/revision HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "GET * HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "CONNECT other:443 HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "TRACE /api/revision HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "GET /api/revision\r\n\r\n",
    "GET /api/revision HTTP/0.9\r\n\r\n",
    "GET /api/revision HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    "GET /api/revision HTTP/2.0\r\nhost: {host}\r\n\r\n",
    "GET /api/revision HTTP/1.1 x\r\nhost: {host}\r\n\r\n",
    "GET  /api/revision HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "GET\t/api/revision\tHTTP/1.1\r\nhost: {host}\r\n\r\n",
    " GET /api/revision HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "\r\n\r\nGET /api/revision HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "GET /api/revision HTTP/1.1\nhost: {host}\n\n",
    "GET /api/\x00revision HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "GET /api/revision\x01 HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "GET /api/%00 HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "GET /api/%zz HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "GET /" + "a" * 60_000 + " HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "G\x00T / HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "GET" * 200 + " / HTTP/1.1\r\nhost: {host}\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "\x00" * 64,
    "\r\n" * 64,
    "SSH-2.0-x\r\n",
    "GET /api/revision HTTP/1.1\r\nhost: {host}\r\nhost: {host}\r\n\r\n",
    "GET /api/revision HTTP/1.1\r\nhost: a b\r\n\r\n",
    "GET /api/revision HTTP/1.1\r\nhost: \r\n\r\n",
    "GET /api/revision HTTP/1.1\r\nhost: [::1\r\n\r\n",
]


def malformed(host: str) -> Iterator[bytes]:
    """Every body for three targets and by POST, and the lines."""
    for rest, target in product(BODIES, TARGETS[:3]):
        yield (GOOD.format(target=target, host=host) + rest).encode("latin-1")
    for rest in BODIES:
        head = GOOD.format(target="/livez", host=host).replace("GET", "POST", 1)
        yield (head + rest).encode("latin-1")
    for line in LINES:
        yield line.replace("{host}", host).encode("latin-1")


CANARY = "canary.invalid"
UNKEYED = dict.fromkeys(
    [
        "x-forwarded-host",
        "x-forwarded-server",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-path",
        "x-forwarded-scheme",
        "x-forwarded-for",
        "x-forwarded-ssl",
        "x-host",
        "x-original-host",
        "x-original-url",
        "x-rewrite-url",
        "x-http-host-override",
        "x-http-method-override",
        "x-method-override",
        "x-real-ip",
        "x-client-ip",
        "x-originating-ip",
        "x-remote-addr",
        "cf-connecting-ip",
        "true-client-ip",
        "x-wap-profile",
        "x-original-uri",
        "x-proxy-url",
        "x-arr-log-id",
        "x-request-id",
        "origin",
        "referer",
        "user-agent",
        "cookie",
        "authorization",
        "accept-language",
        "via",
        "x-backend",
        "x-cache-key",
        "surrogate-capability",
    ],
    CANARY,
) | {
    "forwarded": f"host={CANARY};proto=https",
    "x-forwarded-proto": "https",
    "range": "bytes=0-3",
    "accept": f"text/html, {CANARY}/*",
    "if-match": f'"{CANARY}"',
    "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT",
    "te": "trailers",
    "x-http-method": "PURGE",
}

SECRET = "etc/passwd"
UPS = [
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..%5c",
    "..\\",
    "%252e%252e%252f",
    "..%252f",
    "%c0%ae%c0%ae%c0%af",
    "%c0%ae%c0%ae/",
    "..%c0%af",
    "....//",
    "..;/",
    ".%2e/",
    "..%00/",
    "%uff0e%uff0e/",
    "..%ef%bc%8f",
    "..%09/",
    "./../",
    "%2e%2e%5c",
]
ROOTS = ("/", "/api/", "/api/framer/images/")


def traversals() -> Iterator[str]:
    for root, up in product(ROOTS, UPS):
        yield root + up * 8 + SECRET
    yield from (
        "/api/framer/images//etc/passwd",
        "/api/framer/images/%2fetc%2fpasswd",
        "/api/framer/images/" + "ab" * 16 + "/../../secret",
        "/api/framer/images/" + "ab" * 16 + "/400.webp/../../../sync.db",
        "/api/CURRENT",
        "/api/../GENERATION",
        "/api/../objects",
        "/api/.lock",
        "/api/framer/featured.json",
        "/api/framer/featured.json.gz",
        "/api/framer/" + "a" * 300,
        "/" + "../" * 200 + SECRET,
        "/file:///etc/passwd",
        "/api//../../etc/passwd",
    )


def queries(dice: random.Random, count: int) -> Iterator[bytes]:
    """One question in all orders, others without end, and parameters that do not exist."""
    same = ["channel=rent", "beds_min=1", "sort=price_asc", "per_page=50"]
    for number in range(count):
        if number % 3 == 0:
            query = "&".join(dice.sample(same, len(same)))
        elif number % 3 == 1:
            query = f"price_min={dice.randrange(10**6)}&page={dice.randrange(1, 3)}"
        else:
            query = f"x{dice.randrange(10**6)}={number}&beds_min=1"
        yield f"/api/properties?{query}".encode()
