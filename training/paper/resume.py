"""What a run leaves on disk: its best weights, and all it needs to go on as if nothing had happened."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

import torch

from .. import checkpoint
from ..checkpoint import CheckpointError
from ..model import Hvpnet
from .settings import BEST, LAST, SettingError

# Flags that shape training: a run resumed under others would be neither the old run nor a new one.
SHAPING = (
    "dataset_name",
    "num_epochs",
    "batch_size",
    "lr",
    "warmup_ratio",
    "eval_begin_epoch",
    "seed",
    "prompt_dim",
    "use_prompt",
    "max_seq",
    "sample_ratio",
    "authors_bugs",
)


@dataclass
class Progress:
    """Finished epochs and the best dev score among them; scores of 0 count, so that there is a best epoch always."""

    epoch: int = 0
    best: float = 0.0
    best_epoch: int = 0


def write(value, path: Path) -> None:
    """Saves under another name first: a run stopped while writing leaves the older file whole."""
    temporary = path.with_suffix(".tmp")
    torch.save(value, temporary)
    os.replace(temporary, path)


def save_best(a: argparse.Namespace, model: Hvpnet) -> None:
    """The weights alone, under HVPNeT's names."""
    write(checkpoint.to_state(model), Path(a.save_path) / BEST)


def save_last(a: argparse.Namespace, model: Hvpnet, optim: torch.optim.Optimizer, plan, progress: Progress) -> None:
    """Everything after an epoch."""
    state = {"model": checkpoint.to_state(model), "optim": optim.state_dict(), "plan": plan.state_dict()}
    state["random"] = [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [])]
    state |= {"progress": vars(progress), "settings": {name: getattr(a, name) for name in SHAPING}}
    write(state, Path(a.save_path) / LAST)


def read_last(a: argparse.Namespace) -> dict:
    """What `save_last` wrote, once the flags are those it was written under."""
    path = Path(a.save_path) / LAST
    saved = checkpoint.unpickle(path, "a training state", "remove it, or start without --resume")
    if not isinstance(saved, dict) or "settings" not in saved:
        raise CheckpointError(f"reading {path}: it is no training state of this program; remove it, or start without --resume")
    pairs = {name: (saved["settings"].get(name), getattr(a, name)) for name in SHAPING}
    changed = [f"--{name} was {was}, is {now}" for name, (was, now) in pairs.items() if was != now]
    if changed:
        raise SettingError(f"--resume {path}: {'; '.join(changed)}; resume with the old flags or start without --resume")
    return saved


def restore(saved: dict, optim: torch.optim.Optimizer, plan) -> Progress:
    """Puts optimiser, schedule and random numbers back."""
    optim.load_state_dict(saved["optim"])
    plan.load_state_dict(saved["plan"])
    torch.set_rng_state(saved["random"][0])
    if torch.cuda.is_available() and len(saved["random"]) > 1:
        torch.cuda.set_rng_state_all(saved["random"][1:])
    return Progress(**saved["progress"])
