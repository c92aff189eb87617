"""The photographs: free ones from a Debian package, kept as a camera would have written them."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pyvips

from bench.edgebench.fixture import STATE
from bench.edgebench.processes import BenchError
from bench.pictures.results import Photo

PACKAGE = "lomiri-wallpapers-16.04"
FOLDER = STATE / "photos"
# All photographs of the package with six megapixels and more; licences as its copyright file says.
CHOSEN = {
    "Bridge_by_Sander_Klootwijk.jpg": ("bridge", "CC-BY-SA-4.0, Sander Klootwijk"),
    "Dragonfly_by_Bolly.jpg": ("leaves", "CC-BY-SA-4.0, Bolly"),
    "Wine_by_Jakkub_Mede.jpg": ("room", "CC-BY-4.0, Jakub Mede"),
    "friends_by_Aitzol_Berasategi.jpg": ("house front", "CC-BY-4.0, Aitzol Berasategi"),
    "free_by_Peter_Nerlich.jpg": ("lamps", "CC-BY-SA-4.0, Peter Nerlich"),
    "greentock_by_Peter_Nerlich.jpg": ("clock on a wall", "CC-BY-SA-4.0, Peter Nerlich"),
    "aitzgorri_by_Aitzol_Berasategi.jpg": ("meadow", "CC-BY-4.0, Aitzol Berasategi"),
    "life_by_Aitzol_Berasategi.jpg": ("stream", "CC-BY-4.0, Aitzol Berasategi"),
    "picosdeeuropa_by_Aitzol_Berasategi.jpg": ("mountains", "CC-BY-4.0, Aitzol Berasategi"),
    "sunset_by_Aitzol_Berasategi.jpg": ("sunset", "CC-BY-4.0, Aitzol Berasategi"),
}
CAMERA = {"Q": 92, "keep": "none"}
ABSENT = "the photographs are not here: python -m bench.pictures setup"


def install() -> None:
    """Fetch and unpack the package, without installing it, and keep the chosen photographs."""
    if all((FOLDER / name).exists() for name in CHOSEN):
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for command in (
            ["apt-get", "download", "-qq", PACKAGE],
            ["sh", "-c", f"dpkg-deb -x {PACKAGE}_*.deb unpacked"],
        ):
            if shutil.which(command[0]) is None:
                raise BenchError(f"{command[0]} is not here: {PACKAGE} comes from Debian")
            subprocess.run(command, cwd=scratch, check=True, timeout=300)
        found = Path(scratch) / "unpacked" / "usr" / "share" / "backgrounds"
        for name in CHOSEN:
            # Baseline, as cameras write it; most of these are progressive in the package.
            pyvips.Image.new_from_file(str(found / name)).jpegsave(str(FOLDER / name), **CAMERA)


def chosen(limit: int) -> dict[str, Path]:
    """Name to file."""
    if not all((FOLDER / name).exists() for name in CHOSEN):
        raise BenchError(ABSENT)
    return {CHOSEN[name][0]: FOLDER / name for name in list(CHOSEN)[:limit]}


def described(name: str, file: Path) -> Photo:
    licences = dict(CHOSEN.values())
    image = pyvips.Image.new_from_file(str(file))
    return Photo(
        name=name,
        licence=licences.get(name, "of scikit-image, CC0"),
        width=image.width,
        height=image.height,
        file_bytes=file.stat().st_size,
    )


def drawn(folder: Path) -> dict[str, Path]:
    """For a smoke run, which needs nothing installed: one that scikit-image ships, enlarged."""
    from skimage import data  # noqa: PLC0415 - slow to import, and of the tests' dependencies

    file = folder / "coffee.jpg"
    pixels = data.coffee()  # type: ignore[no-untyped-call]
    coffee = pyvips.Image.new_from_array(pixels).copy(interpretation="srgb")
    coffee.resize(2).jpegsave(str(file), **CAMERA)
    return {"coffee": file}


def enlarged(file: Path, megapixels: float, folder: Path, *, progressive: bool) -> Path:
    image = pyvips.Image.new_from_file(str(file))
    factor = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
    made = folder / f"{megapixels}-{progressive}.jpg"
    image.resize(factor).jpegsave(str(made), interlace=progressive, **CAMERA)
    return made


def reference(file: Path, size: tuple[int, int], made: Path) -> None:
    """What a perfect file of this size would show."""
    width, height = size
    pyvips.Image.thumbnail(
        str(file),
        width,
        height=height,
        size="force",
        output_profile="srgb",
        input_profile="srgb",
    ).pngsave(str(made), compression=1, keep="none")


def as_png(file: Path, made: Path) -> tuple[int, int]:
    """Its width and height."""
    image = pyvips.Image.new_from_file(str(file))
    image.pngsave(str(made), compression=1, keep="none")
    return image.width, image.height
