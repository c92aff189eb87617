"""Colours as tuples of 0..255, and the seeded palettes that keep the rooms of a listing in taste."""

from random import Random

import msgspec

Colour = tuple[float, float, float]


def ink(colour: Colour) -> str:
    red, green, blue = (max(0, min(255, round(part))) for part in colour)
    return f"#{red:02x}{green:02x}{blue:02x}"


def rgb(text: str) -> Colour:
    return (int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16))


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` 0 is `one`, 1 is `other`."""
    return tuple(a + (b - a) * share for a, b in zip(one, other, strict=True))  # type: ignore[return-value]


def shade(colour: Colour, factor: float) -> Colour:
    return (colour[0] * factor, colour[1] * factor, colour[2] * factor)


def colours(text: str) -> tuple[Colour, ...]:
    return tuple(rgb(part) for part in text.split())


WHITE: Colour = (250, 249, 246)
BLACK: Colour = (34, 34, 36)
WALLS = colours("efece4 e9e6dd e4e7e6 f1ede6 dfe3dd e8e0d4 d9dfe0 eae6ea")
ACCENT_WALLS = colours("5d7164 3f5566 8d9a8a b08a72 6f7f8c a9705a 405147 c9b394 7c8f94")
WOODS = colours("b58a5c a4774a c79f72 8a5f3d d3b48c 9d8468 6d4a32")
FABRICS = colours(
    "7b8a86 3f5a63 b9a48c a6a9a6 586a52 c4b7a4 8f5f4a 2f4a58 c7a063 9a8f9c 4e5f74 d2cabd"
)
POPS = colours("d49a3a c0583f 2f6f73 e2b9a1 39506e 8a9f5b b5484f e6d3a3 6d5b7d")
STONES = colours("e9e6e0 d8d2c7 cfcac2 3e3f42 f2f0ec b9b2a8")
DOORS = colours("22384a 7a2d2b 2f4b3c 1f2224 b58b2e 6f8fa0 58604f 7d6a80 c2cfc6")
LEAVES = colours("3e5a2a 4d6e31 5f8039 789648 2f4a26")
AUTUMN = colours("8a5a24 b5762b c99a3c 7a4526 6e6a2e")
SPRING = colours("6f8f3f 87a650 a3bd66 e8c9d2 f2dfe4")


class Palette(msgspec.Struct, frozen=True):
    wall: Colour
    accent: Colour
    wood: Colour
    fabric: Colour
    second: Colour
    pop: Colour
    stone: Colour
    door: Colour
    warmth: float  # -1 a cool noon, +1 a low golden sun


def palette(rng: Random) -> Palette:
    fabric, second = rng.sample(FABRICS, 2)
    return Palette(
        wall=rng.choice(WALLS),
        accent=rng.choice(ACCENT_WALLS),
        wood=rng.choice(WOODS),
        fabric=fabric,
        second=second,
        pop=rng.choice(POPS),
        stone=rng.choice(STONES),
        door=rng.choice(DOORS),
        warmth=rng.uniform(-0.5, 1.0),
    )
