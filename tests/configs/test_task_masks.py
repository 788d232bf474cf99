"""Every kind of training mask is built by its name, on arrival."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate

from facsimile.data.training_masks import Hull, Learned, TrainingMask, components, tight

CONF = Path(__file__).resolve().parents[2] / "conf"
KINDS = sorted(path.stem for path in (CONF / "task/mask").glob("*.yaml"))
CHOSEN = {
    "tight": tight,
    "components": components,
    "hull": Hull,
    "learned": Learned,
}


def built(*overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("config", ["experiment=swap_df", "paths.root=.", *overrides])
    return instantiate(cfg.task.data_module).reader.marks.mask


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_what_its_name_says(kind, models_root):
    own = [f"paths.models={models_root}", "task.data_module.mask.net.checkpoint=a.ckpt"]
    mask = built(f"task/mask={kind}", *own[: 2 if kind == "learned" else 1])
    assert isinstance(mask, TrainingMask)
    known = CHOSEN[kind]
    assert isinstance(mask, known) if isinstance(known, type) else mask.func is known


def test_a_face_has_the_tight_mask_unless_it_is_told_otherwise():
    assert built().func is tight
