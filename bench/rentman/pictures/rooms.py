"""Rooms a visitor is shown: each draws itself on a canvas and says how warm the light is."""

from random import Random

import msgspec

from bench.rentman.dice import chance
from bench.rentman.pictures import furniture as put
from bench.rentman.pictures import shell, things
from bench.rentman.pictures.canvas import Canvas
from bench.rentman.pictures.colour import FABRICS, LEAVES, POPS, WHITE, mix, shade
from bench.rentman.pictures.shell import Room, at
from bench.rentman.pictures.stage import Stage


def living(canvas: Canvas, rng: Random) -> float:
    place = shell.room(rng, 4.6, 5.4)
    stage = shell.stage_in(rng, canvas, place)
    tone = place.tone
    shell.build(stage, place, tone.accent if chance(rng, 0.45) else None)
    shell.boards(stage, place, rng, rng.choice((0.11, 0.15, 0.2)))
    spans = [(2.0, 3.2), (3.9, 5.0)] if chance(rng, 0.5) else [(2.5, 4.4)]
    for span in spans:
        shell.window(stage, place, span, rng, 0.55)
        shell.curtains(stage, place, span, mix(tone.second, WHITE, 0.35))
    _back_wall(stage, place, rng)
    _seating(stage, place, rng)
    stage.finish()
    return tone.warmth


def _back_wall(stage: Stage, place: Room, rng: Random) -> None:
    middle = place.wide * 0.5
    if chance(rng, 0.5):
        _fireplace(stage, place, middle)
        breast = msgspec.structs.replace(place, deep=place.deep - 0.23)
        hung = (middle - 0.45, 1.4, middle + 0.45, 2.05)
        spot = (middle, 1.7, breast.deep)
        stage.later(spot, lambda: shell.picture(stage, breast, hung, rng), 0.2)
        for side in (-1.35, 1.35):
            if chance(rng, 0.6):
                things.books(
                    stage, at(middle + side, place.deep - 0.16), rng, (0.95, 2.0), POPS + FABRICS
                )
        return
    put.sofa(stage, at(middle, place.deep - 0.55), 2.3, place.tone.fabric, place.tone.pop)
    count = rng.choice((1, 2, 3))
    wide = {1: 1.2, 2: 0.6, 3: 0.5}[count]
    for frame in range(count):
        left = middle + (frame - (count - 1) / 2) * (wide + 0.15) - wide / 2
        shell.picture(
            stage, place, (left, 1.25, left + wide, 1.25 + (0.8 if count == 1 else 0.75)), rng
        )


def _fireplace(stage: Stage, place: Room, middle: float) -> None:
    stone = mix(place.tone.stone, WHITE, 0.5)
    front = at(middle, place.deep - 0.12)
    stage.box(
        front,
        (-0.8, 0, -0.1),
        (0.8, 2.95, 0.12),
        shade(place.tone.wall, 0.97),
        shell.WALL,
        0,
        -0.5,
    )
    for low, high in (((-0.72, 0, -0.2), (-0.5, 1.05, 0)), ((0.5, 0, -0.2), (0.72, 1.05, 0))):
        stage.box(front, low, high, stone)
    stage.box(front, (-0.72, 0.86, -0.2), (0.72, 1.08, 0), stone)
    stage.box(front, (-0.82, 1.08, -0.27), (0.82, 1.15, 0), stone, nudge=0.1)
    stage.box(front, (-0.5, 0, -0.11), (0.5, 0.86, -0.08), (38, 36, 36), nudge=0.05)
    stage.box(front, (-0.8, 0, -0.6), (0.8, 0.03, -0.1), (72, 72, 76), nudge=-0.3)


def _seating(stage: Stage, place: Room, rng: Random) -> None:
    tone, middle = place.tone, place.wide * 0.5
    pale = mix(tone.second, WHITE, 0.45)
    put.rug(stage, at(middle, place.deep - 2.2), (2.6, 1.9), pale, mix(tone.pop, pale, 0.4))
    wood = shade(tone.wood, 0.85)
    put.table(stage, at(middle + 0.1, place.deep - 2.1), (1.1, 0.4, 0.6), wood)
    bowl = at(middle, place.deep - 2.1, 0, 0.4)
    stage.box(bowl, (-0.16, 0, -0.1), (0.12, 0.05, 0.1), tone.pop, nudge=0.4)
    stage.box(bowl, (-0.13, 0.05, -0.08), (0.09, 0.08, 0.09), WHITE, nudge=0.5)
    put.sofa(stage, at(place.wide - 0.55, place.deep - 2.3, 90), 2.0, tone.fabric, tone.pop)
    if chance(rng, 0.7):
        put.armchair(stage, at(0.85, place.deep - 1.2, -50), tone.second)
    things.plant(stage, at(0.45, place.deep - 0.4), rng, rng.uniform(1.1, 1.7), LEAVES)
    things.lamp(
        stage, at(place.wide - 0.4, place.deep - 0.45), 1.45, mix(tone.wall, tone.pop, 0.2)
    )
    if chance(rng, 0.6):
        things.pendant(stage, middle, place.deep * 0.55, place.high, tone.accent)


def bedroom(canvas: Canvas, rng: Random) -> float:
    place = shell.room(rng, 4.0, 4.5)
    stage = shell.stage_in(rng, canvas, place)
    tone = place.tone
    shell.build(stage, place, mix(tone.accent, tone.wall, rng.choice((0.0, 0.4, 0.8))))
    if chance(rng, 0.55):
        floor = place.floor(0, -1, place.wide, place.deep)
        stage.face(floor, mix(tone.second, WHITE, 0.45), (150, 90, 0))
    else:
        shell.boards(stage, place, rng)
    span = (1.9, 3.5)
    shell.window(stage, place, span, rng, 0.7)
    shell.curtains(stage, place, span, mix(tone.fabric, WHITE, 0.4))
    _sleeping(stage, place, rng)
    stage.finish()
    return tone.warmth


def _sleeping(stage: Stage, place: Room, rng: Random) -> None:
    tone, middle, deep = place.tone, place.wide * 0.47, place.deep
    put.rug(stage, at(middle, deep - 1.9), (2.7, 1.5), mix(tone.pop, WHITE, 0.6), WHITE)
    linen = rng.choice(((240, 238, 233), mix(tone.second, WHITE, 0.55), (228, 232, 234)))
    put.bed(
        stage, at(middle, deep - 1.12), rng.choice((1.4, 1.55, 1.7)), linen, tone.pop, tone.fabric
    )
    for side in (-1.2, 1.2):
        put.cupboard(stage, at(middle + side, deep - 0.25), (0.46, 0.5, 0.4), tone.wood, 1)
        things.lamp(stage, at(middle + side, deep - 0.25, 0, 0.5), 0.42, WHITE)
    if chance(rng, 0.6):
        shell.picture(stage, place, (middle - 0.5, 1.45, middle + 0.5, 2.1), rng)
    else:
        for side in (-0.62, 0.02):
            shell.picture(stage, place, (middle + side, 1.4, middle + side + 0.58, 2.15), rng)
    wardrobe = at(place.wide - 0.3, deep - 2.2, 90)
    put.cupboard(stage, wardrobe, (1.7, 2.15, 0.58), mix(WHITE, tone.wall, 0.4), 3)
    things.plant(stage, at(0.4, deep - 0.4), rng, 1.2, LEAVES)


def hallway(canvas: Canvas, rng: Random) -> float:
    place = shell.room(rng, 2.1, 6.2)
    stage = shell.stage_in(rng, canvas, place, (-5, 2))
    tone = place.tone
    shell.build(stage, place)
    if chance(rng, 0.5):
        _checkers(stage, place)
    else:
        shell.boards(stage, place, rng, 0.12)
    shell.door(stage, place, place.wide * 0.5 - 0.55, tone.door)
    light = place.back(place.wide * 0.5 - 0.55, 2.14, place.wide * 0.5 + 0.25, 2.4)
    stage.face(light, (236, 242, 244))
    stage.lit(light, 220, 0.9)
    _dado(stage, place)
    _stairs(stage, place)
    console = at(0.22, place.deep * 0.5, -90)
    put.table(stage, console, (0.9, 0.8, 0.32), tone.wood)
    things.lamp(stage, at(0.22, place.deep * 0.5 + 0.25, 0, 0.8), 0.4, WHITE)
    glass = place.left(place.deep * 0.5 - 0.35, 1.15, place.deep * 0.5 + 0.35, 1.95)
    stage.face(glass, (190, 160, 100), soft=0.03)
    stage.face([(0.01, y, z) for _x, y, z in glass], (208, 216, 218))
    things.pendant(stage, place.wide / 2, place.deep * 0.55, place.high, tone.pop)
    put.rug(
        stage,
        at(place.wide * 0.42, place.deep * 0.45),
        (0.75, 3.2),
        tone.fabric,
        mix(tone.pop, WHITE, 0.4),
    )
    stage.finish()
    return 0.4 + tone.warmth * 0.4


def _checkers(stage: Stage, place: Room) -> None:
    stage.face(place.floor(0, -1, place.wide, place.deep), (226, 222, 212), (12, 40, 0))
    size = 0.3
    for row in range(int(place.deep / size) + 3):
        for column in range(int(place.wide / size) + 1):
            if (row + column) % 2:
                x, z = column * size, row * size - 0.6
                tile = place.floor(x, z, min(x + size, place.wide), min(z + size, place.deep))
                stage.face(tile, (58, 62, 68), (12, 40, 0))


def _dado(stage: Stage, place: Room) -> None:
    low = mix(place.tone.accent, WHITE, 0.2)
    stage.face(place.left(-1, 0.13, place.deep, 0.95), shade(low, 0.84), shell.WALL)
    stage.face(place.left(-1, 0.95, place.deep, 1.02), shade(WHITE, 0.86))


def _stairs(stage: Stage, place: Room) -> None:
    """Up along the right wall, away from the door."""
    wide, tone = place.wide, place.tone
    for step in range(13):
        z, high = place.deep - 1.5 - step * 0.24, 0.19 * (13 - step)
        foot = at(wide - 0.42, place.deep - 1.5 - (12 - step) * 0.24)
        high = 0.19 * (step + 1)
        stage.box(foot, (-0.42, 0, 0), (0.42, high, 0.26), shade(WHITE, 0.95))
        stage.box(
            foot,
            (-0.3, high, -0.02),
            (0.3, high + 0.015, 0.26),
            tone.fabric,
            put.CLOTH,
            nudge=0.05,
        )
        stage.box(
            foot, (-0.42, high, 0.1), (-0.39, high + 0.85, 0.13), shade(WHITE, 0.92), nudge=0.02
        )
        z += high


def office(canvas: Canvas, rng: Random) -> float:
    place = shell.room(rng, 6.4, 7.2)
    stage = shell.stage_in(rng, canvas, place)
    shell.build(stage, place, place.tone.accent if chance(rng, 0.5) else None)
    floor = place.floor(0, -1, place.wide, place.deep)
    shell.tiles(stage, floor, (12, 14), (126, 130, 134), (108, 112, 116))
    for start in (1.6, 3.4, 5.2):
        shell.window(stage, place, (start, start + 1.5), rng, 0.6)
    shell.picture(stage, place, (1.2, 1.2, 3.4, 2.1), rng)
    shell.door(stage, place, place.wide - 1.6, place.tone.wood)
    for row in range(2):
        for column in range(2):
            _desk(stage, place, 1.7 + column * 2.4, place.deep - 1.6 - row * 2.2)
    things.plant(stage, at(0.5, place.deep - 0.5), rng, 1.6, LEAVES)
    shell.downlights(stage, place)
    stage.finish()
    return -0.2


def _desk(stage: Stage, place: Room, x: float, z: float) -> None:
    put.table(stage, at(x, z), (1.6, 0.73, 0.8), mix(place.tone.wood, WHITE, 0.35), (70, 72, 76))
    screen = at(x, z + 0.15, 0, 0.73)
    stage.box(screen, (-0.3, 0.12, -0.02), (0.3, 0.5, 0.02), (38, 40, 44), nudge=0.3)
    stage.box(screen, (-0.03, 0, -0.05), (0.03, 0.14, 0.05), (60, 62, 66), nudge=0.25)
    put.chair(stage, at(x, z - 0.65, 180), place.tone.fabric)
