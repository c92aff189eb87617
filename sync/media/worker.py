"""The process that touches hostile bytes: reads tasks on stdin, answers on stdout, ends at EOF.

    python -m sync.media.worker

Started by `crew` with an environment of its own, without the daemon's secrets or sockets. It may
be killed at any moment: it writes only into the folder that its task names.
"""

import os
import resource
import signal
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec

from sync.media import mp4, pdf, placeholder, wire
from sync.media.decode import VipsError, decode, is_out_of_memory, prepare
from sync.media.encode import encode
from sync.media.errors import MediaFailedError, MediaRejectedError
from sync.media.model import Document, Picture, Purpose, Video
from sync.media.recipe import Cut, recipe_for
from sync.media.share import cut
from sync.media.sniff import trim
from sync.media.store import DOCUMENT, SIDECAR, VIDEO, VIDEO_SIDECAR, disk_errors, write

_MEMORY = 3 << 30
"""Bytes of address space. A photo takes about 100 MB; this ends whatever runs away."""
_NICENESS = 10


def main() -> None:
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold somebody's photo
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not land among the answers
    prepare()
    serve(sys.stdin.buffer, answers)


def serve(tasks: BinaryIO, answers: BinaryIO) -> None:
    answer: wire.Ready | wire.Answer = wire.Ready()
    while True:
        answers.write(wire.frame(answer))
        answers.flush()
        if len(length := tasks.read(wire.LENGTH.size)) < wire.LENGTH.size:
            return
        task = wire.decode_task(tasks.read(*wire.LENGTH.unpack(length)))
        source = tasks.read(task.size)
        if len(source) < task.size:
            return
        # The default action of SIGALRM ends the process, even deep inside a decoder.
        signal.alarm(task.patience_s)
        answer = perform(task, source)
        signal.alarm(0)


def perform(task: wire.Task, source: bytes) -> wire.Answer:
    try:
        return _done(task, source)
    except MediaRejectedError as error:
        return wire.Rejected(error.reason)
    except MediaFailedError as error:
        return wire.Failed(error.reason)
    except MemoryError:
        return wire.Failed("memory")
    except VipsError as error:
        # What the bytes are to blame for was rejected by now: this is an encoder or a resize.
        sys.stderr.write(f"libvips: {str(error)[:500]!r}\n")
        return wire.Failed("memory" if is_out_of_memory(error) else "crash")


def _done(task: wire.Task, source: bytes) -> wire.Answer:
    if task.purpose == "brochure":
        return wire.Cleaned(_clean(task, source))
    if task.purpose == "video":
        return wire.Filmed(_film(task, source))
    return wire.Made(_develop(task, source, task.purpose))


def _clean(task: wire.Task, source: bytes) -> Document:
    data = pdf.clean(source)
    with disk_errors():
        write(Path(task.folder) / DOCUMENT, data)
    return Document(key=task.key, extension="pdf")


def _film(task: wire.Task, source: bytes) -> Video:
    data, shown = mp4.clean(trim(source))
    video = Video(key=task.key, **shown._asdict())
    folder = Path(task.folder)
    with disk_errors():
        write(folder / VIDEO, data)
        write(folder / VIDEO_SIDECAR, msgspec.json.encode(video))
    return video


def _develop(task: wire.Task, source: bytes, purpose: Purpose) -> Picture:
    negative = decode(trim(source), task.kind)
    recipe, width, height = recipe_for(purpose, task.profile), negative.width, negative.height
    if isinstance(recipe, Cut):
        files, smallest = cut(negative.image, recipe)
        width, height = smallest.width, smallest.height
    else:
        files, smallest = encode(negative, recipe)
    picture = Picture(
        key=task.key,
        width=width,
        height=height,
        variants={extension: tuple(made) for extension, made in files.items()},
        blurhash=placeholder.blurhash_of(smallest),
        color=placeholder.mean_colour(smallest),
        placeholder=placeholder.tiny_picture(smallest),
    )
    folder = Path(task.folder)
    with disk_errors():
        for extension, made in files.items():
            for width, data in made.items():
                write(folder / f"{width}.{extension}", data)
        write(folder / SIDECAR, msgspec.json.encode(picture))
    return picture


if __name__ == "__main__":
    main()
