from pathlib import Path

import pytest

from facsimile.data.batching import batches, safe_file_name
from facsimile.data.records import Clip
from facsimile.errors import UserError


def video(name, origin="", boxes_of=""):
    path = Path(f"{name}.mp4")
    return Clip(path, "set", name, "", "video", origin=origin, boxes_of=boxes_of)


def still(number):
    return Clip(Path(f"{number}.jpg"), "set", f"photo{number}", "", "image")


def names(found):
    return {batch.name: [group[0].clip for group in batch.groups] for batch in found}


def test_a_fake_comes_after_its_original():
    clips = [video("fake", "real", "real"), video("other"), video("real", "real")]
    assert names(batches(clips)) == {"real": ["real", "fake"], "other": ["other"]}


def test_what_shares_an_origin_alone_does_not_share_a_batch():
    """All actors of a data set may be linked by swaps; one batch of all would be no batch."""
    clips = [video(f"a{k}", "everybody") for k in range(5)]
    clips += [video(f"a{k}_a{k + 1}", "everybody", f"a{k}") for k in range(4)]
    assert [len(batch.groups) for batch in batches(clips)] == [2, 2, 2, 2, 1]


def test_a_new_video_changes_no_other_batch():
    before = {batch.name: batch for batch in batches([video("a"), video("c")])}
    after = {batch.name: batch for batch in batches([video("a"), video("b"), video("c")])}
    assert {name: after[name] for name in before} == before


def test_stills_are_spread_and_a_new_one_changes_one_batch():
    before, after = (batches(map(still, range(count))) for count in (999, 1000))
    assert len(before) == 4 and max(len(batch.groups) for batch in before) < 400
    assert len({*after} - {*before}) == 1
    assert sum(len(batch.groups) for batch in after) == 1000


def test_a_photo_s_pictures_share_a_batch():
    pair = [
        Clip(Path(f"{k}.jpg"), "set", f"face{k}", "", "image", origin="photo") for k in range(2)
    ]
    (together,) = [
        batch
        for batch in batches([*pair, *map(still, range(2000))])
        if any(clip.origin == "photo" for clip in batch.clips())
    ]
    assert sum(clip.origin == "photo" for clip in together.clips()) == 2


@pytest.mark.parametrize("clips", [[], [video("a"), video("a")], [video("a"), still(1)][:0]])
def test_what_cannot_be_told_apart_is_refused(clips):
    with pytest.raises(UserError):
        batches(clips)


def test_file_names_are_safe_and_distinct():
    odd = ["../../etc", "a/b", "a_b", "a b", "ü/ß", ".hidden", "x" * 300, "x" * 301, "nul\0"]
    safe = [safe_file_name(name) for name in odd]
    assert len(set(safe)) == len(odd)
    assert all("/" not in name and not name.startswith(".") and len(name) < 100 for name in safe)
