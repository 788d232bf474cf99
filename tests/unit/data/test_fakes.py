import pandas as pd
import pytest
from tests.trees import write_json

from facsimile.data.dfdc import DfdcDataset
from facsimile.data.dfdc_writing import PartVideo, write_part
from facsimile.data.fakes import FakesDataset
from facsimile.data.split_rules import IdentityRule
from facsimile.data.splits import check_leaks, split_identities
from facsimile.errors import UserError

PAIRS = (("franck", "cap"), ("cap", "eve"), ("eve", "franck"))


def part(root, one, two):
    """Both directions of a pair; a person's real video has one name, as in the other parts."""
    folder = root / f"{one}_{two}"
    folder.mkdir(parents=True)
    videos = []
    for target, source in ((one, two), (two, one)):
        real = PartVideo(f"real{target}.mp4", target, "", "", target, 0, 9, 0.0)
        fake = PartVideo(f"{source}{target}.mp4", target, source, real.name, target, 0, 9, 1.0)
        videos += [real, fake]
    for video in videos:
        (folder / video.name).write_bytes(b"")
    write_part(folder, videos)


@pytest.fixture
def root(tmp_path):
    for pair in PAIRS:
        part(tmp_path, *pair)
    return tmp_path


def listed(root, **options):
    return {clip.clip: clip for clip in FakesDataset(root, **options).clips()}


def reasons(root, **options):
    return {one.path: one.reason for one in FakesDataset(root, **options).problems()}


def faces(root, **options):
    fields = ("subject", "clip", "origin", "official", "label")
    clips = listed(root, **options).values()
    rows = [{key: getattr(clip, key) for key in fields} for clip in clips]
    return pd.DataFrame(rows).assign(frame=0, path=[clip.clip for clip in clips])


def test_a_fake_is_called_after_both_and_stems_from_its_original(root):
    clips = listed(root)
    assert len(clips) == 9 and sum(clip.label for clip in clips.values()) == 6
    assert clips["realcap"].subject == "cap"
    assert clips["franckcap"].subject == "franck_on_cap"
    assert clips["franckcap"].origin == clips["franckcap"].boxes_of == "realcap"


def test_the_same_real_video_of_two_parts_counts_once(root):
    twice = [path for path, reason in reasons(root).items() if "same name" in reason]
    assert len(twice) == 3
    assert {path.rpartition("/")[2] for path in twice} == {
        f"real{who}.mp4" for who in ("franck", "cap", "eve")
    }


def test_dfdc_reads_the_same_videos_and_knows_nobody(root):
    clips = {clip.clip: clip for clip in DfdcDataset(root).clips()}
    assert set(clips) == set(listed(root))
    assert {clip.subject for clip in clips.values()} == {""}
    assert {name: clip.label for name, clip in clips.items()} == {
        name: clip.label for name, clip in listed(root).items()
    }


@pytest.mark.parametrize("person", ["franck", "cap", "eve"])
def test_who_is_held_out_is_tested_and_never_seen_in_training(root, person):
    rule = IdentityRule({"test": [person], "train": ["*"]}, {})
    table = split_identities(faces(root, held_out=[person]), rule)
    check_leaks(table, pd.DataFrame({"path": [], "clip": [], "frame": [], "split": []}), 0)
    train, test = (table[table.split == split] for split in ("train", "test"))
    assert not train.subject.str.contains(person).any()
    assert set(train.label) == set(test.label) == {0, 1}
    assert test.subject.str.endswith(person).all()
    left = [reason for reason in reasons(root, held_out=[person]).values() if "held out" in reason]
    assert left == [f"it brings the face of {person}, who is held out"] * 2


def test_without_holding_out_faces_of_the_tested_are_trained_on(root):
    table = split_identities(faces(root), IdentityRule({"test": ["cap"], "train": ["*"]}, {}))
    assert table[table.split == "train"].subject.str.startswith("cap_on").any()


def test_two_held_out_may_wear_each_others_faces(root):
    clips = listed(root, held_out=["franck", "cap"])
    assert "franckcap" in clips and "francke" not in clips and "franckeve" not in clips


def test_nobody_of_a_mistyped_name_is_held_out_unseen(root):
    with pytest.raises(UserError, match="capp is none of cap, eve, franck"):
        listed(root, held_out=["capp"])
    assert "capfranck" not in listed(root, held_out="cap")


def test_a_video_that_nobody_lists_is_set_aside(root):
    table = root / "franck_cap/people.csv"
    lines = table.read_text().splitlines()
    table.write_text("\n".join(line for line in lines if "capfranck" not in line))
    assert "capfranck" not in listed(root)
    assert reasons(root)["franck_cap/capfranck.mp4"] == "no people.csv says who is in it"


def test_lists_that_disagree_are_told(root):
    entry = {"label": "FAKE", "split": "train", "original": "realeve.mp4"}
    write_json(root / "more/metadata.json", {"a.mp4": entry})
    (root / "more/a.mp4").write_bytes(b"")
    (root / "more/people.csv").write_text("filename,target,source\na.mp4,eve,\n")
    assert "disagree" in reasons(root)["more/a.mp4"]
    (root / "more/people.csv").write_bytes(b"\xff\xfe")
    assert "UTF-8" in reasons(root)["more/people.csv"]
