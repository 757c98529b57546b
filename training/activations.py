"""What the linear layers of a text graph read on real texts."""

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from .bundle import Bundle

BATCH = 32


@dataclass
class Inputs:
    """Everything seen at the input of a layer: x^T x [K,K], the largest magnitude of each column, the smallest value."""

    moment: np.ndarray
    largest: np.ndarray
    smallest: float

    def see(self, x: np.ndarray) -> None:
        """Adds rows [R,K]."""
        self.moment += x.T @ x
        self.largest = np.maximum(self.largest, np.abs(x).max(0))
        self.smallest = min(self.smallest, float(x.min()))


def observe(bundle: Bundle, task: str, rows: list[dict], pictures: list[np.ndarray]) -> dict[str, Inputs]:
    """Inputs of every linear layer, by the name of the tensor, over encoded rows; every other batch sees pictures."""
    file = bundle.manifest[task]["text"]
    model = onnx.load(bundle.folder / file)
    names = sorted({node.input[0] for node in model.graph.node if node.op_type == "Gemm"})
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    probe = bundle.folder / f"probe.{task}.onnx"
    onnx.save(model, probe)
    try:
        return see_rows(bundle, task, probe, names, rows, pictures)
    finally:
        probe.unlink()


def see_rows(bundle: Bundle, task: str, probe: Path, names: list[str], rows: list[dict], pictures: list[np.ndarray]) -> dict[str, Inputs]:
    """Runs the rows through a graph whose further outputs are the layers' inputs."""
    prefix = bundle.prefixes(task, pictures)
    seen: dict[str, Inputs] = {}
    for i, batch in enumerate(equal_lengths(rows)):
        index = np.zeros((len(batch), bundle.manifest["size"]["images"]), np.int32)
        if prefix is not None and len(prefix) > 1 and i % 2:
            index[:, 0] = [1 + (i + j) % (len(prefix) - 1) for j in range(len(batch))]
        feed = bundle.text_feed(task, batch, prefix, index)
        for name, x in zip(names, bundle.session(probe.name).run(names, feed), strict=True):
            width = x.shape[1]
            if name not in seen:
                seen[name] = Inputs(np.zeros((width, width), np.float32), np.zeros(width, np.float32), 0.0)
            seen[name].see(x)
    return seen


def equal_lengths(rows: list[dict]) -> list[list[dict]]:
    """Batches of rows of one length, so that no padding is observed."""
    length = lambda row: len(row["ids"])
    groups = [list(group) for _, group in itertools.groupby(sorted(rows, key=length), length)]
    return [group[at : at + BATCH] for group in groups for at in range(0, len(group), BATCH)]
