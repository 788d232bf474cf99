"""An ONNX file of a stranger's: looked at before anything of it is run."""

from collections.abc import Iterator
from pathlib import Path

import onnx
import onnxruntime
from google.protobuf.message import DecodeError

from facsimile.cores import usable_cores
from facsimile.errors import UserError

MAX_BYTES = 2**31 - 1  # protobuf's own limit
OPSETS = range(12, 18)
MAX_IR_VERSION = 8
STANDARD = ("", "ai.onnx", "ai.onnx.ml")  # operators that are onnxruntime's own


def read_onnx(path: Path) -> tuple[onnx.ModelProto, bytes]:
    """Read a plain ONNX file, whole and self-contained, that DeepFaceLive's runtime would take.

    Returns:
        What it says, and its bytes.

    Raises:
        UserError: It is missing, too large, no ONNX, of another opset (12 to 17) or IR version (up
            to 8), keeps weights in other files, or needs operators that are not ONNX's own.
    """
    content = _content(path)
    try:
        model = onnx.load_from_string(content)
    except DecodeError as error:
        raise UserError(f"{path} is no ONNX file, or a damaged one") from error
    if not (model.ir_version and model.graph.node):
        raise UserError(f"{path} is no ONNX file: it holds no graph")
    _check_version(model, path)
    _check_operators(model, path)
    if any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in _tensors(model.graph)):
        raise UserError(f"{path} keeps weights in other files: only what is in one file is read")
    return model, content


def open_session(content: bytes, name: Path | str) -> onnxruntime.InferenceSession:
    """Make an ONNX file ready to run on the CPU, on no more threads than there are cores.

    Args:
        content: What `read_onnx` let pass.
        name: What it is called in the message.

    Raises:
        UserError: onnxruntime refuses it.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = usable_cores()
    options.inter_op_num_threads = 1
    # others decode and encode meanwhile: who has nothing to do shall sleep
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # what goes wrong is raised
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's have no base of their own
        raise UserError(f"{name} cannot be run: {error}") from error


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise UserError(f"there is no file {path}")
    if (size := path.stat().st_size) > MAX_BYTES:
        raise UserError(f"{path} has {size} bytes: an ONNX file has at most {MAX_BYTES}")
    return path.read_bytes()


def _check_version(model: onnx.ModelProto, path: Path) -> None:
    opsets = [one.version for one in model.opset_import if one.domain in ("", "ai.onnx")]
    if len(opsets) != 1 or opsets[0] not in OPSETS:
        found = ", ".join(map(str, opsets)) or "none"
        raise UserError(f"{path} is of opset {found}: only {OPSETS[0]} to {OPSETS[-1]} are read")
    if model.ir_version > MAX_IR_VERSION:
        raise UserError(
            f"{path} is of IR version {model.ir_version}: at most {MAX_IR_VERSION} is read"
        )


def _check_operators(model: onnx.ModelProto, path: Path) -> None:
    if model.functions:
        raise UserError(f"{path} defines operators of its own: only ONNX's are run")
    foreign = {one.domain for one in _nodes(model.graph)} - set(STANDARD)
    foreign |= {one.domain for one in model.opset_import} - set(STANDARD)
    if foreign:
        raise UserError(f"{path} needs operators of {', '.join(sorted(foreign))}: only ONNX's run")


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """The graph and all that are in its branches and loops."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                if inner.ByteSize():
                    yield from _graphs(inner)


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for one in _graphs(graph):
        yield from one.node


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    for one in _graphs(graph):
        yield from one.initializer
        for sparse in one.sparse_initializer:
            yield from (sparse.values, sparse.indices)
    for attribute in (attribute for node in _nodes(graph) for attribute in node.attribute):
        yield from (attribute.t, *attribute.tensors)
        for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
            yield from (sparse.values, sparse.indices)
