import json
from pathlib import Path

import pytest
import yaml

from facsimile.errors import UserError
from facsimile.provenance.sign import Claim
from facsimile.studio.errors import NotFoundError
from facsimile.studio.models import Checkpoints, ModelList, NoModels, Restorer
from facsimile.studio.registered import Joined, RegisteredModels

CLAIM = Claim("enhancement", "", "net", None, (), "nobody is shown")


@pytest.fixture
def read():
    """Every checkpoint that was read, in order."""
    return []


@pytest.fixture
def load(read):
    def restorer(path):
        read.append(path)
        return Restorer(lambda image: image, CLAIM)

    return restorer


def trained(folder, name, task="enhancement", net="dncnn.DnCNN", **metrics):
    place = folder / name
    place.mkdir(parents=True)
    (place / "checkpoint.ckpt").write_bytes(b"weights")
    config = {"model": {"_target_": f"facsimile.models.{net}"}, "task": {"name": task}}
    (place / "config.yaml").write_text(yaml.safe_dump(config))
    (place / "metrics.json").write_text(json.dumps(metrics))


def test_checkpoints_are_listed_with_their_metrics_before_architectures(tmp_path, load):
    trained(tmp_path, "good", **{"test/psnr": 30.5})
    trained(tmp_path, "swap_df", "swap", "df_autoencoder.DFAutoencoder")
    models = Checkpoints(tmp_path, ("df_autoencoder", "dncnn", "unet"), load)
    assert isinstance(models, ModelList)
    first, second, third = models.models()
    assert (first.name, first.task, first.architecture) == ("good", "enhancement", "dncnn")
    assert first.metrics == {"test/psnr": 30.5}
    assert (second.task, third.name, third.trained) == ("swap", "unet", False)


def test_a_checkpoint_is_read_once_and_anew_when_it_was_trained_again(tmp_path, load, read):
    import os

    trained(tmp_path, "good")
    models = Checkpoints(tmp_path, (), load)
    for _ in range(2):
        assert models.restorer("good").claim is CLAIM
    assert read == [tmp_path / "good/checkpoint.ckpt"]
    os.utime(read[0], ns=(1, 1))
    models.restorer("good")
    assert len(read) == 2


@pytest.mark.parametrize("name", ["swap_df", "none", "../good", "", "good/checkpoint.ckpt", "unet"])
def test_only_a_trained_restoration_of_the_list_is_read(tmp_path, load, read, name):
    trained(tmp_path / "in", "good")
    trained(tmp_path / "in", "swap_df", "swap")
    with pytest.raises(NotFoundError):
        Checkpoints(tmp_path / "in", ("unet",), load).restorer(name)
    assert read == []


def test_what_describes_itself_badly_is_listed_without(tmp_path, load):
    trained(tmp_path, "odd")
    (tmp_path / "odd/config.yaml").write_text("a: [")
    (tmp_path / "odd/metrics.json").write_text("[1]")
    [model] = Checkpoints(tmp_path, (), load).models()
    assert (model.task, model.architecture, model.metrics) == ("", "", {})


class Registry:
    """Two versions of one net."""

    away = False

    def registered(self):
        if self.away:
            raise UserError("away")
        row = {"name": "enhancement-small", "task": "enhancement", "metrics": {"test/psnr": 31.0}}
        return [row | {"version": number, "best": number == "2"} for number in ("1", "2")]

    def checkpoint(self, name, version, folder):
        folder.mkdir(parents=True)
        (folder / "net.ckpt").write_bytes(version.encode())
        return folder / "net.ckpt"


def test_registered_models_are_called_by_version_the_best_first(tmp_path, load, read):
    models = RegisteredModels(Registry(), tmp_path, load)
    assert isinstance(models, ModelList)
    assert [one.name for one in models.models()] == [
        "enhancement-small@best",
        "enhancement-small@1",
    ]
    models.restorer("enhancement-small@best")
    models.restorer("enhancement-small@best")
    assert read == [Path(tmp_path / "enhancement-small-2/net.ckpt")]
    with pytest.raises(NotFoundError):
        models.restorer("enhancement-small@3")


def test_a_registry_that_is_away_hides_only_its_own(tmp_path, load):
    trained(tmp_path, "good")
    registry = Registry()
    registry.away = True
    away = RegisteredModels(registry, tmp_path / "copies", load)
    both = Joined([away, Checkpoints(tmp_path, (), load)])
    assert [one.name for one in both.models()] == ["good"]
    assert both.restorer("good").claim is CLAIM
    with pytest.raises(NotFoundError):
        both.restorer("none")


def test_no_models_are_none():
    assert NoModels().models() == []
    with pytest.raises(NotFoundError):
        NoModels().restorer("any")
