"""Averages weights: checkpoints that began alike (python -m training.average A.pth B.pth --out C.pth), or the steps of a training."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn


class RunningMean:
    """The exponential mean of a model's trained weights over its steps."""

    def __init__(self, model: nn.Module, decay: float):
        self.decay = decay
        self.live = [p for p in model.parameters() if p.requires_grad]
        self.mean = [p.detach().clone() for p in self.live]

    @torch.no_grad()
    def step(self) -> None:
        """Takes in the weights as they are now."""
        torch._foreach_lerp_(self.mean, [p.detach() for p in self.live], 1 - self.decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The model has the mean weights meanwhile."""
        self.swap()
        try:
            yield
        finally:
            self.swap()

    @torch.no_grad()
    def swap(self) -> None:
        """Exchanges live and mean weights."""
        for live, mean in zip(self.live, self.mean, strict=True):
            kept = live.detach().clone()
            live.copy_(mean)
            mean.copy_(kept)


def average(states: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """Mean of every float tensor; the others (counters) are the first state's.

    What is equal in all of them, the frozen picture network above all, stays so bit for bit: a mean may round differently.
    """
    equal = lambda name, value: all(torch.equal(s[name], value) for s in states)
    mean = lambda name: torch.stack([s[name] for s in states]).mean(0)
    kept = lambda name, value: not value.is_floating_point() or equal(name, value)
    return {name: value if kept(name, value) else mean(name) for name, value in states[0].items()}


def restore_words(averaged: dict[str, torch.Tensor], state: dict[str, torch.Tensor]) -> None:
    """Puts back the frozen word rows bit for bit; a mean of equal numbers may round differently."""
    name = "bert.embeddings.word_embeddings.weight"
    averaged[name][:-4] = state[name][:-4]


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("checkpoints", type=Path, nargs="+")
    p.add_argument("--out", type=Path, required=True)
    return p.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Writes the mean of the checkpoints."""
    a = arguments(argv)
    states = [torch.load(path, map_location="cpu", weights_only=True) for path in a.checkpoints]
    averaged = average(states)
    restore_words(averaged, states[0])
    torch.save(averaged, a.out)


if __name__ == "__main__":
    main()
