import pytest
import yaml

from facsimile.data.sample import SampleDataset
from facsimile.errors import UserError


@pytest.fixture
def root(tmp_path):
    sources = {
        "b": {"subject": "bea", "files": [{"path": "clips/b2.mp4"}, {"path": "clips/b1.mp4"}]},
        "a": {"subject": "al", "files": [{"path": "clips/z.mp4"}]},
        "orl": {"subject": "orl", "files": [{"path": "orl"}]},
    }
    (tmp_path / "sources.yaml").write_text(yaml.safe_dump(sources, sort_keys=False))
    names = ["clips/b2.mp4", "clips/b1.mp4", "clips/z.mp4", "orl/s2/1.pgm", "orl/s10/1.pgm"]
    for name in [*names, "orl/s2/10.pgm", "orl/s2/2.pgm"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def test_clips_come_in_order_with_their_person(root):
    clips = list(SampleDataset(root).clips())
    videos = [(c.clip, c.subject, c.cropped) for c in clips if c.kind == "video"]
    assert videos == [("b1", "bea", False), ("b2", "bea", False), ("z", "al", False)]
    images = [(c.clip, c.frame, c.subject, c.cropped) for c in clips if c.kind == "image"]
    assert images == [
        ("s2", 1, "orl_s2", True),
        ("s2", 2, "orl_s2", True),
        ("s2", 10, "orl_s2", True),
        ("s10", 1, "orl_s10", True),
    ]


@pytest.mark.parametrize("name", ["sources.yaml", "clips/z.mp4"])
def test_what_is_missing_is_named(root, name):
    (root / name).unlink()
    with pytest.raises(UserError, match=rf"{name}.*facsimile fetch"):
        list(SampleDataset(root).clips())


@pytest.mark.sample
def test_the_fetched_set(sample_root):
    dataset = SampleDataset(sample_root)
    clips = list(dataset.clips())
    assert all(clip.path.is_file() for clip in clips)
    assert [c.clip for c in clips if c.kind == "video"] == [
        "cap12_edit",
        "cap13_edit2",
        "franck",
        "pyfeat_man",
        "wolfgang_langer",
    ]
    people = {f"orl_s{n}" for n in range(1, 41)} | {"cap", "franck", "pyfeat_man"}
    assert {c.subject for c in clips} == people | {"wolfgang_langer"}
    assert len(clips) == 405


@pytest.mark.sample
def test_every_fetched_source_says_where_it_is_from(sample_root):
    stated = ("origin", "licence", "consent", "citation", "package", "version", "sha256")
    for source in SampleDataset(sample_root).describe().values():
        assert all(source[key] for key in stated)
