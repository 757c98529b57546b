"""PyTorch modules to ONNX graphs with 8-bit weights."""

import io
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper
from torch import nn

from .quantise import SMALLEST, to_int8

OPSET = 17
# Where the table begins its pages, the file can be mapped.
ALIGN = 4096


class WordTable(nn.Module):
    """The shipped word table: int8 rows and a float32 scale per row; only the rows asked for are widened."""

    def __init__(self, table: torch.Tensor):
        super().__init__()
        values, scale = to_int8(table.numpy(), 0)
        self.register_buffer("values", torch.from_numpy(values))
        self.register_buffer("scale", torch.from_numpy(scale))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return F.embedding(ids, self.values).float() * F.embedding(ids, self.scale)


def to_onnx(module: nn.Module, inputs: dict[str, torch.Tensor], output: str, axes: dict[str, dict[int, str]]) -> onnx.ModelProto:
    """Traces the module; `axes` names the dimensions that may vary, per input and output."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            tuple(inputs.values()),
            buffer,
            input_names=list(inputs),
            output_names=[output],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load_from_string(buffer.getvalue())
    narrow_weights(model.graph)
    return model


def narrow_weights(graph: onnx.GraphProto) -> None:
    """Stores every large weight as int8 and scale, widened again by Cast and Mul in front of its user."""
    stored = {i.name: i for i in graph.initializer}
    done: set[str] = set()
    added = []
    for node in graph.node:
        axis = output_axis(node)
        if axis is None or node.input[1] not in stored:
            continue
        name = node.input[1]
        weight = numpy_helper.to_array(stored[name])
        if weight.size < SMALLEST:
            continue
        if name not in done:
            done.add(name)
            values, scale = to_int8(weight, axis)
            graph.initializer.remove(stored[name])
            graph.initializer.append(numpy_helper.from_array(values, f"{name}.int8"))
            graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
            added.append(helper.make_node("Cast", [f"{name}.int8"], [f"{name}.wide"], to=onnx.TensorProto.FLOAT))
            added.append(helper.make_node("Mul", [f"{name}.wide", f"{name}.scale"], [f"{name}.float"]))
        node.input[1] = f"{name}.float"
    for i, node in enumerate(added):
        graph.node.insert(i, node)


def output_axis(node: onnx.NodeProto) -> int | None:
    """The axis of a node's weight that counts outputs, or None where the node has no weight to narrow."""
    if node.op_type == "Conv":
        return 0
    if node.op_type == "MatMul":
        return 1
    if node.op_type == "Gemm":
        return 0 if any(a.name == "transB" and a.i == 1 for a in node.attribute) else 1
    return None


def share_words(model: onnx.ModelProto, folder: Path, file: str) -> None:
    """Moves the word table of a text graph into `file`, which every text graph of the bundle refers to."""
    data = bytearray()
    for tensor in sorted((i for i in model.graph.initializer if ".shipped." in i.name), key=lambda i: i.name, reverse=True):
        data.extend(b"\0" * (-len(data) % ALIGN))
        raw = np.ascontiguousarray(numpy_helper.to_array(tensor)).tobytes()
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", file), ("offset", len(data)), ("length", len(raw))):
            tensor.external_data.add(key=key, value=str(value))
        data.extend(raw)
    path = folder / file
    if path.exists() and path.read_bytes() != bytes(data):
        raise ValueError(f"{file}: the two text models have different word tables, so one file cannot hold both")
    path.write_bytes(bytes(data))
