"""Rounding a weight so that the errors of its rows cancel on real inputs.

The method is GPTQ (Frantar et al., 2022): inputs are rounded one after the other, and what each one's rounding costs is made up
for by those that are not rounded yet, weighed by how the inputs occur together.
"""

import numpy as np
import torch

# Share of the mean diagonal that is added to it, so that rare inputs do not blow up the inverse.
DAMPING = 0.01
BLOCK = 128


def compensated(weight: np.ndarray, second_moment: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """int8 values [K,N] and scales [N] of a weight [K,N] whose inputs have the second moment x^T x [K,K]."""
    left = torch.from_numpy(weight.T.astype(np.float64))
    scale = left.abs().amax(1).clamp(min=1e-12) / steps
    order, factor = factorise(torch.from_numpy(second_moment.astype(np.float64)))
    left = left[:, order].contiguous()
    values = torch.zeros_like(left)
    for start in range(0, left.shape[1], BLOCK):
        end = min(start + BLOCK, left.shape[1])
        errors = torch.zeros(left.shape[0], end - start, dtype=torch.float64)
        for i in range(start, end):
            values[:, i] = torch.clamp(torch.round(left[:, i] / scale), -steps, steps)
            errors[:, i - start] = (left[:, i] - values[:, i] * scale) / factor[i, i]
            left[:, i:end] -= errors[:, i - start, None] * factor[i, i:end]
        left[:, end:] -= errors @ factor[start:end, end:]
    unsorted = torch.empty_like(values)
    unsorted[:, order] = values
    return unsorted.T.to(torch.int8).numpy(), scale.float().numpy()


def factorise(moment: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The order of the inputs, most active first, and the upper Cholesky factor of the inverse moment in that order."""
    diagonal = moment.diagonal()
    order = torch.argsort(diagonal, descending=True)
    damped = moment + torch.eye(len(moment), dtype=torch.float64) * (DAMPING * diagonal.mean() + 1e-12)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(damped[order][:, order]))
    return order, torch.linalg.cholesky(inverse, upper=True)
