"""PDFs for the tests, made here: a plain one, and one with everything that may hide in one."""

import io
import struct
import zlib

import pikepdf
from pikepdf import Array, Dictionary, Name, String

SECRET = "tell-nobody"


def plain(pages: int = 1) -> pikepdf.Pdf:
    pdf = pikepdf.new()
    for number in range(pages):
        pdf.add_blank_page(page_size=(300, 200))
        pdf.pages[number].Contents = pdf.make_stream(b"0 0 m 300 200 l S")
    return pdf


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    file = io.BytesIO()
    pdf.save(file, **options)  # type: ignore[arg-type]
    return file.getvalue()


def armed() -> bytes:
    """What runs, what calls home, what is attached and what tells who wrote it."""
    pdf = plain()
    script = pdf.make_indirect(Dictionary(S=Name.JavaScript, JS=String(SECRET)))
    pdf.Root.OpenAction = script
    pdf.Root.AA = Dictionary(WC=script)
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String(SECRET), script])))
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(SECRET.encode()))
    pdf.attachments[SECRET] = SECRET.encode()
    pdf.pages[0].AA = Dictionary(O=script)
    pdf.pages[0].Annots = Array(
        [
            note("Link", Dictionary(S=Name.Launch, F=String(SECRET))),
            note("Link", Dictionary(S=Name.SubmitForm, F=String(SECRET))),
            note("Link", Dictionary(S=Name.URI, URI=String(f"javascript:{SECRET}"))),
            note("Link", Dictionary(S=Name.GoTo, D=String("top"), Next=script)),
            note("Link", Dictionary(S=Name.URI, URI=String("https://homes.example/"))),
            note("FileAttachment", Dictionary()),
        ]
    )
    pdf.docinfo["/Author"] = SECRET
    with pdf.open_metadata() as metadata:
        metadata["dc:creator"] = [SECRET]
    return saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)


def note(subtype: str, action: Dictionary) -> Dictionary:
    return Dictionary(
        Type=Name.Annot, Subtype=Name(f"/{subtype}"), Rect=Array([0, 0, 9, 9]), A=action
    )


def bomb(size: int) -> bytes:
    """A PDF whose catalogue lies behind so many bytes of blanks, squeezed a thousandfold."""
    squeeze = zlib.compressobj(9)
    index = f"1 {size} ".encode()
    blanks = (squeeze.compress(b" " * (1 << 20)) for _ in range(size >> 20))
    catalogue = b"<< /Type /Catalog /Pages 3 0 R >>"
    packed = b"".join(
        (squeeze.compress(index), *blanks, squeeze.compress(catalogue), squeeze.flush())
    )
    flate = f"/Filter /FlateDecode /Length {len(packed)}"
    objects = {
        2: f"<< /Type /ObjStm /N 1 /First {len(index)} {flate} >>\nstream\n".encode()
        + packed
        + b"\nendstream",
        3: b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>",
        4: b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 9 9] >>",
    }
    body = b"%PDF-1.7\n"
    offsets: dict[int, int] = {}
    for number, content in objects.items():
        offsets[number] = len(body)
        body += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    offsets[5] = len(body)
    rows = [struct.pack(">BIB", 0, 0, 0), struct.pack(">BIB", 2, 2, 0)]
    rows += [struct.pack(">BIB", 1, offsets[number], 0) for number in (2, 3, 4, 5)]
    table = b"".join(rows)
    head = f"<< /Type /XRef /Size 6 /Root 1 0 R /W [1 4 1] /Length {len(table)} >>"
    body += f"5 0 obj\n{head}\nstream\n".encode() + table + b"\nendstream\nendobj\n"
    return body + f"startxref\n{offsets[5]}\n%%EOF\n".encode()
