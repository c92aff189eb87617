"""Rooms with pipes in the wall: kitchen and bathroom."""

from random import Random

from bench.rentman.dice import chance
from bench.rentman.pictures import furniture as put
from bench.rentman.pictures import shell, things
from bench.rentman.pictures.canvas import Canvas
from bench.rentman.pictures.colour import WHITE, Colour, mix, shade
from bench.rentman.pictures.shell import Room, at
from bench.rentman.pictures.stage import Stage


def kitchen(canvas: Canvas, rng: Random) -> float:
    place = shell.room(rng, 4.2, 4.9)
    stage = shell.stage_in(rng, canvas, place)
    tone = place.tone
    front = rng.choice((tone.accent, mix(tone.accent, WHITE, 0.6), (236, 234, 228), (60, 72, 84)))
    shell.build(stage, place)
    if chance(rng, 0.5):
        shell.boards(stage, place, rng, 0.18)
    else:
        floor = place.floor(0, -1, place.wide, place.deep)
        shell.tiles(stage, floor, (8, 12), mix(tone.stone, WHITE, 0.2), (150, 146, 140))
    shell.window(stage, place, (2.2, 3.7), rng, 1.0)
    splash = place.back(0.02, 0.92, place.wide - 0.02, 1.5)
    shell.tiles(
        stage, splash, (int(place.wide / 0.2), 8), mix(tone.pop, WHITE, 0.72), (205, 203, 198)
    )
    _units(stage, place, rng, front)
    _island(stage, place, rng, front)
    shell.downlights(stage, place)
    stage.finish()
    return tone.warmth * 0.6


def _units(stage: Stage, place: Room, rng: Random, front: Colour) -> None:
    wide, deep = place.wide, place.deep
    top = mix(place.tone.stone, WHITE, 0.25) if chance(rng, 0.6) else place.tone.wood
    run = at(wide / 2 - 0.3, deep - 0.31)
    put.cupboard(stage, run, (wide - 0.62, 0.88, 0.6), front, 6)
    stage.box(run, (-wide / 2 + 0.3, 0.88, -0.33), (wide / 2 - 0.3, 0.92, 0.3), top, nudge=0.4)
    put.cupboard(stage, at(wide - 0.32, deep - 0.4), (0.62, 2.2, 0.66), front, 1)
    for side in (0.22, 0.78):
        high = at((wide - 0.6) * side, deep - 0.18, 0, 1.5)
        put.cupboard(stage, high, (wide * 0.3, 0.72, 0.34), mix(front, WHITE, 0.12), 3)
    cook = at((wide - 0.6) * 0.5, deep - 0.3)
    stage.box(cook, (-0.3, 0.08, -0.32), (0.3, 0.86, -0.3), (42, 42, 44), nudge=0.6)
    stage.box(cook, (-0.24, 0.2, -0.33), (0.24, 0.58, -0.32), (22, 24, 28), nudge=0.7)
    stage.box(cook, (-0.25, 0.66, -0.36), (0.25, 0.69, -0.33), (180, 182, 184), nudge=0.8)
    stage.box(cook, (-0.28, 0.92, -0.26), (0.28, 0.93, 0.22), (26, 26, 28), nudge=0.7)
    stage.box(cook, (-0.3, 1.6, -0.12), (0.3, 1.72, 0.28), (190, 192, 194), nudge=0.3)
    stage.box(cook, (-0.13, 1.72, 0.0), (0.13, place.high, 0.28), (198, 200, 202), nudge=0.2)
    _clutter(stage, place, rng)


def _clutter(stage: Stage, place: Room, rng: Random) -> None:
    """Jars, a board and a kettle: somebody cooks here."""
    for _item in range(7):
        x = rng.choice((rng.uniform(0.2, 1.2), rng.uniform(2.4, place.wide - 0.8)))
        size, high = rng.uniform(0.04, 0.08), rng.uniform(0.1, 0.28)
        tone = rng.choice((place.tone.pop, WHITE, (176, 140, 96), (90, 110, 96), (70, 72, 76)))
        spot = at(x, place.deep - 0.2 - rng.uniform(0, 0.15), 0, 0.92)
        stage.box(spot, (-size, 0, -size / 2), (size, high, size / 2), tone, soft=0.015, nudge=0.6)


def _island(stage: Stage, place: Room, rng: Random, front: Colour) -> None:
    middle, z = place.wide * 0.46, place.deep - 1.95
    if chance(rng, 0.35):
        put.table(stage, at(middle, z), (1.5, 0.75, 0.85), place.tone.wood)
        for x, turn in ((-0.4, 180), (0.4, 180), (-0.4, 0), (0.4, 0)):
            put.chair(
                stage, at(middle + x, z + (0.62 if turn == 0 else -0.62), turn), place.tone.second
            )
    else:
        put.cupboard(stage, at(middle, z), (1.8, 0.88, 0.75), shade(front, 0.85), 4)
        top = mix(place.tone.stone, WHITE, 0.3)
        stage.box(at(middle, z), (-1.0, 0.88, -0.5), (1.0, 0.93, 0.42), top, nudge=0.5)
        for x in (-0.55, 0.0, 0.55):
            put.stool(stage, at(middle + x, z - 0.55), place.tone.wood)
    bowl = at(middle + 0.3, z, 0, 0.93)
    stage.box(bowl, (-0.14, 0, -0.1), (0.14, 0.08, 0.1), place.tone.pop, soft=0.03, nudge=0.9)
    for x in (-0.45, 0.45):
        things.pendant(stage, middle + x, z, place.high, place.tone.pop)


def bathroom(canvas: Canvas, rng: Random) -> float:
    place = shell.room(rng, 2.7, 3.6)
    stage = shell.stage_in(rng, canvas, place, (-14, -2))
    tone = place.tone
    wall = rng.choice((mix(tone.accent, WHITE, 0.25), mix(tone.pop, WHITE, 0.7), (238, 238, 236)))
    shell.build(stage, place)
    high = rng.choice((1.3, place.high))
    joint = mix(wall, (255, 255, 255), 0.6)
    for spots, count in (
        (place.back(0, 0, place.wide, high), (14, int(high * 9))),
        (place.right(-0.2, 0, place.deep, high), (18, int(high * 9))),
        (place.left(-0.2, 0, place.deep, high), (18, int(high * 9))),
    ):
        shell.tiles(stage, spots, count, wall, joint)
    floor = place.floor(0, -1, place.wide, place.deep)
    shell.tiles(
        stage, floor, (9, 14), rng.choice(((92, 96, 100), (206, 202, 194))), (150, 150, 148)
    )
    shell.window(stage, place, (1.7, 2.6), rng, 1.25)
    _sanitary(stage, place, rng)
    shell.downlights(stage, place)
    stage.finish()
    return tone.warmth * 0.3 - 0.2


def _sanitary(stage: Stage, place: Room, rng: Random) -> None:
    wide, deep, white = place.wide, place.deep, (248, 248, 247)
    tub = at(wide / 2, deep - 0.4)
    stage.shadow(tub, wide, 0.78, 84)
    stage.box(tub, (-wide / 2, 0, -0.38), (wide / 2, 0.55, -0.34), white)
    stage.box(tub, (-wide / 2, 0.52, -0.38), (wide / 2, 0.57, 0.4), white, soft=0.02, nudge=0.2)
    stage.box(
        tub,
        (-wide / 2 + 0.14, 0.56, -0.26),
        (wide / 2 - 0.14, 0.575, 0.3),
        (206, 212, 216),
        nudge=0.4,
    )
    rail = at(0.25, deep - 0.1)
    stage.box(rail, (-0.012, 0.9, 0), (0.012, 2.05, 0.02), (196, 198, 200), nudge=0.4)
    stage.box(rail, (-0.1, 2.03, -0.3), (0.1, 2.06, 0), (202, 204, 206), nudge=0.5)
    screen = [
        (0.9, 0.58, deep - 0.76),
        (0.9, 0.58, deep),
        (0.9, 1.98, deep),
        (0.9, 1.98, deep - 0.76),
    ]
    stage.later(
        (0.9, 1.2, deep - 0.4), lambda: stage.face(screen, (214, 228, 230), None, 0.35), 0.4
    )
    vanity = at(wide - 0.24, deep - 1.6, 90)
    put.cupboard(
        stage, vanity, (0.95, 0.8, 0.46), rng.choice((place.tone.wood, place.tone.accent)), 2
    )
    stage.box(vanity, (-0.5, 0.8, -0.26), (0.5, 0.9, 0.22), white, soft=0.03, nudge=0.4)
    mirror = place.right(deep - 2.1, 1.2, deep - 1.1, 2.0)
    stage.face(mirror, (70, 66, 62))
    inner = place.right(deep - 2.07, 1.23, deep - 1.13, 1.97)
    stage.face(inner, stage.canvas.gradient([(214, 224, 228), (186, 198, 202)]), (0, 10, 0))
    stage.lit(mirror, 160, 0.6)
    _towels(stage, place)
    seat = at(0.34, deep - 1.35, -90)
    stage.shadow(seat, 0.38, 0.6, 84)
    stage.box(seat, (-0.18, 0.12, -0.32), (0.18, 0.42, 0.16), white, soft=0.06)
    stage.box(seat, (-0.2, 0.3, 0.16), (0.2, 0.85, 0.34), white, soft=0.03, nudge=-0.05)


def _towels(stage: Stage, place: Room) -> None:
    hung = at(place.wide - 0.05, place.deep - 2.55, 90)
    stage.box(hung, (-0.26, 0.7, -0.06), (0.26, 1.42, 0), place.tone.pop, put.CLOTH, 0.02)
    stage.box(
        hung, (-0.26, 0.7, -0.075), (0.26, 0.78, -0.06), mix(place.tone.pop, WHITE, 0.5), put.CLOTH
    )
