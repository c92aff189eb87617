"""Films of a real encoder: what is decoded is the same before and after."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest

from bench.rentman.pictures.film import film as drawn
from sync.media.errors import MediaRejectedError
from sync.media.mp4 import Shown, clean
from tests.sync.media.films import CANARY

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


def decoded(file: Path) -> list[str]:
    """A checksum of every picture and every stretch of sound, as ffmpeg decodes them."""
    command = [
        FFMPEG,
        "-v",
        "error",
        "-i",
        file,
        "-map",
        "0:v",
        "-map",
        "0:a?",
        "-f",
        "framemd5",
        "-",
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def encoded(file: Path, *options: str) -> bytes:
    """What a real encoder makes of a second of colours and a tone."""
    sources = ["-f", "lavfi", "-i", "testsrc=s=320x240:d=1", "-f", "lavfi", "-i", "sine=d=1"]
    codecs = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    notes = ["-metadata", f"location={CANARY.decode()}", "-metadata", f"title={CANARY.decode()}"]
    dated = ["-metadata", "creation_time=2026-01-02T03:04:05"]
    command = [FFMPEG, "-v", "error", *sources, *codecs, *notes, *dated, *options, file]
    subprocess.run(command, check=True, capture_output=True)
    return file.read_bytes()


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-movflags", "+faststart"),
        ("-f", "mov", "-timecode", "10:00:00:00"),
        ("-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", "log-level=none"),
    ],
    ids=["index behind", "index first", "QuickTime with a time code", "H.265"],
)
def test_a_real_one_decodes_to_the_same_pictures_and_the_same_sound(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    source = encoded(tmp_path / "source.mp4", *options)
    assert CANARY in source

    made, shown = clean(source)

    (tmp_path / "made.mp4").write_bytes(made)
    assert CANARY not in made
    assert shown == Shown(width=320, height=240, duration_s=1)
    assert decoded(tmp_path / "made.mp4") == decoded(tmp_path / "source.mp4")


def test_a_real_one_in_fragments_is_refused(tmp_path: Path) -> None:
    source = encoded(tmp_path / "source.mp4", "-movflags", "frag_keyframe+empty_moov")

    with pytest.raises(MediaRejectedError) as caught:
        clean(source)
    assert caught.value.reason == "fragmented"


def test_the_simulators_film_decodes_to_the_same_pictures(tmp_path: Path) -> None:
    source = drawn(5, "1042")
    assert b"CANARY" in source

    made, _ = clean(source)

    for name, data in (("source", source), ("made", made)):
        (tmp_path / f"{name}.mp4").write_bytes(data)
    assert b"CANARY" not in made
    assert decoded(tmp_path / "made.mp4") == decoded(tmp_path / "source.mp4")
