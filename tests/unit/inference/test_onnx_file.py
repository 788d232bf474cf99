from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from facsimile.errors import UserError
from facsimile.inference import onnx_file
from facsimile.inference.onnx_file import open_session, read_onnx


def doubling(opset: int = 13, ir_version: int = 8, domain: str = "") -> onnx.ModelProto:
    """One input twice."""
    two = numpy_helper.from_array(np.full(4, 2, np.float32), "two")
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [4]) for name in "xy")
    node = helper.make_node("Mul", ["x", "two"], ["y"], domain=domain)
    made = helper.make_model(
        helper.make_graph([node], "g", [x], [y], [two]),
        opset_imports=[helper.make_opsetid("", opset)],
    )
    made.ir_version = ir_version
    return made


def in_a_branch(inner: onnx.GraphProto) -> onnx.ModelProto:
    """A model that runs a graph, or does not, by its input."""
    made = doubling()
    del inner.input[:]
    made.graph.input.append(helper.make_tensor_value_info("c", TensorProto.BOOL, []))
    node = helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)
    made.graph.node[0].CopyFrom(node)
    return made


def saved(made: onnx.ModelProto, folder: Path) -> Path:
    path = folder / "a.onnx"
    path.write_bytes(made.SerializeToString())
    return path


@pytest.mark.parametrize(("opset", "ir_version"), [(12, 7), (13, 8), (17, 8)])
def test_a_plain_file_is_read_and_run(tmp_path, opset, ir_version):
    path = saved(doubling(opset, ir_version), tmp_path)
    model, content = read_onnx(path)
    assert model.graph.name == "g"
    [result] = open_session(content, path).run(None, {"x": np.arange(4, dtype=np.float32)})
    assert result.tolist() == [0, 2, 4, 6]


def test_no_more_threads_than_cores_and_none_that_waits_awake(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_file, "usable_cores", lambda: 3)
    path = saved(doubling(), tmp_path)
    session = open_session(path.read_bytes(), path)
    options = session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (3, 1)
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert session.get_providers() == ["CPUExecutionProvider"]


def external(made: onnx.ModelProto) -> onnx.ModelProto:
    onnx.external_data_helper.set_external_data(made.graph.initializer[0], "/etc/hostname")
    made.graph.initializer[0].ClearField("raw_data")
    return made


def external_constant(made: onnx.ModelProto) -> onnx.ModelProto:
    """The weights of a Constant node rather than of the graph."""
    tensor = external(doubling()).graph.initializer[0]
    del made.graph.initializer[:]
    made.graph.node.insert(0, helper.make_node("Constant", [], ["two"], value=tensor))
    return made


def with_function(made: onnx.ModelProto) -> onnx.ModelProto:
    node = helper.make_node("Add", ["a", "b"], ["c"])
    opsets = [helper.make_opsetid("", 13)]
    made.functions.append(helper.make_function("", "Mul", ["a", "b"], ["c"], [node], opsets))
    return made


def importing(made: onnx.ModelProto) -> onnx.ModelProto:
    made.opset_import.append(helper.make_opsetid("com.stranger", 1))
    return made


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (doubling(opset=20, ir_version=9), "opset 20: only 12 to 17"),
        (doubling(opset=18), "opset 18"),
        (doubling(opset=11), "opset 11"),
        (doubling(ir_version=10), "IR version 10: at most 8"),
        (doubling(domain="com.microsoft"), "operators of com.microsoft"),
        (importing(doubling()), "operators of com.stranger"),
        (in_a_branch(doubling(domain="com.stranger").graph), "operators of com.stranger"),
        (with_function(doubling()), "operators of its own"),
        (external(doubling()), "weights in other files"),
        (external_constant(doubling()), "weights in other files"),
        (in_a_branch(external(doubling()).graph), "weights in other files"),
        (onnx.ModelProto(), "no graph"),
    ],
)
def test_what_is_not_plain_is_refused(made, words, tmp_path):
    with pytest.raises(UserError, match=f"a.onnx .*{words}"):
        read_onnx(saved(made, tmp_path))


def test_onnxruntime_would_have_read_the_other_file(tmp_path):
    """The check above is needed: a path within the folder is followed."""
    made = external(doubling())
    made.graph.initializer[0].external_data[0].value = "weights"
    (tmp_path / "weights").write_bytes(np.full(4, 3, np.float32).tobytes())
    session = onnxruntime.InferenceSession(str(saved(made, tmp_path)))
    assert session.run(None, {"x": np.ones(4, np.float32)})[0].tolist() == [3, 3, 3, 3]


@pytest.mark.parametrize("content", [b"", b"not a net", b"PK\x03\x04", b"\x00" * 64, b"\x80\x04]"])
def test_what_is_no_onnx_is_refused(content, tmp_path):
    (tmp_path / "a.onnx").write_bytes(content)
    with pytest.raises(UserError, match="a.onnx is no ONNX file"):
        read_onnx(tmp_path / "a.onnx")


def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path):
    whole = saved(doubling(), tmp_path).read_bytes()
    for end in range(len(whole) - 1):
        (tmp_path / "a.onnx").write_bytes(whole[:end])
        with pytest.raises(UserError, match="a.onnx"):
            read_onnx(tmp_path / "a.onnx")


def test_a_missing_or_too_large_file(tmp_path, monkeypatch):
    with pytest.raises(UserError, match="there is no file .*b.dfm"):
        read_onnx(tmp_path / "b.dfm")
    path = saved(doubling(), tmp_path)
    monkeypatch.setattr(onnx_file, "MAX_BYTES", 10)
    with pytest.raises(UserError, match=r"a.onnx has \d+ bytes: .*at most 10"):
        read_onnx(path)


def test_what_onnxruntime_refuses_is_said(tmp_path):
    made = doubling()
    made.graph.node[0].op_type = "Multiply"
    path = saved(made, tmp_path)
    with pytest.raises(UserError, match="a.onnx cannot be run: .*Multiply"):
        open_session(read_onnx(path)[1], path)
