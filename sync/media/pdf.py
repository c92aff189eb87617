"""A PDF made safe to hand to a stranger, and the only importer of pikepdf.

It loses what runs or calls home (scripts, launches, forms sent, films), what is attached, and what
tells who wrote it; photos in it lose what a camera noted. Pages stay as they are. Runs in worker processes only.
"""

import io
from collections.abc import Iterable, Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from sync.media.errors import MediaRejectedError
from sync.media.jpeg import without_notes
from sync.media.sniff import is_cut_short

_DROPPED = (
    "/AA",  # what to do when a page is opened, printed, closed
    "/AF",
    "/Collection",
    "/EF",
    "/EmbeddedFiles",
    "/JavaScript",
    "/JS",
    "/Metadata",
    "/Next",  # what follows an action
    "/OpenAction",
    "/PieceInfo",  # an authoring program's own
    "/XFA",
)
_HARMLESS_ACTIONS = {"/GoTo", "/Named", "/URI"}
_HARMLESS_LINKS = ("http://", "https://", "mailto:", "tel:")
_ACTIVE_NOTES = {"/3D", "/FileAttachment", "/Movie", "/RichMedia", "/Screen", "/Sound"}


def clean(source: bytes) -> bytes:
    """Raises `MediaRejectedError`: `encrypted`, `truncated`, `corrupt`."""
    if is_cut_short(source, "pdf"):  # else a repair would make do with the pages that came
        raise MediaRejectedError("truncated")
    try:
        with pikepdf.open(io.BytesIO(source), suppress_warnings=True) as pdf:
            if not len(pdf.pages):
                raise MediaRejectedError("corrupt")
            for found in _dictionaries(pdf):
                _disarm(found)
            if "/Info" in pdf.trailer:
                del pdf.trailer["/Info"]
            made = io.BytesIO()
            pdf.save(made, deterministic_id=True, linearize=True)
            return made.getvalue()
    except pikepdf.PasswordError as error:
        raise MediaRejectedError("encrypted") from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise MediaRejectedError("corrupt") from error


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[Object]:
    """Each one in the file, reached from a page or not, with those written inside others."""
    waiting: list[object] = list(pdf.objects)
    while waiting:
        found = waiting.pop()
        inside: Iterable[object] = ()
        if isinstance(found, Array):
            inside = found
        elif isinstance(found, (Dictionary, Stream)):
            yield found
            inside = found.values()
        # What is written by reference is among `pdf.objects` already, and may lead back here.
        waiting.extend(i for i in inside if isinstance(i, Object) and not i.is_indirect)


def _disarm(found: Object) -> None:
    if isinstance(found, Stream) and _is_jpeg(found):
        parameters = found.get("/DecodeParms")
        found.write(
            without_notes(found.read_raw_bytes()),
            filter=Name.DCTDecode,
            decode_parms=parameters if isinstance(parameters, Dictionary) else None,
        )
    for name in _DROPPED:
        if name in found:
            del found[name]
    if "/A" in found and not _is_harmless(found["/A"]):
        del found["/A"]
    if "/Annots" in found and isinstance(found["/Annots"], Array):
        kept = [note for note in found["/Annots"] if _subtype(note) not in _ACTIVE_NOTES]
        found["/Annots"] = Array(kept)


def _is_jpeg(stream: Stream) -> bool:
    """And nothing around it: what is squeezed once more was made by a program, not a camera."""
    kind = stream.get("/Filter")
    return kind in (Name.DCTDecode, Array([Name.DCTDecode]))


def _is_harmless(action: Object) -> bool:
    if not isinstance(action, Dictionary) or "/S" not in action:
        return True  # no action: `/A` means other things elsewhere
    kind = str(action["/S"])
    if kind == "/URI":
        return str(action.get("/URI", "")).lower().startswith(_HARMLESS_LINKS)
    return kind in _HARMLESS_ACTIONS


def _subtype(note: Object) -> str:
    return str(note.get("/Subtype", "")) if isinstance(note, Dictionary) else ""
