"""Whatever Rentman says, the site shows the homes that it showed before, or new ones that are true."""

import pytest

from bench.rentman.faults import MODES
from tests.conftest import eventually
from tests.faults.site import Site
from tests.faults.trial import trial

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]
LIES = [f"F{number}" for number in (1, 2, 3, 4, 5, 7, 8)]
ROWS = [f"F{number}" for number in (9, 10, 11, 15, 16, 17, 18, 19, 20, 21, 22)]
CALLS = 4  # of one list: a short list that comes a second time is believed
SOON = 0.1  # what Retry-After says


def told(site: Site) -> int:
    faults = site.upstream.admin.get("/admin/faults").json()["active"]
    return sum(fault["hits"] for fault in faults if fault["mode"] != "F13")


def tell(site: Site, mode: str, variant: str) -> None:
    """Until it has been heard; then all is well again."""
    more = {"times": CALLS} if MODES[mode].scope != "answer" else {"seconds": SOON}
    site.upstream.fault(mode, variant=variant, endpoint="list", **more)
    eventually(lambda: told(site) > 0)
    site.upstream.admin.delete("/admin/faults", params={"mode": mode})


@pytest.mark.long
@pytest.mark.parametrize(("key", "modes"), [("source lies", LIES), ("source rows", ROWS)])
def test_a_source_that_lies_in_every_way(site: Site, key: str, modes: list[str]) -> None:
    with trial(site, key) as going:
        lies = [(mode, variant) for mode in modes for variant in MODES[mode].variants]
        going.news.append(site.news())
        for mode, variant in lies:
            tell(site, mode, variant)
        going.more["lies"] = len(lies)
        going.healed()
        going.recovered()


def test_a_list_that_is_empty_again_and_again(site: Site) -> None:
    with trial(site, "source empty") as going:
        site.upstream.fault("F3")
        going.hold(2)
        eventually(lambda: site.health()["source"]["outcome"] in ("held", "failed"))
        site.upstream.heal()
        going.healed()
        going.recovered()


@pytest.mark.long
@pytest.mark.parametrize(
    ("key", "mode"), [("source hung", "F6"), ("source down", "F23"), ("source shifts", "F21")]
)
def test_a_source_that(site: Site, key: str, mode: str) -> None:
    variants = {"F6": "hang", "F23": "drop", "F21": "shift"}
    with trial(site, key) as going:
        site.upstream.fault(mode, variant=variants[mode], endpoint="list")
        going.hold(3)
        site.calm()
        going.healed()
        going.recovered(40)
