"""Small trees in the exact layouts of the data sets, for any test.

What lies in them is cut from the sample clips (`Cut`), or a few bytes where only the listing
matters (`Blank`): `dfdc_full(tmp_path, Blank())`.
"""

import json
import tarfile
import zipfile
from pathlib import Path

from tests.cuts import FRAMES as FRAMES
from tests.cuts import PAIR as PAIR
from tests.cuts import PAIR_BOXES as PAIR_BOXES
from tests.cuts import Blank as Blank
from tests.cuts import Cut as Cut
from tests.cuts import Media as Media


def truncate(path: Path, share: float = 0.6) -> None:
    """Leave only the first part of a file."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


def pack(root: Path, archive: str, *parts: str, method: int = zipfile.ZIP_STORED) -> Path:
    """Move what lies below a folder, or the named parts of it, into a zip or tar in it."""
    parts = parts or tuple(sorted(path.name for path in root.iterdir()))
    found = (path for part in parts for path in (root / part, *sorted((root / part).rglob("*"))))
    files = [path for path in found if path.is_file()]
    target = root / archive
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix == ".tar":
        with tarfile.open(target, "w") as tar:
            for path in files:
                tar.add(path, path.relative_to(root))
    else:
        with zipfile.ZipFile(target, "w", method) as zipped:
            for path in files:
                zipped.write(path, path.relative_to(root))
    for path in files:
        path.unlink()
    return target


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
    names = ("aaa.mp4", "bbb.mp4")
    write_json(folder / "metadata.json", {name: {"augmentations": {}} for name in names})
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
    media.video(root / "real/cap/b.mp4", "cap")
    media.photo(root / "real/cap/2.jpg", "cap")
    pack(root, "more.zip", "real/cap")
    return root
