"""Real photographs come out looking as they went in: by structure, by shape and by colour.

They are those that scikit-image ships: `coffee` and `chelsea` are CC0 (Rachel Michetti, Stéfan van
der Walt), `rocket` is public domain (SpaceX), `astronaut` too (NASA).
"""

import asyncio
from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image
from skimage import data
from skimage.metrics import structural_similarity

from sync.media.model import Picture, Profile
from sync.media.studio import Studio
from tests.sync.media.pictures import saved

PHOTOS = ("coffee", "chelsea", "rocket", "astronaut")
PROFILES: tuple[Profile, ...] = ("fast", "standard", "small")
LOOKS_ALIKE = 0.9  # structural similarity in grey; moved by one pixel they have 0.78 to 0.86
SAME_SHAPE = 4  # bits of 64
SAME_COLOUR = 2.5  # levels of 255, in the mean of each channel


def photograph(name: str) -> Image.Image:
    return Image.fromarray(getattr(data, name)())


def alike(one: Image.Image, other: Image.Image) -> float:
    grey = (np.array(image.convert("L")) for image in (one, other))
    return float(structural_similarity(*grey))  # type: ignore[no-untyped-call]


async def developed(root: Path, source: Image.Image, profile: Profile) -> Picture:
    async with Studio(root, profile=profile, workers=1) as studio:
        return await studio.picture(saved(source, "PNG"), "photo")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", PHOTOS)
def test_a_photograph_looks_as_it_did(tmp_path: Path, name: str, profile: Profile) -> None:
    source = photograph(name)

    picture = asyncio.run(developed(tmp_path, source, profile))

    for kind, widths in picture.variants.items():
        for width in widths:
            with Image.open(tmp_path / picture.key / f"{width}.{kind}") as variant:
                shown = variant.convert("RGB")
            wanted = source.resize(shown.size, Image.Resampling.LANCZOS, reducing_gap=None)
            assert alike(wanted, shown) > LOOKS_ALIKE, f"{kind} {width}"
            assert imagehash.phash(wanted) - imagehash.phash(shown) <= SAME_SHAPE, (
                f"{kind} {width}"
            )
            apart = np.abs(np.array(wanted).mean((0, 1)) - np.array(shown).mean((0, 1)))
            assert apart.max() < SAME_COLOUR, f"{kind} {width}"


def test_formats_look_about_the_same_so_that_their_bytes_may_be_compared(tmp_path: Path) -> None:
    source = photograph("coffee")
    picture = asyncio.run(developed(tmp_path, source, "standard"))

    seen = []
    for kind in picture.variants:
        with Image.open(tmp_path / picture.key / f"600.{kind}") as variant:
            seen.append(alike(source, variant))

    assert len(seen) == 3
    assert max(seen) - min(seen) < 0.03
