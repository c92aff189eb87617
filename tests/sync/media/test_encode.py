"""Formats that do not pay are left out, whole."""

from dataclasses import dataclass, field

from sync.media.decode import Negative
from sync.media.encode import encode, worthwhile
from sync.media.recipe import Format, Recipe


def files(avif: int, webp: int, jpg: int) -> dict[str, dict[int, bytes]]:
    sizes = {"avif": avif, "webp": webp, "jpg": jpg}
    return {
        name: {800: b"x" * (size // 2), 400: b"x" * (size // 2)} for name, size in sizes.items()
    }


def test_all_formats_stay_when_each_is_smaller_than_jpeg() -> None:
    assert list(worthwhile(files(60, 80, 100))) == ["avif", "webp", "jpg"]


def test_webp_goes_when_it_saves_less_than_three_percent() -> None:
    assert list(worthwhile(files(60, 96, 100))) == ["avif", "webp", "jpg"]
    assert list(worthwhile(files(60, 98, 100))) == ["avif", "jpg"]


def test_avif_goes_when_it_is_no_smaller_than_jpeg() -> None:
    assert list(worthwhile(files(100, 80, 100))) == ["webp", "jpg"]


def test_avif_may_be_larger_than_webp_because_it_looks_better_then() -> None:
    assert list(worthwhile(files(90, 80, 100))) == ["avif", "webp", "jpg"]


def test_jpeg_always_stays() -> None:
    assert list(worthwhile(files(110, 110, 100))) == ["jpg"]


def test_widths_ascend_in_whatever_order_they_were_made() -> None:
    assert list(worthwhile(files(60, 80, 100))["avif"]) == [400, 800]


@dataclass
class Drawing:
    """Answers as an image of libvips does, and notes which widths were saved how."""

    width: int
    height: int
    saved: list[str] = field(default_factory=list)

    def resize(self, scale: float, *, vscale: float) -> "Drawing":
        return Drawing(round(self.width * scale), round(self.height * vscale), self.saved)

    def copy_memory(self) -> "Drawing":
        return self

    def heavy(self, **_options: object) -> bytes:
        return self._save("heavy", 100)

    def light(self, **_options: object) -> bytes:
        return self._save("light", 70)

    def _save(self, how: str, size: int) -> bytes:
        self.saved.append(f"{how} {self.width}")
        return b"x" * size


def test_a_format_that_saves_nothing_at_the_widest_is_given_up_unless_it_is_the_best() -> None:
    formats = tuple(
        Format(extension=extension, saver=saver, quality=(1,) * 4, options={})
        for extension, saver in (("avif", "heavy"), ("webp", "heavy"), ("jpg", "light"))
    )
    image = Drawing(800, 600)

    files, smallest = encode(
        Negative(image, 800, 600), Recipe(name="test", revision=1, formats=formats)
    )

    assert image.saved == ["heavy 800", "heavy 800", "light 800", "heavy 400", "light 400"]
    assert {kind: list(made) for kind, made in files.items()} == {"jpg": [400, 800]}
    assert (smallest.width, smallest.height) == (400, 300)
