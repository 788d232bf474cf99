"""Every part of a rendering's look builds what its group is for, on arrival."""

from pathlib import Path

import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf

from facsimile.filters.colour.protocol import ColourTransfer
from facsimile.rendering.blending.protocol import Blend
from facsimile.rendering.look import Look
from facsimile.rendering.mask import Mask
from facsimile.rendering.sharpness import Finish

CONF = Path(__file__).resolve().parents[2] / "conf/render"
KINDS = {"mask": Mask, "colour": ColourTransfer, "detail": Finish, "blend": Blend}
PARTS = [(kind, path.stem) for kind in KINDS for path in sorted((CONF / kind).glob("*.yaml"))]


def built(kind: str, name: str) -> object:
    return instantiate(OmegaConf.load(CONF / kind / f"{name}.yaml"))


def test_each_folder_is_a_known_kind():
    assert {path.name for path in CONF.iterdir() if path.is_dir()} == set(KINDS)


@pytest.mark.parametrize(("kind", "name"), PARTS)
def test_each_part_is_of_its_kind(kind, name):
    part = built(kind, name)
    assert isinstance(part, KINDS[kind])
    Look(**{kind: part})


def test_the_names_that_are_chosen_by_default_are_the_defaults_of_look():
    look = Look()
    assert built("mask", "tight").shape.func is look.mask.shape
    assert built("mask", "tight").learned == look.mask.learned
    assert built("colour", "rct").func is look.colour
    assert built("detail", "none") == look.detail
    assert built("blend", "feathered").func is look.blend
