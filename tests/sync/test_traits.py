"""What bullets say a home has."""

import pytest

from sync.render.traits import traits


@pytest.mark.parametrize(
    ("bullet", "found"),
    [
        ("Private garden", ("garden",)),
        ("Communal Gardens and lift", ("garden", "lift")),
        ("Two balconies", ("balcony",)),
        ("Garage and off-street parking", ("garage", "parking")),
        ("Pets considered", ("pets",)),
        ("All bills included", ("bills",)),
        ("Bills are included", ("bills",)),
        ("Includes all bills", ("bills",)),
        ("No pets", ()),
        ("Sorry, pets are not accepted", ()),
        ("Permit parking", ()),
        ("Without lift", ()),
        ("Bills not included", ()),
        ("Close to gardens", ()),
        ("Shoplifting is rare, carpets are new", ()),
    ],
)
def test_a_bullet_says_what_there_is_and_what_there_is_not(
    bullet: str, found: tuple[str, ...]
) -> None:
    assert traits([bullet]) == found


def test_each_bullet_speaks_for_itself() -> None:
    assert traits(["No pets", "Garden", "A garden"]) == ("garden",)
