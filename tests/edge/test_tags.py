"""One text for a page's tag, by an edge from its content and by Caddy from a file's date."""

import os
import sys
from pathlib import Path

import httpx
from hypothesis import given
from hypothesis import strategies as st

from edge.negotiate import PREFERENCE
from edge.tags import EARLIEST, SPAN, moment, moment_of, tag
from tests.conftest import eventually, free_port, running

TAGS = st.from_regex(r'"[0-9a-f]{20}"', fullmatch=True)


@given(etag=TAGS, coding=st.sampled_from(PREFERENCE), size=st.integers(0, 2**40))
def test_a_tag_says_the_date_that_its_file_needs(etag: str, coding: str, size: int) -> None:
    date = moment(etag, coding)

    assert EARLIEST <= date < EARLIEST + SPAN
    assert moment_of(tag(date, size)) == date
    assert tag(date, size) == f'"{tag(date, size)[1:-1].lower()}"'


def test_every_coding_and_every_content_has_its_own_tag() -> None:
    dates = {moment(f'"{number}"', coding) for number in range(1000) for coding in PREFERENCE}

    assert len(dates) == 1000 * len(PREFERENCE)
    assert tag(1, 0) == '"1-0"'
    assert len({tag(1, size) for size in range(100)}) == 100


def test_caddy_makes_the_same_tag_of_the_file(tmp_path: Path) -> None:
    """Of a disk that keeps nanoseconds. This is Caddy's own code, and may change with its version."""
    page, date = tmp_path / "page.json", moment('"abc"', "identity")
    page.write_bytes(b'{"a":1}')
    os.utime(page, ns=(date, date))
    caddy, port = str(Path(sys.executable).with_name("caddy")), free_port()
    command = [caddy, "file-server", "--root", str(tmp_path), "--listen", f"127.0.0.1:{port}"]
    with running(command, {"HOME": str(tmp_path)}, log=tmp_path / "log"):
        url = f"http://127.0.0.1:{port}/page.json"
        seen = eventually(lambda: httpx.get(url).raise_for_status())

    assert seen.headers["etag"] == tag(date, 7)
