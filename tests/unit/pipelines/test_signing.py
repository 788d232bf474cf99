"""What a manifest says of a swap, from whatever model."""

import pytest
from omegaconf import OmegaConf

from facsimile.media.files import sha256
from facsimile.pipelines.face_model import FaceModel
from facsimile.pipelines.signing import signer


@pytest.fixture
def claim_of(tmp_path):
    """The claim of a swap by a model of which that is known."""
    (tmp_path / "net.ckpt").write_bytes(b"weights")

    def claim(stated_now=None, subject="bob", **known):
        facts = {"name": "net", "source": "ann", "target": "bob", "training_data": ()} | known
        model = FaceModel(lambda crops: (crops, None), 16, 1.0, tmp_path / "net.ckpt", **facts)
        data = {"consent": "public domain", "sources": {"eve": {"consent": "eve agreed"}}}
        cfg = OmegaConf.create({"consent": stated_now, "data": data})
        return signer(cfg, model, tmp_path / "bob.mp4", subject).keywords["claim"]

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
    ("now", "models", "said"),
    [
        (None, None, "public domain"),
        (None, "public domain", "public domain"),
        (None, "ann agreed", "public domain; of the model: ann agreed"),
        ("both agreed", "ann agreed", "both agreed; of the model: ann agreed"),
        ("both agreed", "both agreed", "both agreed"),
    ],
)
def test_grounds_are_those_stated_now_or_else_all_that_are_known(claim_of, now, models, said):
    assert claim_of(now, consent=models).consent == said


def test_the_target_counts_by_what_is_stated_of_it(claim_of):
    assert claim_of(subject="eve").consent == "eve agreed"
    assert claim_of(subject=None).consent == "public domain"
