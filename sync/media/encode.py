"""From one image to the files of a picture, following its recipe."""

from sync.media.decode import Image, Negative, height_for
from sync.media.recipe import Format, Recipe, widths_for

Files = dict[str, dict[int, bytes]]
"""Encoded bytes per extension and width."""

_WORTH_IT = {"webp": 0.97}
"""A format stays if it weighs less than this share of the last one; 1 where nothing is said."""


def encode(negative: Negative, recipe: Recipe) -> tuple[Files, Image]:
    """All files worth keeping, and the narrowest image for whoever wants a placeholder.

    The widest come first and weigh half of all: a format that saves nothing by then is given up,
    except for the best one, which often does better on the narrow ones.
    """
    files: Files = {format_.extension: {} for format_ in recipe.formats}
    image = negative.image
    for width in reversed(widths_for(negative.width)):
        image = _shrink(image, width, height_for(width, negative.width, negative.height))
        for format_ in recipe.formats:
            if format_.extension in files:
                files[format_.extension][width] = save(image, format_)
        stay = {recipe.formats[0].extension, *worthwhile(files)}
        files = {extension: made for extension, made in files.items() if extension in stay}
    return worthwhile(files), image


def worthwhile(files: Files) -> Files:
    """Drop each format that saves nothing over the last one, which every browser reads.

    AVIF and WebP are not held against each other: at one fixed quality the larger of the two is
    the better-looking one. And a format goes with all its widths or not at all: a gap in a
    `srcset` makes the browser take the next wider file, which costs more than a gap would save.
    """
    weights = {extension: sum(map(len, made.values())) for extension, made in files.items()}
    *_, last = files
    return {
        extension: dict(sorted(made.items()))
        for extension, made in files.items()
        if extension == last or weights[extension] < weights[last] * _WORTH_IT.get(extension, 1.0)
    }


def _shrink(image: Image, width: int, height: int) -> Image:
    """Each step starts from the one before, which is three times cheaper and looks the same."""
    if (image.width, image.height) == (width, height):
        return image
    return image.resize(width / image.width, vscale=height / image.height).copy_memory()


def save(image: Image, format_: Format) -> bytes:
    """Metadata is dropped here: GPS survives a default save of JPEG and AVIF."""
    saver = getattr(image, format_.saver)
    data: bytes = saver(Q=format_.quality_at(image.width), keep="none", **format_.options)
    return data
