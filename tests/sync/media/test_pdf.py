"""A brochure keeps its pages and links, and loses whatever could harm who opens it."""

import io

import pikepdf
import pytest

from sync.media.errors import MediaRejectedError
from sync.media.jpeg import without_notes
from sync.media.pdf import clean
from tests.sync.media.documents import SECRET, armed, bomb, plain, saved
from tests.sync.media.pictures import CANARY, with_secrets


def test_nothing_that_runs_or_tells_is_left() -> None:
    source = armed()
    assert source.count(SECRET.encode()) > 8

    with pikepdf.open(io.BytesIO(clean(source))) as made:
        bare = saved(made, qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)

    for trace in (SECRET, "JavaScript", "Launch", "SubmitForm", "EmbeddedFile", "/AA", "/Author"):
        assert trace.encode() not in bare, trace


def test_pages_and_honest_links_stay() -> None:
    with pikepdf.open(io.BytesIO(clean(armed()))) as made:
        page = made.pages[0]
        assert page.Contents.read_bytes() == b"0 0 m 300 200 l S"
        actions = [str(note.A.S) for note in page.Annots if "/A" in note]

    assert actions == ["/GoTo", "/URI"]


def test_what_is_clean_is_cleaned_to_the_same_bytes() -> None:
    source = clean(saved(plain(3)))

    assert clean(source) == source


def test_a_file_that_may_be_read_but_not_printed_is_freed() -> None:
    locked = saved(plain(), encryption=pikepdf.Encryption(owner="owner", user=""))

    with pikepdf.open(io.BytesIO(clean(locked))) as made:
        assert not made.is_encrypted


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (saved(plain(), encryption=pikepdf.Encryption(owner="o", user="u")), "encrypted"),
        (b"%PDF-1.4\n%%EOF", "corrupt"),
        (b"%PDF-1.4\n" + b"x" * 2000, "truncated"),
        (saved(plain(3))[:400], "truncated"),
        (saved(pikepdf.new()), "corrupt"),
    ],
    ids=["a password", "nothing", "noise", "cut short", "no page"],
)
def test_what_cannot_be_read_whole_is_refused(source: bytes, reason: str) -> None:
    with pytest.raises(MediaRejectedError) as caught:
        clean(source)

    assert caught.value.reason == reason


def test_a_file_that_refers_to_itself_ends() -> None:
    pdf = plain()
    loop = pdf.make_indirect(pikepdf.Dictionary())
    loop.Next2 = loop
    pdf.Root.Loop = pikepdf.Array([loop, loop])

    assert clean(saved(pdf)).startswith(b"%PDF-")


@pytest.mark.parametrize(
    "kind", [pikepdf.Name.DCTDecode, pikepdf.Array([pikepdf.Name.DCTDecode])], ids=["name", "list"]
)
def test_photos_inside_lose_what_a_camera_noted_and_keep_their_pixels(
    kind: pikepdf.Name | pikepdf.Array,
) -> None:
    photo, pdf = with_secrets("JPEG"), plain()
    picture = pdf.make_stream(photo, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
    picture.write(photo, filter=kind)
    pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture))

    with pikepdf.open(io.BytesIO(clean(saved(pdf)))) as made:
        shown = made.pages[0].Resources.XObject.Im0
        assert shown.Filter == "/DCTDecode"
        bare = shown.read_raw_bytes()

    assert bare == without_notes(photo)
    assert CANARY not in bare


def test_what_was_squeezed_is_unpacked_to_be_seen() -> None:
    with pikepdf.open(io.BytesIO(clean(bomb(1 << 20)))) as made:
        assert len(made.pages) == 1
