"""Symmetric 8-bit rounding of weights: 127 steps each way, one scale per output row or channel."""

import numpy as np
import torch
from torch import nn

# Smaller weights stay float32: they cost nothing and round worst.
SMALLEST = 1024


def scales(weight: np.ndarray, axis: int) -> np.ndarray:
    """Scales along `axis`, shaped to broadcast against the weight."""
    others = tuple(i for i in range(weight.ndim) if i != axis)
    largest = np.abs(weight).max(axis=others, keepdims=True)
    return (np.where(largest > 0, largest, 1) / 127).astype(np.float32)


def to_int8(weight: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """int8 values and float32 scales whose product is nearest to the weight."""
    scale = scales(weight, axis)
    return np.clip(np.rint(weight / scale), -127, 127).astype(np.int8), scale


def rounded(weight: torch.Tensor, axis: int = 0) -> torch.Tensor:
    """The weight as the shipped graph will see it: int8 times scale, in float32."""
    values, scale = to_int8(weight.detach().numpy(), axis)
    return torch.from_numpy(values.astype(np.float32) * scale)


@torch.no_grad()
def round_weights(model: nn.Module) -> None:
    """Rounds every large linear and convolution weight in place, so that PyTorch and the graph compute the same."""
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)) and module.weight.numel() >= SMALLEST:
            module.weight.copy_(rounded(module.weight))
