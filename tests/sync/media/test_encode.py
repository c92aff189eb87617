"""Formats that do not pay are left out, whole."""

from sync.media.encode import worthwhile


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
