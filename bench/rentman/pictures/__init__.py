"""Everything a listing shows: photographs, plans, charts, a brochure and a film, all drawn here."""

from collections.abc import Callable
from random import Random

from bench.rentman.dice import chance
from bench.rentman.gallery import Media
from bench.rentman.pictures import film, homes, outdoors, papers, rooms, terrace, wetrooms
from bench.rentman.pictures.canvas import Canvas
from bench.rentman.pictures.photo import develop

INDOORS: dict[str, Callable[[Canvas, Random], float]] = {
    "living": rooms.living,
    "kitchen": wetrooms.kitchen,
    "bedroom": rooms.bedroom,
    "bathroom": wetrooms.bathroom,
    "hallway": rooms.hallway,
    "office": rooms.office,
}
OUTDOORS: dict[str, Callable[[Canvas, Random, str], float]] = {
    "terrace": terrace.terrace,
    "cottage": homes.cottage,
    "block": homes.block,
    "balcony": outdoors.balcony,
    "garden": outdoors.garden,
}
SIZES = ((1500, 1000), (1500, 1000), (1500, 1125))
UPRIGHT = (1050, 1400)
TALL = {"hallway": 0.6, "bathroom": 0.4, "bedroom": 0.08, "kitchen": 0.08, "balcony": 0.12}


def photograph(item: Media) -> bytes:
    rng = Random(item.art)
    tall = chance(rng, TALL.get(item.scene, 0.0))
    canvas = Canvas(*(UPRIGHT if tall else rng.choice(SIZES)))
    outside = OUTDOORS.get(item.scene)
    warmth = outside(canvas, rng, item.look) if outside else INDOORS[item.scene](canvas, rng)
    return develop(canvas, rng, warmth, item.ref)


def draw(item: Media) -> bytes:
    """The bytes behind a filename; the same item is always the same bytes."""
    rng, suffix = Random(item.art), item.filename.rpartition(".")[2]
    if item.kind == "epc":
        return papers.saved(papers.energy_chart(rng), suffix, item.ref)
    if item.kind == "plan":
        return papers.saved(papers.floor_plan(rng, int(item.scene)), suffix, item.ref)
    if item.kind == "brochure":
        return papers.brochure(item.ref)
    return film.film(item.art, item.ref) if item.kind == "video" else photograph(item)
