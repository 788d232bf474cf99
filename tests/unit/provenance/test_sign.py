import hashlib
from dataclasses import replace

import pytest

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


def test_the_kind_chooses_the_source_type(unsigned, claim, tmp_path):
    output = tmp_path / f"enhanced{unsigned.suffix}"
    sign(unsigned, output, replace(claim, kind="enhancement"))
    actions = assertion(read(output).manifest, "c2pa.actions.v2")["actions"]
    assert actions[0]["digitalSourceType"].endswith("/algorithmicallyEnhanced")


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
