"""AdamW with the paper's parameter groups, and its linear warm-up and decay."""

import argparse

import torch

from ..model import Hvpnet

DECAY = 1e-2
# Rate of the CRF and the layer below it, when pictures are used; the paper's code names it but hands it to no optimiser.
TAG_RATE = 5e-2
HEADS = ("fc", "crf", "classifier")


def optimiser(model: Hvpnet, a: argparse.Namespace) -> torch.optim.Optimizer:
    """Everything but the picture trunk is learnt; with --authors_bugs and pictures, the head is left out as well."""
    for name, parameter in model.named_parameters():
        if name.startswith("image_model."):
            parameter.requires_grad = False
    learnt = {name: p for name, p in model.named_parameters() if p.requires_grad}
    return torch.optim.AdamW(picture_groups(model, learnt, a) if a.use_prompt else text_groups(model, learnt), lr=a.lr)


def picture_groups(model: Hvpnet, learnt: dict[str, torch.Tensor], a: argparse.Namespace) -> list[dict]:
    """Body and head."""
    is_head = lambda name: name.split(".")[0] in HEADS
    groups = [{"params": [p for n, p in learnt.items() if not is_head(n)], "weight_decay": DECAY}]
    if not a.authors_bugs:
        head = [p for n, p in learnt.items() if is_head(n)]
        groups.append({"params": head, "weight_decay": DECAY, "lr": TAG_RATE if model.task == "ner" else a.lr})
    return groups


def text_groups(model: Hvpnet, learnt: dict[str, torch.Tensor]) -> list[dict]:
    """One rate for all; relations spare biases and normalisation the decay, entities do not."""
    spared = [n for n in learnt if model.task == "re" and (n.endswith("bias") or "LayerNorm" in n)]
    return [
        {"params": [p for n, p in learnt.items() if n not in spared], "weight_decay": DECAY},
        {"params": [learnt[n] for n in spared], "weight_decay": 0.0},
    ]


def schedule(optim: torch.optim.Optimizer, total: int, warmup_ratio: float) -> torch.optim.lr_scheduler.LambdaLR:
    """Up to the full rate over the first `warmup_ratio` of `total` steps, then down to 0 at the last."""
    warm = warmup_ratio * total
    rate = lambda step: step / max(1, warm) if step < warm else max(0.0, (total - step) / max(1, total - warm))
    return torch.optim.lr_scheduler.LambdaLR(optim, rate)
