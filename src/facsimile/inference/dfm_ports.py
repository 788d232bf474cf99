"""What DeepFaceLive agrees upon with a .dfm: names, shapes and types of what goes in and out."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import onnx

from facsimile.errors import UserError

FACE, MORPH = "in_face:0", "morph_value:0"
RESULTS = {"out_face_mask:0": 1, "out_celeb_face:0": 3, "out_celeb_face_mask:0": 1}  # channels

_SIDES = range(16, 2049)
_BATCHES = range(1, 1025)


class Ports(NamedTuple):
    """Of the crops that a .dfm takes: height, width, how many at once (None: any number).

    `morphs` says whether it takes a morph value beside them.
    """

    height: int
    width: int
    batch: int | None
    morphs: bool


def ports_of(model: onnx.ModelProto, path: Path) -> Ports:
    """Check what goes in and out.

    Raises:
        UserError: a name, order, shape or type is not a .dfm's.
    """
    weights = {one.name for one in model.graph.initializer}
    # older files list their weights as inputs too
    inputs = [one for one in model.graph.input if one.name not in weights]
    outputs = list(model.graph.output)
    _check_names("inputs", inputs, ([FACE], [FACE, MORPH]), path)
    _check_names("outputs", outputs, (list(RESULTS),), path)
    for value in (*inputs, *outputs):
        _check_type(value, path)
    ports = _ports(inputs, path)
    crops = (ports.batch, ports.height, ports.width)
    for value in inputs[1:]:
        _check_shape(value, (1,), path)
    for value, channels in zip(outputs, RESULTS.values(), strict=True):
        _check_shape(value, (*crops, channels), path)
    return ports


def _check_names(
    what: str,
    values: Iterable[onnx.ValueInfoProto],
    choices: Sequence[list[str]],
    path: Path,
) -> None:
    names = [value.name for value in values]
    if names not in choices:
        wanted = " or ".join(", ".join(one) for one in choices)
        raise UserError(f"{path} is no .dfm: its {what} are {', '.join(names)}, not {wanted}")


def _check_type(value: onnx.ValueInfoProto, path: Path) -> None:
    kind = value.type.tensor_type.elem_type
    if kind != onnx.TensorProto.FLOAT:
        name = onnx.TensorProto.DataType.Name(kind) if kind else "no tensor"
        raise UserError(f"{path} is no .dfm: {value.name} is {name}, not FLOAT")


def _ports(inputs: Sequence[onnx.ValueInfoProto], path: Path) -> Ports:
    sides = _sides(inputs[0])
    if len(sides) != 4 or sides[3] != 3:
        raise UserError(f"{path} is no .dfm: {FACE} is {_shape(inputs[0])}, not (N, H, W, 3)")
    batch, height, width, _ = sides
    if height not in _SIDES or width not in _SIDES:
        raise UserError(
            f"{path} is no .dfm: {FACE} is {_shape(inputs[0])}, and its height and width must be "
            f"numbers from {_SIDES[0]} to {_SIDES[-1]}"
        )
    if batch is not None and batch not in _BATCHES:
        raise UserError(f"{path} takes {batch} crops at once: at most {_BATCHES[-1]} are given")
    return Ports(int(height or 0), int(width or 0), batch, len(inputs) == 2)


def _check_shape(value: onnx.ValueInfoProto, wanted: tuple[int | None, ...], path: Path) -> None:
    """Compare what is stated: what is left open shows when it runs."""
    if not value.type.tensor_type.HasField("shape"):
        return
    sides = _sides(value)
    fits = len(sides) == len(wanted) and all(
        side == should or None in (side, should) for side, should in zip(sides, wanted, strict=True)
    )
    if not fits:
        should = ", ".join("N" if one is None else str(one) for one in wanted)
        raise UserError(f"{path} is no .dfm: {value.name} is {_shape(value)}, not ({should})")


def _sides(value: onnx.ValueInfoProto) -> list[int | None]:
    """The axes; None where one is free."""
    dims = value.type.tensor_type.shape.dim
    return [one.dim_value if one.HasField("dim_value") else None for one in dims]


def _shape(value: onnx.ValueInfoProto) -> str:
    dims = value.type.tensor_type.shape.dim
    return f"({', '.join(str(one.dim_value or one.dim_param or '?') for one in dims)})"
