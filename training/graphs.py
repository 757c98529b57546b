"""PyTorch modules to ONNX graphs, and what several graphs of a bundle share."""

import io
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

OPSET = 17
WORDS = "bert.embeddings.word_embeddings.weight"
WORDS_FILE = "words.bin"
# Where a table begins its pages, the file can be mapped.
ALIGN = 4096


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
    return onnx.load_from_string(buffer.getvalue())


def words_of(graph: onnx.GraphProto) -> list[onnx.TensorProto]:
    """The initializers that make up the word table: one of float32, or 8-bit values and their scales."""
    return sorted((i for i in graph.initializer if i.name.startswith(WORDS)), key=lambda i: i.name)


def save_text_graphs(graphs: dict[str, onnx.ModelProto], folder: Path) -> dict[str, str]:
    """Saves the text graphs; a word table that all of them share is stored once, in a file of its own."""
    names = {task: f"text.{task}.onnx" for task in graphs}
    tables = [[(t.name, numpy_helper.to_array(t)) for t in words_of(g.graph)] for g in graphs.values()]
    if len(tables) > 1 and all(same_table(tables[0], other) for other in tables[1:]):
        places, content = lay_out(tables[0])
        (folder / WORDS_FILE).write_bytes(content)
        for graph in graphs.values():
            for tensor in words_of(graph.graph):
                refer(tensor, *places[tensor.name])
    for task, graph in graphs.items():
        onnx.save(graph, folder / names[task])
    return names


def same_table(one: list, other: list) -> bool:
    """True when two word tables are equal bit for bit."""
    return len(one) == len(other) and all(np.array_equal(a, b) for (_, a), (_, b) in zip(one, other, strict=True))


def lay_out(table: list) -> tuple[dict[str, tuple[int, int]], bytes]:
    """Offset and length of each part, and the file they are in."""
    content, places = bytearray(), {}
    for name, array in table:
        content.extend(b"\0" * (-len(content) % ALIGN))
        raw = np.ascontiguousarray(array).tobytes()
        places[name] = (len(content), len(raw))
        content.extend(raw)
    return places, bytes(content)


def refer(tensor: onnx.TensorProto, offset: int, length: int) -> None:
    """Makes an initializer point into the shared file."""
    tensor.ClearField("raw_data")
    tensor.ClearField("float_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", WORDS_FILE), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))
