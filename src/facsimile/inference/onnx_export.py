"""A net written as one ONNX file: the same net gives the same bytes."""

import io
import warnings
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import onnx
import torch
from torch import Tensor, nn

from facsimile.inference.onnx_file import open_session

OPSET = 13  # of those that DeepFaceLive's onnxruntime 1.15 runs, one that DirectML knows as well
IR_VERSION = 8
TOLERANCE = 1e-3


class Port(NamedTuple):
    """An input or output: its name, and its shape with words for what is free.

    >>> Port("x", ("N", 3, "H", "W")).free
    {0: 'N', 2: 'H', 3: 'W'}
    """

    name: str
    shape: tuple[int | str, ...]

    @property
    def free(self) -> dict[int, str]:
        """The axes that are not fixed, with their words."""
        return {axis: side for axis, side in enumerate(self.shape) if isinstance(side, str)}


def to_onnx(
    net: nn.Module,
    example: Tensor,
    source: Port,
    results: Sequence[Port],
    description: str,
    metadata: Mapping[str, str],
) -> bytes:
    """Trace a net of one float32 input.

    Args:
        net: Is set to evaluation mode.
        example: An input of the shape of `source`; where that is free, any size will do.
        source: The input.
        results: The outputs, in order.
        description: What the file is, for people (doc_string).
        metadata: Further facts (metadata_props).

    Returns:
        An ONNX file of opset 13 and IR version 8 with all weights inside.

    Raises:
        RuntimeError: onnxruntime computes something else of it than torch of the net: some value of
            the example's result differs by .001 or more.
    """
    ports = [source, *results]
    file = io.BytesIO()
    with torch.inference_mode(), warnings.catch_warnings():
        # torch's newer exporter cannot write an opset below 18; sizes that it warns to be
        # constants are those of the net
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net.eval(),
            (example,),
            file,  # type: ignore[arg-type]  # a buffer will do
            dynamo=False,
            opset_version=OPSET,
            input_names=[source.name],
            output_names=[port.name for port in results],
            dynamic_axes={port.name: port.free for port in ports},
        )
    content = _finished(onnx.load_from_string(file.getvalue()), ports, description, metadata)
    _compare(content, net, example, source.name)
    return content


def _finished(
    model: onnx.ModelProto, ports: Sequence[Port], description: str, metadata: Mapping[str, str]
) -> bytes:
    """Say what the tracer cannot know, and check the whole."""
    for value, port in zip([*model.graph.input, *model.graph.output], ports, strict=True):
        value.CopyFrom(
            onnx.helper.make_tensor_value_info(port.name, onnx.TensorProto.FLOAT, port.shape)
        )
    model.ir_version = IR_VERSION
    model.producer_name, model.producer_version = "facsimile", ""
    model.doc_string = description
    onnx.helper.set_model_props(model, dict(sorted(metadata.items())))
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


@torch.inference_mode()
def _compare(content: bytes, net: nn.Module, example: Tensor, name: str) -> None:
    expected = net(example)
    expected = expected if isinstance(expected, tuple) else (expected,)
    results = open_session(content, "what was exported").run(None, {name: example.numpy()})
    for result, value in zip(results, expected, strict=True):
        difference = float((torch.from_numpy(result) - value).abs().max())
        if not difference < TOLERANCE:
            raise RuntimeError(f"the exported net differs from its own by up to {difference}")
