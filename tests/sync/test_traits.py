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
        ("Parking: none", ()),
        ("Lift - N/A", ()),
        ("Garage (0)", ()),
        ("Moments from Covent Garden", ()),
        ("Covent Garden on the doorstep", ()),
        ("2 minutes’ walk to the Botanical Gardens", ()),
        ("Overlooking communal gardens", ()),
        ("Garden square views", ()),
        ("Views over the garden", ()),
        ("Off the Garden Road", ()),
        ("Parking permits available", ()),
        ("On-street parking", ()),
        ("Off-street parking", ("parking",)),
        ("Allocated parking free of charge", ("parking",)),
        ("Underground parking space", ("parking",)),
        ("Garage by separate negotiation", ()),
        ("Balcony (STPP)", ()),
        ("Pet-free building", ()),
        ("Unsuitable for pets", ()),
        ("Landlord doesn’t accept pets", ()),
        ("Pet friendly", ("pets",)),
        ("Pets negotiable", ("pets",)),
        ("Lift the spirits", ()),
        ("Passenger lift", ("lift",)),
        ("Bills incl.", ("bills",)),
        ("Inclusive of bills", ()),
        ("Bills included except electricity", ()),
        ("Separate garage", ("garage",)),
        ("Walk-in wardrobe, garden", ("garden",)),
        ("South-facing garden", ("garden",)),
        ("Garden: communal", ("garden",)),
        ("PRIVATE GARDEN", ("garden",)),
        ("Shoplifting is rare, carpets are new", ()),
    ],
)
def test_a_bullet_says_what_there_is_and_what_there_is_not(
    bullet: str, found: tuple[str, ...]
) -> None:
    assert traits([bullet]) == found


def test_each_bullet_speaks_for_itself() -> None:
    assert traits(["No pets", "Garden", "A garden"]) == ("garden",)


def test_the_name_of_a_place_is_no_feature() -> None:
    bullets = ["Belsize Park Gardens, at its best", "Private garden in Belsize Park"]

    assert traits(bullets[:1], ["Belsize Park Gardens", ""]) == ()
    assert traits(bullets, ["Belsize Park Gardens", "Belsize Park"]) == ("garden",)
    assert traits(["Garden"], ["C++ (Garden Mews", ""]) == ("garden",)
