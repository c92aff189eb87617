"""Files of pictures, brochures and videos straight from the media directory, for when Caddy is not in front.

Names are content addressed, so an answer is true for ever; anything else under the prefix is
unknown, and no byte of the request reaches the file system unmatched.
"""

import re
from pathlib import Path

from edge import ranges
from edge.message import Reply, Request, problem
from edge.negotiate import not_modified

PREFIX = "/api/framer/images/"
NAME = re.compile(r"([0-9a-f]{32})/([0-9]{2,5}\.(avif|webp|jpg)|document\.pdf|video\.mp4)")
TYPES = {
    ".avif": "image/avif",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".pdf": "application/pdf",
    ".mp4": "video/mp4",
}


def read(media_dir: Path, request: Request) -> Reply:
    return _read(media_dir, request)._replace(route="picture")


def _read(media_dir: Path, request: Request) -> Reply:
    name = NAME.fullmatch(request.path.removeprefix(PREFIX))
    if name is None:
        return problem(404, "not-found", "No picture has this address.")
    file = media_dir / name[1] / name[2]
    headers = {
        "content-type": TYPES[file.suffix],
        "cache-control": "public, max-age=31536000, immutable",
        "etag": f'"{name[1]}-{name[2]}"',
        "accept-ranges": "bytes",
        "access-control-allow-origin": "*",
        "x-content-type-options": "nosniff",
    }
    if not file.is_file():
        return problem(404, "not-found", "No picture has this address.")
    if not_modified(request.header("if-none-match"), None, headers["etag"], 0):
        return Reply(304, {k: v for k, v in headers.items() if k != "content-type"}, b"")
    try:
        return _sent(file, request, headers)
    except OSError:
        return problem(404, "not-found", "No picture has this address.")


def _sent(file: Path, request: Request, headers: dict[str, str]) -> Reply:
    with file.open("rb") as opened:
        size = opened.seek(0, 2)
        part = ranges.asked(request, size, headers["etag"])
        if part is not None and not part:
            detail = f"The file has {size} bytes."
            where = f"bytes */{size}"
            return problem(416, "range-not-satisfiable", detail, content_range=where)
        opened.seek(part.start if part else 0)
        body = opened.read(len(part) if part else size)
    if part is None:
        return Reply(200, headers, body)
    return Reply(206, headers | {"content-range": f"bytes {part.start}-{part[-1]}/{size}"}, body)
