from pathlib import Path

import pytest
import torch

from facsimile.errors import UserError
from facsimile.inference.checkpoint import load_net, load_weights
from facsimile.models.df_autoencoder import DFAutoencoder

SIZES = {
    "resolution": 16,
    "encoder_dim": 4,
    "code_dim": 8,
    "inter_dim": 8,
    "decoder_dims": [8, 6, 4],
}
TARGET = "facsimile.models.df_autoencoder.DFAutoencoder"


VERSION = {"config": "a", "data": "b", "code": "c"}


def save(path: Path, net: dict, state: dict | None = None) -> Path:
    weights = DFAutoencoder(**SIZES).state_dict() if state is None else state
    stored = {
        "state_dict": {f"net.{key}": value for key, value in weights.items()},
        "facsimile": {"net": net, "task": "swap", "version": VERSION},
        "optimizer_states": [{"step": 3}],
    }
    torch.save(stored, path)
    return path


def test_rebuilds_the_net_with_its_weights(tmp_path):
    torch.manual_seed(0)
    original = DFAutoencoder(**SIZES).eval()
    path = save(tmp_path / "a.ckpt", {"_target_": TARGET, **SIZES}, original.state_dict())
    net, meta = load_net(path)
    assert not net.training
    assert meta["task"] == "swap"
    assert meta["net"]["resolution"] == 16
    x = torch.rand(2, 3, 16, 16)
    torch.testing.assert_close(net(x, "dst")[0], original(x, "dst")[0], rtol=0, atol=0)


def test_missing_file(tmp_path):
    with pytest.raises(UserError, match="no checkpoint at .*none.ckpt"):
        load_net(tmp_path / "none.ckpt")


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04broken"])
def test_foreign_file(tmp_path, content):
    path = tmp_path / "a.ckpt"
    path.write_bytes(content)
    with pytest.raises(UserError, match="a.ckpt is not a checkpoint"):
        load_net(path)


def test_truncated_file(tmp_path):
    path = save(tmp_path / "a.ckpt", {"_target_": TARGET, **SIZES})
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(UserError, match="a.ckpt is not a checkpoint"):
        load_net(path)


@pytest.mark.parametrize(
    "content", [{"state_dict": {}}, [1, 2], {"facsimile": 3, "state_dict": {}}]
)
def test_checkpoint_of_another_program(tmp_path, content):
    torch.save(content, tmp_path / "a.ckpt")
    with pytest.raises(UserError, match="a.ckpt"):
        load_net(tmp_path / "a.ckpt")


@pytest.mark.parametrize("key", ["net", "task"])
def test_a_part_of_the_description_is_missing(tmp_path, key):
    path = save(tmp_path / "a.ckpt", {"_target_": TARGET, **SIZES})
    stored = torch.load(path)
    del stored["facsimile"][key]
    torch.save(stored, path)
    with pytest.raises(UserError, match=f"a.ckpt does not say its {key}: train it again"):
        load_net(path)


def test_a_pretrained_net_is_only_to_start_from(tmp_path):
    path = save(tmp_path / "a.ckpt", {"_target_": TARGET, **SIZES})
    stored = torch.load(path)
    stored["facsimile"]["pretrain"] = True
    torch.save(stored, path)
    with pytest.raises(UserError, match="init=.*a.ckpt"):
        load_net(path)
    weights, meta = load_weights(path)
    assert meta["pretrain"] and weights.keys() == DFAutoencoder(**SIZES).state_dict().keys()


class Payload:
    """Runs a command when a pickle of it is read without care."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_a_pickle_with_code_in_it_is_not_run(tmp_path):
    trace = tmp_path / "trace"
    torch.save({"state_dict": {}, "facsimile": Payload(str(trace))}, tmp_path / "a.ckpt")
    with pytest.raises(UserError, match="safe to read") as raised:
        load_net(tmp_path / "a.ckpt")
    assert "weights_only" not in str(raised.value) and "\n" not in str(raised.value)
    assert not trace.exists()


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "subprocess.Popen",
        "facsimile.models_of_a_stranger.Net",
        "facsimile.inference.swap.StillSwapper",
        "facsimile.models.df_autoencoder.torch.load",
        "facsimile.models.df_autoencoder.cast",
        "facsimile.models.df_autoencoder.Missing",
        "facsimile.models.missing.Net",
        "facsimile.models.swap_autoencoder.SwapAutoencoder",
        "",
    ],
)
def test_only_nets_of_our_own_are_built(tmp_path, target):
    path = save(tmp_path / "a.ckpt", {"_target_": target, "command": "true"})
    with pytest.raises(UserError, match="a.ckpt"):
        load_net(path)


def test_weights_of_another_size(tmp_path):
    path = save(tmp_path / "a.ckpt", {"_target_": TARGET, **SIZES, "code_dim": 12})
    with pytest.raises(UserError, match="do not fit"):
        load_net(path)


def test_arguments_that_the_net_does_not_take(tmp_path):
    path = save(tmp_path / "a.ckpt", {"_target_": TARGET, **SIZES, "colour": "red"})
    with pytest.raises(UserError, match="colour"):
        load_net(path)


def test_of_another_task(tmp_path):
    path = save(tmp_path / "a.ckpt", {"_target_": TARGET, **SIZES})
    with pytest.raises(
        UserError, match="a.ckpt is a checkpoint of task swap: give one of task det"
    ):
        load_net(path, "detection")
