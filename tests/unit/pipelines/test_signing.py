"""What a manifest says of a swap, from whatever model."""

import pytest

from facsimile.media.files import sha256
from facsimile.pipelines.face_model import FaceModel
from facsimile.pipelines.signing import signer


@pytest.fixture
def claim_of(tmp_path):
    """The claim of a swap by a model of which that is known."""
    (tmp_path / "net.ckpt").write_bytes(b"weights")

    def claim(ground="public domain", **known):
        facts = {"name": "net", "source": "ann", "target": "bob", "training_data": ()} | known
        model = FaceModel(lambda crops: (crops, None), 16, 1.0, tmp_path / "net.ckpt", **facts)
        return signer(model, tmp_path / "bob.mp4", ground).keywords["claim"]

    return claim


def test_who_and_what_is_named(claim_of, tmp_path):
    claim = claim_of(training_data=("mine/ann", "mine/bob"))
    assert claim.kind == "swap"
    assert claim.description == "the face in bob.mp4 was replaced by a synthetic face of ann"
    assert (claim.model, claim.model_sha256) == ("net", sha256(tmp_path / "net.ckpt"))
    assert claim.training_data == ("mine/ann", "mine/bob")
    assert claim.ingredients == (tmp_path / "bob.mp4",)


def test_data_that_nobody_names_are_unknown(claim_of):
    assert claim_of().training_data == ("unknown",)


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (None, "public domain"),
        ("public domain", "public domain"),
        ("ann agreed", "public domain; of the model: ann agreed"),
    ],
)
def test_grounds_are_the_targets_and_the_models(claim_of, models, said):
    assert claim_of(consent=models).consent == said
