"""Which widths are made, and when an address must change."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.media.recipe import SHARE, WIDTHS, key_for, recipe_for, widths_for


@pytest.mark.parametrize(
    ("source", "widths"),
    [
        (90, (90,)),
        (400, (400,)),
        (440, (400,)),
        (790, (400, 790)),
        (820, (400, 800)),
        (1024, (400, 800, 1024)),
        (1599, (400, 800, 1200, 1599)),
        (1600, (400, 800, 1200, 1600)),
        (6000, (400, 800, 1200, 1600)),
    ],
)
def test_a_source_is_never_upscaled_and_keeps_its_own_width_when_that_is_worth_it(
    source: int, widths: tuple[int, ...]
) -> None:
    assert widths_for(source) == widths


@given(st.integers(1, 20_000))
def test_widths_ascend_and_come_close_to_the_source(source: int) -> None:
    widths = widths_for(source)

    assert widths == tuple(sorted(set(widths)))
    assert min(source, WIDTHS[-1]) / 1.15 <= widths[-1] <= source


def test_any_change_of_a_recipe_is_a_new_address() -> None:
    recipe = recipe_for("photo", "standard")
    first, *rest = recipe.formats
    finer = msgspec.structs.replace(first, quality=(58, 58, 57, 57))
    changed = msgspec.structs.replace(recipe, formats=(finer, *rest))

    assert key_for(b"same source", changed.id) != key_for(b"same source", recipe.id)


def test_profiles_have_addresses_of_their_own_and_drawings_do_not_depend_on_them() -> None:
    assert len({recipe_for("photo", profile).id for profile in ("fast", "standard", "small")}) == 3
    assert recipe_for("epc", "fast").id == recipe_for("floorplan", "small").id


def test_the_recipes_of_photos_are_changed_knowingly() -> None:
    """A new id makes every picture of every installation anew: say so in the changelog."""
    made = {profile: recipe_for("photo", profile).id for profile in ("fast", "standard", "small")}

    assert made == {
        "fast": "photo-fast-2-632ecc21",
        "standard": "photo-standard-2-f9fd8a38",
        "small": "photo-small-2-a09569d8",
    }
    assert recipe_for("epc", "fast").id == "drawing-2-136c15f6"


def test_the_cut_for_links_does_not_depend_on_the_profile_but_on_its_size_and_place() -> None:
    ids = {recipe_for("share", profile).id for profile in ("fast", "standard", "small")}
    centred = msgspec.structs.replace(SHARE, crop="centre")

    assert ids == {SHARE.id}
    assert centred.id != SHARE.id


def test_a_native_width_takes_the_quality_of_the_next_listed_one() -> None:
    avif = recipe_for("photo", "standard").formats[0]

    assert [avif.quality_at(width) for width in (90, 400, 1024, 1600)] == [58, 58, 57, 56]
