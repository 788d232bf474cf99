import pandas as pd
import pytest
from tests.trees import write_json

from facsimile.data.detection_faces import check_apart
from facsimile.data.dfdc import DfdcDataset
from facsimile.data.dfdc_writing import PartVideo, write_part
from facsimile.data.fakes import FakesDataset
from facsimile.data.split_rules import IdentityRule
from facsimile.data.splits import check_leaks, split_identities
from facsimile.errors import UserError

PAIRS = (("franck", "cap"), ("cap", "eve"), ("eve", "franck"), ("bob", "franck"), ("bob", "cap"))
NO_SWAP = pd.DataFrame({"path": [], "clip": [], "frame": [], "split": []})


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
    assert len(clips) == 14 and sum(clip.label for clip in clips.values()) == 10
    assert clips["realcap"].subject == "cap"
    assert clips["franckcap"].subject == "franck_on_cap"
    assert clips["franckcap"].origin == clips["franckcap"].boxes_of == "realcap"


def test_the_same_real_video_of_two_parts_counts_once(root):
    twice = [path for path, reason in reasons(root).items() if "same name" in reason]
    assert sorted(path.rpartition("/")[2] for path in twice) == sorted(
        f"real{who}.mp4" for who in ("franck", "franck", "cap", "cap", "eve", "bob")
    )


def test_dfdc_reads_the_same_videos_and_knows_nobody(root):
    clips = {clip.clip: clip for clip in DfdcDataset(root).clips()}
    assert set(clips) == set(listed(root))
    assert {clip.subject for clip in clips.values()} == {""}
    assert {name: clip.label for name, clip in clips.items()} == {
        name: clip.label for name, clip in listed(root).items()
    }


@pytest.mark.parametrize(("person", "other"), [("franck", "bob"), ("cap", "eve"), ("eve", "cap")])
def test_who_is_held_out_is_tested_and_validated_on_and_never_trained_on(root, person, other):
    rule = IdentityRule({"test": [person], "val": [other], "train": ["*"]}, {})
    table = split_identities(faces(root, held_out=[person, other]), rule)
    check_leaks(table, NO_SWAP, 0)
    check_apart(table.assign(data="fakes"))
    shown = {split: set(part.subject) for split, part in table.groupby("split")}
    assert shown["test"] == {person, f"{other}_on_{person}"}
    assert shown["val"] == {other, f"{person}_on_{other}"}
    third, fourth = sorted({"franck", "cap", "eve", "bob"} - {person, other})
    assert shown["train"] == {third, fourth, f"{third}_on_{fourth}", f"{fourth}_on_{third}"}
    left = [one for one in reasons(root, held_out=[person, other]).values() if "held out" in one]
    assert len(left) == 10 - 4
    assert set(left) <= {
        f"it shows {held}, who is held out, and {seen}, who is not"
        for held in (person, other)
        for seen in (third, fourth)
    }


def test_without_holding_out_people_a_detector_may_not_learn_from_the_split(root):
    rule = IdentityRule({"test": ["cap"], "val": ["eve"], "train": ["*"]}, {})
    table = split_identities(faces(root), rule)
    assert table[table.split == "train"].subject.str.startswith("cap_on").any()
    with pytest.raises(UserError, match="cap is in test and train.*held_out in docs/fakes.md"):
        check_apart(table.assign(data="fakes"))


def test_nobody_of_a_mistyped_name_is_held_out_unseen(root):
    with pytest.raises(UserError, match="capp is none of bob, cap, eve, franck"):
        listed(root, held_out=["capp"])


@pytest.mark.parametrize("held_out", ["cap", ["cap"], ["bob", "eve"]])
def test_who_are_no_pair_are_not_held_out(root, held_out):
    with pytest.raises(UserError, match="hold out both people of a pair"):
        listed(root, held_out=held_out)


def test_a_name_that_reads_like_two_is_set_aside(root):
    part(root, "franck", "ann_on_bob")
    told = {path: reason for path, reason in reasons(root).items() if "ann_on_bob" in path}
    assert [reason for path, reason in told.items() if "same name" not in reason] == [
        "people.csv has a name with '_on_', which stands between two names"
    ] * 3
    assert not any("ann_on_bob" in clip.subject for clip in listed(root).values())


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
