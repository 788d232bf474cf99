import hashlib
import json
from dataclasses import replace

import pytest
from c2pa import Reader

from facsimile.errors import UserError
from facsimile.media.image import read_image
from facsimile.media.video import read_frames
from facsimile.provenance.read import read
from facsimile.provenance.sign import SYNTHESIS, sign


def assertion(manifest, label):
    return next(a["data"] for a in manifest["assertions"] if a["label"] == label)


@pytest.fixture
def signed(unsigned, claim, tmp_path):
    output = tmp_path / "out" / f"signed-ü{unsigned.suffix}"
    sign(unsigned, output, claim)
    return output


def test_a_signed_file_reads_back_valid_and_signed_here(signed):
    found = read(signed)
    assert (found.status, found.signed_here) == ("valid", True)


def test_the_manifest_says_what_was_claimed(signed, claim):
    manifest = read(signed).manifest
    said = assertion(manifest, SYNTHESIS)
    digest = hashlib.sha256(claim.ingredients[0].read_bytes()).hexdigest()
    assert said == {
        "synthetic": True,
        "kind": "swap",
        "description": "a's identity on b's frames",
        "model": {"name": "swap_df", "sha256": "ab" * 32},
        "training_data": ["sample/a", "sample/b"],
        "consent": "both agreed",
        "ingredients": [{"title": "target.png", "sha256": digest}],
    }
    actions = assertion(manifest, "c2pa.actions.v2")["actions"]
    assert [action["action"] for action in actions] == ["c2pa.created", "c2pa.edited"]
    for action in actions:
        assert action["digitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert [i["title"] for i in manifest["ingredients"]] == ["target.png"]


def enhanced(claim, parent):
    return replace(claim, kind="enhancement", ingredients=(), parent=parent)


def test_what_is_enhanced_is_an_edited_version_of_its_parent(unsigned, claim, tmp_path):
    output = tmp_path / f"enhanced{unsigned.suffix}"
    sign(unsigned, output, enhanced(claim, claim.ingredients[0]))
    found = read(output)
    assert (found.status, found.problems) == ("valid", ())
    opened, edited = assertion(found.manifest, "c2pa.actions.v2")["actions"]
    [parent] = found.manifest["ingredients"]
    assert (parent["title"], parent["relationship"]) == ("target.png", "parentOf")
    assert opened["action"] == "c2pa.opened"
    [link] = opened["parameters"]["ingredients"]
    assert link["url"].endswith(parent["label"])
    assert "digitalSourceType" not in opened
    assert (edited["action"], edited["description"]) == ("c2pa.edited", claim.description)
    assert edited["digitalSourceType"].endswith("/algorithmicallyEnhanced")
    digest = hashlib.sha256(claim.ingredients[0].read_bytes()).hexdigest()
    said = assertion(found.manifest, SYNTHESIS)
    assert said["ingredients"] == [{"title": "target.png", "sha256": digest}]


def test_pictures_of_many_that_were_restored_are_a_work_of_their_own(unsigned, claim, tmp_path):
    output = tmp_path / f"sheet{unsigned.suffix}"
    sign(unsigned, output, enhanced(claim, None))
    found = read(output)
    created, edited = assertion(found.manifest, "c2pa.actions.v2")["actions"]
    assert (found.status, created["action"]) == ("valid", "c2pa.created")
    for action in (created, edited):
        assert action["digitalSourceType"].endswith("/algorithmicallyEnhanced")


def test_what_a_signed_parent_says_goes_on_with_its_version(unsigned, claim, tmp_path):
    swapped = tmp_path / f"swapped{unsigned.suffix}"
    sign(unsigned, swapped, claim)
    output = tmp_path / f"enhanced{unsigned.suffix}"
    sign(unsigned, output, enhanced(claim, swapped))
    with Reader(output) as reader:
        store = json.loads(reader.json())
    [parent] = store["manifests"][store["active_manifest"]]["ingredients"]
    before = store["manifests"][parent["active_manifest"]]
    assert assertion(before, SYNTHESIS)["kind"] == "swap"
    assert assertion(store["manifests"][store["active_manifest"]], SYNTHESIS)["kind"] != "swap"


def test_the_parents_type_is_that_of_its_content(unsigned, claim, tmp_path):
    misnamed = tmp_path / "misnamed.tiff"
    misnamed.write_bytes(unsigned.read_bytes())
    output = tmp_path / f"enhanced{unsigned.suffix}"
    sign(unsigned, output, enhanced(claim, misnamed))
    [parent] = read(output).manifest["ingredients"]
    kinds = {".mp4": "video/mp4", ".png": "image/png", ".jpg": "image/jpeg"}
    assert (parent["title"], parent["format"]) == ("misnamed.tiff", kinds[unsigned.suffix])


def test_pictures_are_untouched(unsigned, signed):
    if unsigned.suffix != ".mp4":
        assert (read_image(unsigned) == read_image(signed)).all()
        return
    before = [frame.image for frame in read_frames(unsigned)]
    after = [frame.image for frame in read_frames(signed)]
    assert len(before) == len(after) == 12
    assert all((a == b).all() for a, b in zip(before, after, strict=True))


def test_signing_over_itself_and_again(unsigned, claim):
    sign(unsigned, unsigned, claim)
    sign(unsigned, unsigned, replace(claim, model="second", ingredients=(unsigned,)))
    found = read(unsigned)
    assert found.status == "valid"
    assert assertion(found.manifest, SYNTHESIS)["model"]["name"] == "second"


def test_a_missing_file_is_named(claim, tmp_path):
    with pytest.raises(UserError, match=r"absent\.mp4"):
        sign(tmp_path / "absent.mp4", tmp_path / "out.mp4", claim)


def test_a_type_without_manifests_leaves_nothing(claim, tmp_path):
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(UserError, match=r"a\.txt"):
        sign(tmp_path / "a.txt", tmp_path / "out" / "b.txt", claim)
    assert not any((tmp_path / "out").glob("*"))
