"""Made-up inputs of text graphs, for tracing and for checks."""

import onnx
import torch

from .graphs import to_onnx
from .letter_case import CASE_STEP, LETTER_CASES
from .model import Hvpnet


def text_inputs(model: Hvpnet, vocabulary: int, rows: int, length: int) -> dict[str, torch.Tensor]:
    """Ragged rows that share three distinct prefixes; in the order of the model's arguments."""
    draw = torch.Generator().manual_seed(rows * 1000 + length)
    s = model.size
    sizes = torch.randint(8, length + 1, (rows,), generator=draw)
    sizes[0] = length
    mask = (torch.arange(length)[None, :] < sizes[:, None]).int()
    ids = torch.randint(min(1000, vocabulary // 2), vocabulary, (rows, length), generator=draw).int() * mask
    if s.letter_case:
        ids = ids + torch.randint(0, LETTER_CASES, ids.shape, generator=draw).int() * CASE_STEP * mask
    made = {"input_ids": ids, "attention_mask": mask}
    if model.task == "re":
        made["head_position"] = torch.randint(1, 4, (rows,), generator=draw).int()
        made["tail_position"] = torch.randint(4, 8, (rows,), generator=draw).int()
    if s.trunk:
        shape = (3, s.layers, 2, s.heads_per_image, s.prefix_slots, s.head_size)
        made["prefix"] = torch.randn(shape, generator=draw)
        made["prefix_index"] = torch.randint(0, 3, (rows, s.images), generator=draw).int()
    return made


def text_graph(model: Hvpnet, vocabulary: int) -> onnx.ModelProto:
    """The text graph: `emissions` of entities [rows, length, labels], `logits` of relations [rows, labels]."""
    inputs = text_inputs(model, vocabulary, 2, 12)
    rows, both = {0: "rows"}, {0: "rows", 1: "length"}
    axes = {name: rows for name in inputs} | {"input_ids": both, "attention_mask": both}
    if "prefix" in inputs:
        axes["prefix"] = {0: "pictures"}
    output = "emissions" if model.task == "ner" else "logits"
    return to_onnx(model, inputs, output, {**axes, output: both if model.task == "ner" else rows})
