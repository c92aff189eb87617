"""The picture that stands beside a shared link: one size, cut out of the photo.

Social networks ask for 1200 × 630 and enlarge what is smaller themselves. Nothing is enlarged
here: a smaller photo gives a smaller cut of the same shape, down to the size below which they show
no more than a thumbnail.
"""

from sync.media.decode import Image
from sync.media.encode import Files, save
from sync.media.errors import MediaRejectedError
from sync.media.recipe import Cut


def cut(image: Image, recipe: Cut) -> tuple[Files, Image]:
    """Raises `MediaRejectedError`: `too-small`."""
    width, height = frame(image.width, image.height, recipe)
    if width < recipe.least_width:
        raise MediaRejectedError("too-small")
    cut_out = image.thumbnail_image(width, height=height, crop=recipe.crop).copy_memory()
    return {f.extension: {width: save(cut_out, f)} for f in recipe.formats}, cut_out


def frame(width: int, height: int, recipe: Cut) -> tuple[int, int]:
    """The largest size of the recipe's shape, up to its own, that such an image can fill."""
    scale = min(1.0, width / recipe.width, height / recipe.height)
    return round(recipe.width * scale), round(recipe.height * scale)
