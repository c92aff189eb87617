"""Which documents are read, and which are refused, however they were made."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import UpstreamRejectedError
from sync.rentmanxml import document as module
from sync.rentmanxml.document import Property, properties
from tests.sync.rentmanxml.made import document, home

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))
HOSTILE = {
    "laughs": f"<!DOCTYPE Rentman [{LAUGHS}]><Rentman><Properties>&l11;</Properties></Rentman>",
    "laughs in an attribute": f'<!DOCTYPE Rentman [{LAUGHS}]><Rentman a="&l11;"/>',
    "a file of ours": '<!DOCTYPE Rentman [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    "<Rentman><Properties>&f;</Properties></Rentman>",
    "a foreign DTD": '<!DOCTYPE Rentman SYSTEM "http://127.0.0.1:9/x.dtd"><Rentman/>',
    "a DTD alone": "<!DOCTYPE Rentman><Rentman><Properties/></Rentman>",
    "depths": f"<Rentman><Properties>{'<a>' * 100}{'</a>' * 100}</Properties></Rentman>",
    "no close": "<Rentman><Properties><Property>",
    "half a home": document(home())[:-60].decode(),
    "two roots": "<Rentman><Properties/></Rentman><Rentman/>",
    "HTML": "<html><body>Login</body></html>",
    "another root": "<Feed><Properties/></Feed>",
    "no list": "<Rentman></Rentman>",
    "nothing": "",
    "JSON": "[]",
    "an unknown entity": "<Rentman><Properties>&nbsp;</Properties></Rentman>",
    "an unknown encoding": '<?xml version="1.0" encoding="klingon"?><Rentman/>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_whole_rentman_document_is_refused(name: str) -> None:
    with pytest.raises(UpstreamRejectedError) as caught:
        properties(HOSTILE[name].encode())

    assert "root:" not in str(caught.value)


@pytest.mark.parametrize("name", ["a foreign DTD", "a DTD alone"])
def test_a_document_type_is_refused_as_such(name: str) -> None:
    with pytest.raises(UpstreamRejectedError) as caught:
        properties(HOSTILE[name].encode())

    assert caught.value.code == "doctype"


def test_a_document_of_endless_elements_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ELEMENTS_MAX", 100)

    with pytest.raises(UpstreamRejectedError, match="too_large"):
        properties(document(home("<a/>" * 200)))


def test_an_element_of_endless_attributes_is_refused() -> None:
    attributes = " ".join(f'a{n}=""' for n in range(module.ATTRIBUTES_MAX + 1))

    with pytest.raises(UpstreamRejectedError, match="too_large"):
        properties(document(home(f"<x {attributes}/>")))


def test_elements_and_attributes_are_read_in_any_case() -> None:
    inside = (
        '<MEDIA><item CAPTION="Kitchen">A.jpg</item><Item>B.jpg</Item></MEDIA>'
        "<BulletPoints><BulletPoint>Lift</BulletPoint><bulletpoint>Garden</bulletpoint>"
        "</BulletPoints><Rooms><Room><Title>Hall</Title><Description>Long.</Description></Room>"
        "</Rooms>"
    )
    (found,) = properties(document(home(inside)))

    assert found.values["rent@period"] == "Month"
    assert found.photos == (("A.jpg", "Kitchen"), ("B.jpg", ""))
    assert found.bullets == ("Lift", "Garden")
    assert found.rooms == (("Hall", "Long."),)


def test_comments_and_cdata_do_not_cut_a_text() -> None:
    (found,) = properties(
        document("<Property><Comments>a<!-- b -->c<![CDATA[<d>]]></Comments></Property>")
    )

    assert found.values == {"comments": "ac<d>"}


def test_a_declared_encoding_is_honoured() -> None:
    text = (
        document(home(Rent=None, Strapline="£ – café")).decode().replace("UTF-8", "windows-1252")
    )
    (found,) = properties(text.encode("cp1252"))

    assert found.values["strapline"] == "£ – café"


def test_a_list_without_homes_is_a_list() -> None:
    assert properties(document()) == []


@given(st.binary(max_size=300), st.integers(0, 10_000), st.integers(0, 40))
def test_no_bytes_make_anything_but_properties_or_a_refusal(
    noise: bytes, at: int, cut: int
) -> None:
    whole = document(home(), home(Refnumber="43"))
    at %= len(whole)

    for data in (noise, whole[:at] + noise + whole[at + cut :], whole[:at]):
        with contextlib.suppress(UpstreamRejectedError):
            assert all(isinstance(each, Property) for each in properties(data))
