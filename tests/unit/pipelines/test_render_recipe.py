import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from facsimile.media.video import VideoWriter, probe, read_frames
from facsimile.models.df_autoencoder import DFAutoencoder
from facsimile.pipelines.cli import main
from facsimile.provenance.read import read
from facsimile.rendering.direction import Direction
from facsimile.rendering.track import NoFace


@pytest.fixture
def recipe(world, checkpoint, models_root) -> list[str]:
    (world / "experiments/swap_df").mkdir(parents=True)
    shutil.copy(checkpoint, world / "experiments/swap_df/checkpoint.ckpt")
    return [
        "render",
        "experiment=swap_df",
        f"paths.root={world}",
        f"paths.models={models_root}",
        "params.split.swap.blocks.franck.test=[5,14]",
        "params.split.swap.blocks.cap13_edit2.test=[0,8]",
    ]


def lossless(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "render/lossless").iterdir()}


@pytest.mark.sample
def test_a_recipe_renders_both_directions_of_what_is_held_out(recipe, world):
    assert main(recipe) == 0
    folder = world / "experiments/swap_df/render"
    for direction, frames in (("franck_to_cap", 8), ("cap_to_franck", 9)):
        track = pd.read_parquet(folder / f"lossless/{direction}.parquet")
        assert track["detected"].all()
        assert track["frame"].iloc[0] == (0 if direction == "franck_to_cap" else 5)
        for name in (direction, f"still_{direction}"):
            assert len(list(read_frames(folder / f"lossless/{name}.mkv"))) == frames
        for name in (f"{direction}.mp4", f"side_by_side_{direction}.mp4"):
            assert probe(folder / "signed" / name).frames == frames
            assert read(folder / "signed" / name).status == "valid"
        assert read(folder / f"signed/preview_{direction}.png").status == "valid"
    assert not list((world / "work").iterdir())


@pytest.mark.sample
def test_crops_are_those_of_the_checkpoint_whatever_is_extracted_today(recipe, world):
    assert main([*recipe, f"output={world}/one"]) == 0
    assert main([*recipe, f"output={world}/two", "params.extract.coverage=1.8"]) == 0
    one, two = lossless(world / "one"), lossless(world / "two")
    assert one["franck_to_cap.mkv"] == two["franck_to_cap.mkv"]
    # the still, a crop of the data set, follows the data set
    assert one["still_franck_to_cap.mkv"] != two["still_franck_to_cap.mkv"]


@pytest.mark.sample
def test_a_killed_run_goes_on_and_ends_the_same(recipe, world, monkeypatch):
    assert main([*recipe, f"output={world}/whole"]) == 0
    done: list[str] = []

    def killed(self, *arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(Direction, "_compare", killed)
        assert main(recipe) == 130
    assert not (world / "experiments/swap_df/render").exists()
    work = next((world / "work").iterdir())
    (work / "lossless/.partial-left.mkv").write_bytes(b"half a file")
    kept = (work / "lossless/franck_to_cap.mkv").stat().st_mtime_ns
    original = Direction._track

    def watched(self, *arguments):
        done.append(self.name)
        return original(self, *arguments)

    monkeypatch.setattr(Direction, "_track", watched)
    assert main(recipe) == 0
    assert done == ["cap_to_franck"]
    folder = world / "experiments/swap_df/render"
    assert (folder / "lossless/franck_to_cap.mkv").stat().st_mtime_ns == kept
    assert lossless(folder.parent) == lossless(world / "whole")
    assert not list(folder.rglob(".*"))


@pytest.mark.sample
def test_another_look_never_takes_over_half_a_run(recipe, world, monkeypatch):
    with monkeypatch.context() as context:
        context.setattr(Direction, "_compare", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert main(recipe) == 130
    half = next((world / "work").iterdir())
    assert main([*recipe, "render=wide"]) == 0
    assert [path for path in (world / "work").iterdir()] == [half]
    wide = world / "experiments/swap_df/render/lossless/franck_to_cap.mkv"
    assert wide.read_bytes() != (half / "lossless/franck_to_cap.mkv").read_bytes()


@pytest.mark.sample
def test_a_clip_without_a_face_is_set_aside_with_its_reason_and_the_other_rendered(
    recipe, world, monkeypatch, capsys
):
    nobody = world / "data/raw/sample/clips/cap13_edit2.mp4"
    info = probe(nobody)
    with VideoWriter(nobody, info.width, info.height, info.frame_rate) as writer:
        for _ in range(8):
            writer.write(np.zeros((info.height, info.width, 3), np.uint8))
    assert main([*recipe, f"output={world}/one"]) == 0
    assert {path.name for path in (world / "one/render/signed").iterdir()} == {
        "cap_to_franck.mp4", "side_by_side_cap_to_franck.mp4", "preview_cap_to_franck.png",
    }  # fmt: skip
    told = capsys.readouterr()
    assert "cap13_edit2.mp4: no face" in told.err and "franck_to_cap" not in told.out


@pytest.mark.sample
def test_where_no_clip_shows_a_face_nothing_is_written(recipe, world, monkeypatch, capsys):
    monkeypatch.setattr(Direction, "make", refuse)
    assert main(recipe) == 2
    assert "nobody there" in capsys.readouterr().err
    assert not (world / "experiments/swap_df/render").exists()


def refuse(self, *_):
    raise NoFace("nobody there")


@pytest.mark.sample
def test_each_look_of_a_sweep_lies_where_its_evaluation_looks(recipe, world):
    assert main([*recipe, "-m", "render/colour=none,lct", f"output={world}/looks"]) == 0
    none, lct = (lossless(world / f"looks/{job}")["franck_to_cap.mkv"] for job in (0, 1))
    assert none != lct


@pytest.fixture
def with_masks(recipe, world) -> list[str]:
    """The recipe with an untrained net that has mask decoders."""
    path = world / "experiments/swap_df/checkpoint.ckpt"
    stored = torch.load(path)
    net = stored["facsimile"]["net"] | {"mask_dim": 4}
    sizes = {key: value for key, value in net.items() if key != "_target_"}
    stored["facsimile"]["net"] = net
    stored["state_dict"] = {f"net.{k}": v for k, v in DFAutoencoder(**sizes).state_dict().items()}
    torch.save(stored, path)
    return recipe


@pytest.mark.sample
def test_the_nets_own_mask_is_asked_of_the_net_and_not_of_the_still(with_masks, world):
    for use in ("always", "if_any", "never"):
        assert main([*with_masks, f"render.mask.learned={use}", f"output={world}/{use}"]) == 0
    always, if_any, never = (lossless(world / use) for use in ("always", "if_any", "never"))
    assert always == if_any
    assert always["franck_to_cap.mkv"] != never["franck_to_cap.mkv"]
    assert always["still_franck_to_cap.mkv"] == never["still_franck_to_cap.mkv"]


@pytest.mark.sample
def test_a_net_without_a_mask_is_still_asked_for_it(recipe, capsys):
    assert main([*recipe, "render.mask.learned=always"]) == 2
    assert "no mask of its own" in capsys.readouterr().err


@pytest.mark.parametrize("chosen", ["learned", "product"])
def test_a_chosen_mask_is_not_emptied_by_a_recipe_that_leaves_the_nets_own_out(chosen, capsys):
    assert main(["render", "experiment=swap_ud96", f"render/mask={chosen}"]) == 2
    told = capsys.readouterr().err
    assert f"render/mask={chosen}" in told and "render.mask.learned=always" in told


@pytest.mark.parametrize(
    "choice", [["render/mask=ellipse"], ["render/mask=product", "render.mask.learned=if_any"]]
)
def test_other_choices_go_on_to_look_for_the_checkpoint(choice, tmp_path, capsys):
    assert main(["render", "experiment=swap_ud96", f"paths.root={tmp_path}", *choice]) == 2
    assert "no checkpoint" in capsys.readouterr().err
