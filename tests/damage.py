"""Damaged files made by mutating real ones, the same for the same seed; and what reading them does.

`damaged` writes them. As a program, `python tests/damage.py LIST TIME_LIMIT` reads the files that
LIST names, one a line, and prints a line of JSON for each: a crash leaves the one it was at.
"""

import io
import json
import random
import resource
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import av
import numpy as np
from PIL import Image

IMAGES = ("jpg", "png", "tiff", "webp", "gif", "bmp")
VIDEOS = ("mp4", "mov", "mkv", "webm", "avi", "animated.gif")
ARCHIVES = ("stored.zip", "deflated.zip", "tar")
FRAMES = 12
CODECS = {"webm": ("libvpx", "yuv420p"), "avi": ("mpeg4", "yuv420p")}


@cache
def frames_of(clip: Path) -> list[np.ndarray]:
    """The first frames of a clip as RGB, by PyAV alone."""
    with av.open(str(clip)) as container:
        frames = container.decode(video=0)
        return [frame.to_ndarray(format="rgb24") for frame, _ in zip(frames, range(FRAMES))]  # noqa: B905


@cache
def whole(kind: str, clip: Path) -> bytes:
    """A whole file of one of the kinds above, made from a clip."""
    images = [Image.fromarray(frame) for frame in frames_of(clip)]
    target = io.BytesIO()
    if kind in IMAGES:
        options = {"tiff": {"compression": "tiff_lzw"}, "jpg": {"progressive": len(str(clip)) % 2}}
        form = {"jpg": "JPEG"}.get(kind, kind.upper())
        images[0].save(target, form, **options.get(kind, {}))
    elif kind == "animated.gif":
        images[0].save(target, "GIF", save_all=True, append_images=images[1:4])
    elif kind in VIDEOS:
        encode(target, kind, frames_of(clip))
    else:
        pack(target, kind, clip)
    return target.getvalue()


def encode(target: io.BytesIO, kind: str, frames: list[np.ndarray]) -> None:
    codec, pixels = CODECS.get(kind, ("libx264", "yuv420p"))
    form = {"mkv": "matroska"}.get(kind, kind)
    # one thread: the same bytes every time
    options = {"threads": "1", "g": "6"}
    with av.open(target, "w", form, container_options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixels
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(stream.encode(None))


def pack(target: io.BytesIO, kind: str, clip: Path) -> None:
    files = {"a/clip.mp4": whole("mp4", clip), "a/photo.jpg": whole("jpg", clip)}
    if kind == "tar":
        with tarfile.open(fileobj=target, mode="w") as tar:
            for name, data in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        return
    method = zipfile.ZIP_STORED if kind == "stored.zip" else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)


def place(data: bytes, rng: random.Random) -> slice:
    """A range within the file: half of the time near its beginning, where the headers are."""
    start = rng.randrange(min(len(data), 2048) if rng.random() < 0.5 else len(data))
    return slice(start, start + rng.randint(1, max(2, len(data) // 20)))


def flip(data: bytes, rng: random.Random) -> bytes:
    changed, near = bytearray(data), rng.choice([64, 1024, len(data)])
    for _ in range(rng.choice([1, 4, 32, 256])):
        changed[rng.randrange(min(near, len(data)))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def zero(data: bytes, rng: random.Random) -> bytes:
    where = place(data, rng)
    return data[: where.start] + bytes(len(data[where])) + data[where.stop :]


def cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.choice([0, rng.randrange(64), rng.randrange(len(data))])]


def remove(data: bytes, rng: random.Random) -> bytes:
    where = place(data, rng)
    return data[: where.start] + data[where.stop :]


def repeat(data: bytes, rng: random.Random) -> bytes:
    where = place(data, rng)
    return data[: where.stop] + data[where] * rng.randint(1, 3) + data[where.stop :]


def noise(data: bytes, rng: random.Random) -> bytes:
    where = place(data, rng)
    return data[: where.start] + rng.randbytes(len(data[where])) + data[where.stop :]


def extremes(data: bytes, rng: random.Random) -> bytes:
    """Set a field of four bytes to a size or count that no file has."""
    start = rng.randrange(min(len(data) - 4, rng.choice([64, 1024, len(data)])))
    value = rng.choice(
        [b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\0\0\x4e\x20", b"\0\xff\0\0"]
    )
    return data[:start] + value + data[start + 4 :]


def index(data: bytes, rng: random.Random) -> bytes:
    """Damage the file's own directory: moov, cues, a zip's list of members; or its end."""
    marks = (b"moov", b"\x1c\x53\xbb\x6b", b"idx1", b"PK\1\2")
    start = max([data.find(mark) for mark in marks] + [len(data) - 512, 0])
    changed = bytearray(data)
    for _ in range(rng.choice([1, 4, 16])):
        changed[rng.randrange(start, len(data))] = rng.choice(
            [0, 1, 0x7F, 0xFF, rng.randrange(256)]
        )
    return bytes(changed)


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flip,
    zero,
    cut,
    remove,
    repeat,
    noise,
    extremes,
    index,
)


def damaged(folder: Path, sources: list[Path], count: int, seed: int) -> list[Path]:
    """Write `count` damaged files below a folder, made from sample clips; returns what to read.

    Kinds and ways of damage take turns, so that few files show many of both. A third of the files
    is damaged twice, a tenth bears the name of another kind, a tenth the header of another. What is
    to be read of an archive is a member of it: `007-cut.zip/a/clip.mp4`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(folder, sources, number, seed) for number in range(count)]


def _write(folder: Path, sources: list[Path], number: int, seed: int) -> Path:
    rng = random.Random(f"{seed}/{number}")
    kinds = IMAGES + VIDEOS + ARCHIVES
    kind = kinds[number % len(kinds)]
    data, names = whole(kind, rng.choice(sources)), []
    for mutate in [MUTATIONS[number % len(MUTATIONS)], *rng.choices(MUTATIONS, k=number % 3 == 0)]:
        data = mutate(data, rng) if len(data) > 8 else data
        names.append(mutate.__name__)
    if number % 10 == 4:
        head = rng.choice([8, 32, 256])
        data = whole(rng.choice(kinds), sources[0])[:head] + data[head:]
        names.append("header")
    suffix = kind if number % 10 != 7 else rng.choice(IMAGES + VIDEOS[:-1])
    path = folder / f"{number:03d}-{'-'.join(names)}.{suffix}"
    path.write_bytes(data)
    return path / rng.choice(["a/clip.mp4", "a/photo.jpg"]) if suffix in ARCHIVES else path


def outcome(path: Path, time_limit: float) -> dict[str, object]:
    """What a loader gets of a file: how many frames, how many whole, and the reason it ends."""
    from facsimile.errors import UserError
    from facsimile.media.image import read_image
    from facsimile.media.video import probe, read_frames

    still = path.suffix[1:] in IMAGES and not path.name.endswith("animated.gif")
    begun, frames, good, reason = time.monotonic(), 0, 0, ""
    try:
        if still:
            read_image(path)
            frames = good = 1
        else:
            for frame in read_frames(path, time_limit=time_limit):
                frames, good = frames + 1, good + (not frame.damaged)
    except UserError as error:
        reason = str(error).replace(str(path), "PATH")
    for other in (lambda: probe(path, time_limit), lambda: read_image(path)):
        try:  # what a loader that takes it for the other kind would do
            other()
        except UserError as error:
            assert str(path) in str(error), error
    seconds = round(time.monotonic() - begun, 3)
    return {"frames": frames, "good": good, "reason": reason, "seconds": seconds}


def peak_mb() -> int:
    """Most memory that this process had; what it inherited as a fork, `getrusage` would count."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    for listed in Path(sys.argv[1]).read_text().splitlines():
        print(listed, end="\t", flush=True)
        told = outcome(Path(listed), float(sys.argv[2]))
        print(json.dumps({**told, "peak_mb": peak_mb()}), flush=True)
