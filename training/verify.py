"""Checks of written graphs in onnxruntime."""

from pathlib import Path

import numpy as np
import onnxruntime
import torch

TOLERANCE = 1e-4
BATCH_TOLERANCE = 1e-5
# Inputs that belong to a whole batch instead of to its rows.
SHARED = ("prefix",)


def session(file: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """A quiet session on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def verify(file: Path, inputs: dict[str, torch.Tensor], expected: np.ndarray) -> None:
    """Runs a graph against what PyTorch computed, batched and row by row; prints the largest differences.

    Raises ValueError when one of them is over its tolerance, which is relative to the largest value where that is over 1.
    """
    runner = session(file)
    feed = {k: v.numpy() for k, v in inputs.items()}
    got = runner.run(None, feed)[0]
    off = float(np.abs(got - expected).max())
    single = 0.0
    for row in range(len(expected)):
        one = {k: v if k in SHARED else v[row : row + 1] for k, v in feed.items()}
        single = max(single, float(np.abs(runner.run(None, one)[0] - got[row : row + 1]).max()))
    scale = max(1.0, float(np.abs(expected).max()))
    print(f"{file.name}: {file.stat().st_size} bytes, off by {off:.2e} from PyTorch, {single:.2e} between batch and single")
    if not (off <= TOLERANCE * scale and single <= BATCH_TOLERANCE * scale):
        raise ValueError(f"{file.name}: differs from PyTorch by {off:.2e} (allowed {TOLERANCE * scale:.1e}), from a single row by {single:.2e}")
