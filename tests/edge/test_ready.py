"""What is worked out already is answered at once, and as it would be answered otherwise."""

import pytest

from edge import table
from edge.message import Request
from edge.query.parameters import ListQuery
from edge.reply import View, pending, ready, reply
from edge.results import Results
from tests.snapshot.made import PUBLISHED, entry, generation, row

LIST = "/api/framer/properties"
PAGES = {"/api/framer/property/42": entry(b"home")}
TABLE = table.build(*generation(3, PAGES, [row(id=str(n)) for n in range(40)]), None)
AT = PUBLISHED + 60, 3600


def ask(method: str, path: str, query: dict[str, list[str]] | None = None, **sent: str) -> Request:
    sent = {name.replace("_", "-"): value for name, value in sent.items()}
    return Request(method, path, query or {}, sent.get)


WORK = [
    ask("GET", LIST, {"beds_min": ["1"]}),
    ask("GET", "/api/properties", accept_encoding="gzip"),
    ask("HEAD", LIST, {"q": ["flat"]}),
    ask("GET", LIST, accept_encoding="identity;q=0"),  # 406
]
NO_WORK = [
    ask("GET", "/api/framer/property/42"),
    ask("GET", LIST, {"beds_min": ["many"]}),  # 400
    ask("POST", LIST),
    ask("OPTIONS", LIST),
    ask("GET", LIST + "/"),
    ask("GET", "/none"),
]


@pytest.mark.parametrize("request_", WORK)
def test_a_question_is_ready_when_it_is_worked_out(request_: Request) -> None:
    view = View(table=TABLE)
    assert ready(view, request_, *AT) is None

    work = pending(view, request_)
    assert work is not None
    work()

    assert pending(view, request_) is None
    assert ready(view, request_, *AT) == reply(view, request_, *AT)


@pytest.mark.parametrize("request_", NO_WORK)
def test_what_is_no_question_is_ready(request_: Request) -> None:
    assert ready(View(table=TABLE), request_, *AT) == reply(View(table=TABLE), request_, *AT)


@pytest.mark.parametrize("request_", WORK + NO_WORK)
def test_without_a_table_there_is_nothing_to_work_out(request_: Request) -> None:
    assert ready(View(), request_, *AT) == reply(View(), request_, *AT)


def test_a_published_page_stands_before_a_question_of_its_address() -> None:
    shown = table.build(*generation(3, {LIST: entry(b"page")}, [row()]), None)
    answer = ready(View(table=shown), WORK[0], *AT)

    assert answer is not None
    assert answer.body == b"page"
    assert pending(View(table=shown), WORK[0]) is None


def test_what_a_visitor_finds_ready_counts_as_asked() -> None:
    """Or it would not be worked out again after the next flip."""
    results = Results()
    view = View(table=TABLE, results=results)
    everything = ListQuery()
    results.prepare(TABLE, everything, flips=7)

    ready(view, ask("GET", LIST), *AT)

    assert results.asked() == {everything: 1}


def test_a_cursor_of_another_list_is_refused_before_anything_is_worked_out() -> None:
    view, request = View(table=TABLE), ask("GET", LIST, {"cursor": ["bm9uc2Vuc2U"]})

    assert pending(view, request) is None
    assert reply(view, request, *AT).status == 400
    assert ready(view, request, *AT) == reply(view, request, *AT)
