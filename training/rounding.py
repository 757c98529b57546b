"""Symmetric rounding of weights to few bits, one scale per output row or channel."""

import numpy as np
import torch


def scales(weight: np.ndarray, axis: int, steps: int) -> np.ndarray:
    """Scales along `axis`, shaped to broadcast against the weight."""
    others = tuple(i for i in range(weight.ndim) if i != axis)
    largest = np.abs(weight).max(axis=others, keepdims=True)
    return (np.where(largest > 0, largest, 1) / steps).astype(np.float32)


def to_int8(weight: np.ndarray, axis: int, steps: int = 127) -> tuple[np.ndarray, np.ndarray]:
    """int8 values of at most `steps` each way and float32 scales whose product is nearest to the weight."""
    scale = scales(weight, axis, steps)
    return np.clip(np.rint(weight / scale), -steps, steps).astype(np.int8), scale


def rounded(weight: torch.Tensor, axis: int = 0) -> torch.Tensor:
    """The weight as an 8-bit bundle holds it: int8 times scale, in float32."""
    values, scale = to_int8(weight.detach().numpy(), axis)
    return torch.from_numpy(values.astype(np.float32) * scale)
