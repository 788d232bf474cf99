"""The channels of a swap's target: red, green, blue, then the face's mask, then eyes and mouth."""

from jaxtyping import Float
from torch import Tensor

from facsimile.errors import UserError


def rgb(images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 3 h w"]:
    """The picture, without what travels beside it."""
    return images[:, :3]


def face_mask(target: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 1 h w"]:
    """Where the face is, 0..1.

    Raises:
        UserError: The faces come without masks.
    """
    if target.shape[1] < 4:
        raise UserError(
            "the model or the loss needs the faces' masks, and the training faces come without: "
            "set task.data_module.masks=true, or leave out what needs them (model.mask_dim=null, "
            "loss.masked=false)"
        )
    return target[:, 3:4]


def eyes_mouth(target: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 1 h w"]:
    """Where the eyes and the mouth are, 0..1.

    Raises:
        UserError: The faces come without.
    """
    if target.shape[1] < 5:
        raise UserError(
            "the loss gives eyes and mouth priority, and the training faces do not tell where "
            "they are: set task.data_module.eyes_mouth=true, or loss.terms.eyes_mouth.weight=0"
        )
    return target[:, 4:5]
