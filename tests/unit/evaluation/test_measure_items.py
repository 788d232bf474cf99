from pathlib import Path

import numpy as np
import pytest

from facsimile.errors import UserError
from facsimile.evaluation.measure_items import items_of
from facsimile.evaluation.measure_source import source_of
from facsimile.media.image import write_image


def touch(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


def test_files_of_folders_belong_together_by_their_path_but_for_the_suffix(tmp_path):
    ours = touch(
        tmp_path / "a", "1.png", "sub/2.mp4", "only.png", "twice.png", "twice.jpg", "n.txt"
    )
    theirs = touch(tmp_path / "b", "1.JPG", "sub/2.mkv", "2.mp4", "twice.png")
    items, rejected = items_of(ours, theirs)
    assert [(one.name, one.reference.name, one.distorted.name) for one in items] == [
        ("1", "1.png", "1.JPG"),
        ("sub/2", "2.mp4", "2.mkv"),
    ]
    reasons = {str(Path(path).relative_to(tmp_path)): reason for path, reason in rejected.items()}
    assert set(reasons) == {
        "a/only.png",
        "a/twice.png",
        "a/twice.jpg",
        "a/n.txt",
        "b/2.mp4",
        "b/twice.png",
    }
    assert "apart" in reasons["a/twice.png"] and "no only" in reasons["a/only.png"]


def test_what_cannot_be_paired_is_refused(tmp_path):
    ours, theirs = touch(tmp_path / "a", "1.png"), touch(tmp_path / "b", "2.png")
    with pytest.raises(UserError, match="agree but for the suffix"):
        items_of(ours, theirs)
    with pytest.raises(UserError, match="one is|a folder and the other a file"):
        items_of(ours, theirs / "2.png")
    with pytest.raises(UserError, match="reference=FILE"):
        items_of(tmp_path / "none", theirs)


def test_a_file_is_what_it_holds_whatever_its_name_says(tmp_path):
    write_image(tmp_path / "a.png", np.zeros((20, 30, 3), np.uint8))
    (tmp_path / "a.png").rename(tmp_path / "a.mp4")
    source = source_of(tmp_path / "a.mp4")
    assert (source.rate, source.size, source.frames) == (None, (30, 20), 1)
    (tmp_path / "b.mp4").write_text("hello")
    with pytest.raises(UserError, match="text"):
        source_of(tmp_path / "b.mp4")
