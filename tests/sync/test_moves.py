"""What becomes of an address when a home's slug changes."""

from pathlib import Path

from sync.render.site import render
from sync.state.database import State
from tests.sync.samples import known, ledger
from tests.sync.test_render import LINKS, MOMENT, body

SLUG, FORMER = "2-bed-flat-camden-h1", "2-bed-flat-chalk-farm-h1"


def test_former_slugs_lead_to_the_present_one_and_only_of_homes_that_are_there() -> None:
    home = known("H1")
    history = {FORMER: "h1", SLUG: "h1", "gone": "h2", "h1": "h1"}
    site = render([home], ledger(home), LINKS, MOMENT, history)

    assert site.index.moved == {FORMER: SLUG}
    assert body(site, "/api/redirects") == {
        "items": [{"from": f"/properties/{FORMER}", "to": f"/properties/{SLUG}"}],
        "total": 1,
    }


def test_every_slug_there_has_been_is_remembered(tmp_path: Path) -> None:
    state = State(f"sqlite:///{tmp_path}/s.db")
    state.migrate()

    assert state.slugs({"a-1": "1"}, 5) == {"a-1": "1"}
    assert state.slugs({"b-1": "1", "c-2": "2"}, 6) == {"a-1": "1", "b-1": "1", "c-2": "2"}
    assert state.slugs({}, 7) == {"a-1": "1", "b-1": "1", "c-2": "2"}
    state.close()
