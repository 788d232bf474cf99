import io

import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from facsimile.inference import onnx_export
from facsimile.inference.onnx_export import Port, to_onnx

SOURCE, RESULT = Port("x:0", ("N", 3, 8, "W")), Port("y:0", ("N", 12, 4, "V"))


class Packed(nn.Module):
    """Halves the sides; in training it forgets half of what it sees."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(3, 3, 1)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return nn.functional.pixel_unshuffle(self.drop(self.conv(x)), 2)


def export(net: nn.Module, **facts: str) -> bytes:
    return to_onnx(net, torch.rand(2, 3, 8, 6), SOURCE, [RESULT], "what it is", facts)


def run(content: bytes, x: torch.Tensor) -> torch.Tensor:
    [result] = onnxruntime.InferenceSession(content).run(None, {"x:0": x.numpy()})
    return torch.from_numpy(result)


@pytest.mark.parametrize("shape", [(1, 3, 8, 2), (5, 3, 8, 40)])
@torch.inference_mode()
def test_what_is_free_may_be_of_any_size(shape):
    x = torch.rand(shape)
    content = export(Packed().train())
    torch.testing.assert_close(run(content, x), Packed().eval()(x), rtol=0, atol=1e-6)


def test_names_shapes_versions_and_facts():
    model = onnx.load(io.BytesIO(export(Packed(), b="2", a="1")))
    assert [(one.version, one.domain) for one in model.opset_import] == [(13, "")]
    assert model.ir_version <= 8
    assert model.doc_string == "what it is"
    assert [(one.key, one.value) for one in model.metadata_props] == [("a", "1"), ("b", "2")]
    values = [*model.graph.input, *model.graph.output]
    for value, port in zip(values, [SOURCE, RESULT], strict=True):
        dims = [one.dim_param or one.dim_value for one in value.type.tensor_type.shape.dim]
        assert (value.name, tuple(dims)) == port
        assert value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT


def test_the_same_net_gives_the_same_bytes():
    first, other = Packed(), Packed().to(memory_format=torch.channels_last)
    assert export(first, a="1", b="2") == export(other, b="2", a="1")
    with torch.no_grad():
        other.conv.weight += 1
    assert export(first) != export(other)


def test_a_file_that_computes_something_else_is_not_given_out(monkeypatch):
    def scribble(*args):
        model = onnx.load_from_string(finished(*args))
        tensor = next(one for one in model.graph.initializer if one.name == "conv.bias")
        tensor.raw_data = bytes(len(tensor.raw_data))
        return model.SerializeToString()

    finished = onnx_export._finished
    monkeypatch.setattr(onnx_export, "_finished", scribble)
    with pytest.raises(RuntimeError, match="differs"):
        export(Packed())
