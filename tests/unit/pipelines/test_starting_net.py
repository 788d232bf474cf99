"""What a training starts from: which weights go over, and what does not fit."""

import pytest
import torch
from omegaconf import OmegaConf

from facsimile.errors import UserError
from facsimile.media.files import sha256
from facsimile.models.df_autoencoder import DFAutoencoder
from facsimile.models.liae_autoencoder import LIAEAutoencoder
from facsimile.pipelines.starting_net import start_of, starting_net

SIZES = {
    "resolution": 16, "encoder_dim": 4, "code_dim": 8, "inter_dim": 8, "decoder_dims": [8, 6, 4],
}  # fmt: skip
KINDS = {"df_autoencoder": DFAutoencoder, "liae_autoencoder": LIAEAutoencoder}


def described(module, **changes):
    return {"_target_": f"facsimile.models.{module}.{KINDS[module].__name__}", **SIZES, **changes}


def net(module, seed):
    torch.manual_seed(seed)
    return KINDS[module](**SIZES)


def save(path, module="df_autoencoder", **meta):
    """A checkpoint whose averaged weights are those of seed 1."""
    weights = net(module, 1).state_dict()
    current = net(module, 2).state_dict()
    stored = {
        "state_dict": {f"net.{key}": value for key, value in weights.items()},
        "current_model_state": {f"net.{key}": value for key, value in current.items()},
        "facsimile": {"net": described(module), "task": "swap", "data": "other",
                      "subjects": {"src": "eve", "dst": "bob"}, **meta},
    }  # fmt: skip
    torch.save(stored, path)
    return path


def config(path, module="df_autoencoder", pretrain=False, renew=None, **model):
    return OmegaConf.create({
        "init": path and str(path),
        "renew": renew,
        "model": described(module, **model),
        "task": {"name": "swap", "data_module": {"pretrain": pretrain}},
    })  # fmt: skip


def given(cfg, module="df_autoencoder"):
    """The parts of a new net that have the checkpoint's weights, and those that kept their own."""
    return compared(starting_net(cfg), module)


def compared(start, module="df_autoencoder"):
    new, own, old = net(module, 3), net(module, 3), net(module, 1)
    start.give_to(new)
    parts = [name for name, _ in new.named_children()]

    def same(name, other):
        ours, theirs = (part.get_submodule(name).state_dict() for part in (new, other))
        return all(torch.equal(value, theirs[key]) for key, value in ours.items())

    return {name for name in parts if same(name, old)}, {name for name in parts if same(name, own)}


def test_all_the_averaged_weights_go_over(tmp_path):
    taken, kept = given(config(save(tmp_path / "a.ckpt")))
    assert taken == {"encoder", "inter", "images"} and not kept


@pytest.mark.parametrize(
    ("module", "inters"),
    [("df_autoencoder", {"inter"}), ("liae_autoencoder", {"inter_ab", "inter_b"})],
)
def test_after_pretraining_the_inters_start_anew(module, inters, tmp_path):
    path = save(tmp_path / "a.ckpt", module, pretrain=True, subjects={})
    taken, kept = given(config(path, module), module)
    assert kept == inters and not taken & inters and "encoder" in taken
    for cfg in (config(path, module, renew=[]), config(path, module, pretrain=True)):
        assert not given(cfg, module)[1]


def test_any_part_starts_anew_where_it_is_named(tmp_path):
    path = save(tmp_path / "a.ckpt", pretrain=True)
    taken, kept = given(config(path, renew=["images"]))
    assert (taken, kept) == ({"encoder", "inter"}, {"images"})
    with pytest.raises(UserError, match=r"renew=\[inter_b\]: the net's parts are encoder, inter"):
        given(config(path, renew=["inter_b"]))


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ({"code_dim": 12}, "its code_dim is 8, here 12"),
        ({"decoder_dims": [8, 6, 8]}, r"its decoder_dims is \[8, 6, 4\], here \[8, 6, 8\]"),
        ({"mask_dim": 2, "resolution": 32}, "mask_dim is null, here 2; its resolution is 16"),
        ({"pixel_norm": True}, "its pixel_norm is false, here true"),  # which no shape tells
    ],
)
def test_another_model_is_refused_by_what_differs(model, told, tmp_path):
    path = save(tmp_path / "a.ckpt")
    with pytest.raises(UserError, match=f"a.ckpt has another model: .*{told}"):
        starting_net(config(path, **model))


def test_another_family_is_refused(tmp_path):
    path = save(tmp_path / "a.ckpt")
    with pytest.raises(UserError, match=r"its net is .*DFAutoencoder, here .*LIAEAutoencoder"):
        starting_net(config(path, "liae_autoencoder"))


def test_defaults_that_an_older_checkpoint_does_not_name_do_not_differ(tmp_path):
    path = save(tmp_path / "a.ckpt")
    assert starting_net(config(path, cosine=False, mask_dim=None)) is not None


def test_another_task_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(UserError, match="is of task enhancement, and not of swap"):
        starting_net(config(save(tmp_path / "a.ckpt", task="enhancement")))
    with pytest.raises(UserError, match="no checkpoint at .*none.ckpt"):
        starting_net(config(tmp_path / "none.ckpt"))
    with pytest.raises(UserError, match="there is no such checkpoint"):
        start_of(config(tmp_path / "none.ckpt"))


def test_damaged_weights_are_refused(tmp_path):
    path = save(tmp_path / "a.ckpt")
    stored = torch.load(path, weights_only=True)
    stored["state_dict"].popitem()
    torch.save(stored, path)
    with pytest.raises(UserError, match="a.ckpt: its weights do not fit"):
        given(config(path))


def test_without_a_start_nothing_is_to_renew():
    assert starting_net(config(None)) is None and start_of(config(None)) == {}
    with pytest.raises(UserError, match="init="):
        starting_net(config(None, renew=["inter"]))


def test_a_start_is_known_by_its_content_and_not_by_its_place(tmp_path):
    one, other = save(tmp_path / "a.ckpt"), tmp_path / "b.ckpt"
    other.write_bytes(one.read_bytes())
    assert start_of(config(one)) == start_of(config(other)) != {}
    assert start_of(config(one)) != start_of(config(one, renew=["inter"]))
    save(other, name="another")
    assert start_of(config(one)) != start_of(config(other))


def test_what_becomes_of_the_file_later_changes_neither_weights_nor_description(tmp_path):
    """A training may take days, and its start may itself be trained anew meanwhile."""
    path = save(tmp_path / "a.ckpt", name="old")
    start, content = starting_net(config(path)), sha256(path)
    path.unlink()
    assert compared(start)[0] == {"encoder", "inter", "images"}
    assert start.description()["sha256"] == content


def test_the_start_is_described_with_the_data_that_it_learned_from(tmp_path):
    earlier = {"training_data": ["first/ann", "other/eve"], "consent": "both agreed"}
    told = starting_net(config(save(tmp_path / "a.ckpt", name="old", **earlier))).description()
    assert told["name"] == "old" and len(told["sha256"]) == 64
    assert told["training_data"] == ["first/ann", "other/eve"]
    assert told["consent"] == "both agreed"
    told = starting_net(config(save(tmp_path / "b.ckpt"))).description()
    assert told["training_data"] == ["other/eve", "other/bob"] and told["consent"] is None
