"""Where in an MP4 the samples of a track lie, by its own tables (ISO/IEC 14496-12, 8.7)."""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from sync.media.boxes import Box, File, refuse

Span = tuple[int, int]  # first byte, and the one behind the last

ENTRIES_MAX = 1_000_000
"""Of one table. What fits into the largest file has a tenth of that."""
_WORD, _LONG = 4, 8  # bytes
_RUN = 3  # words: first chunk, samples in each, which description


def chunks(file: File, table: Box) -> list[Span]:
    """Of the track whose sample table (`stbl`) this is. `corrupt` when the tables do not fit."""
    starts, runs = _starts(file, table), _numbers(file, table.only(b"stsc"), _RUN)
    if not starts or not runs or runs[0] != 1:
        refuse("corrupt")
    counts = _counts(runs, len(starts))
    sized = zip(starts, _sizes(file, table, counts), strict=False)  # samples may end before chunks
    return [(start, start + size) for start, size in sized]


def within(spans: Iterable[Span], places: Sequence[Box]) -> dict[int, list[Span]]:
    """The spans of each place, by its index, in order. `truncated` when one lies in none of them."""
    found: dict[int, list[Span]] = {n: [] for n in range(len(places))}
    bodies = [place.body for place in places]
    for start, end in sorted(spans):
        at = bisect_right(bodies, start) - 1
        if at < 0 or end > places[at].end:
            refuse("truncated")
        found[at].append((start, end))
    return found


def gaps(spans: Iterable[Span], place: Box) -> Iterator[Span]:
    """What of `place` no span covers; `spans` in order."""
    at = place.body
    for start, end in spans:
        if start > at:
            yield at, start
        at = max(at, end)
    if at < place.end:
        yield at, place.end


def _starts(file: File, table: Box) -> Sequence[int]:
    if table.every(b"co64"):
        return _numbers(file, table.only(b"co64"), 1, "Q")
    return _numbers(file, table.only(b"stco"), 1)


def _counts(runs: Sequence[int], chunks: int) -> Iterator[int]:
    """Samples in each chunk: a run holds until the next one begins."""
    firsts, lengths = runs[::_RUN], runs[1::_RUN]
    for first, behind, length in zip(firsts, (*firsts[1:], chunks + 1), lengths, strict=True):
        if behind <= first or behind > chunks + 1:
            refuse("corrupt")
        yield from (length for _ in range(behind - first))


def _sizes(file: File, table: Box, counts: Iterable[int]) -> Iterator[int]:
    """Bytes of each chunk, until there is no sample left."""
    box = table.only(b"stsz")
    same, left = file.unpack("II", box.body + _WORD, box)
    each = () if same else _numbers(file, box, 1, skip=_LONG)
    at = 0
    for count in counts:
        if at >= left:
            return
        taken = min(count, left - at)
        yield same * taken if same else sum(each[at : at + taken])
        at += taken


def _numbers(
    file: File, box: Box, words: int, kind: str = "I", skip: int = _WORD
) -> Sequence[int]:
    """A table of numbers: `skip` bytes, how many entries, the entries of so many `words` each."""
    (entries,) = file.unpack("I", box.body + skip, box)
    if entries > ENTRIES_MAX:
        refuse("corrupt")
    start = box.body + skip + _WORD
    found = array(kind)
    end = start + entries * words * found.itemsize
    if end > box.end:
        refuse("corrupt")
    found.frombytes(file.data[start:end])
    if sys.byteorder == "little":
        found.byteswap()
    return found
