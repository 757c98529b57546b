"""Trains one task: python -m training.train --task ner --data ../shared/data --out DIR"""

import argparse
import json
import random
import time
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from . import checkpoint, images, paired
from .average import RunningMean
from .bert import Size
from .letter_case import LETTER_CASES
from .objective import Objective, ner_tags, run
from .rows import TYPES, Task, batches
from .scores import entity_f1, relation_f1
from .teach import type_rows
from .tokenizer import Tokenizer


def fold(text: str) -> tuple[int, int]:
    """`1/5` -> (1, 5)."""
    part, folds = (int(number) for number in text.split("/"))
    if not 0 <= part < folds:
        raise argparse.ArgumentTypeError(f"{text}: parts of {folds} are 0 to {folds - 1}")
    return part, folds


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--task", choices=["ner", "re"], required=True)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--extra", nargs="*", default=[], help="auxiliary files below DATA/extra, used in the first epochs")
    p.add_argument("--extra-epochs", type=int, default=1)
    p.add_argument("--fold", type=fold, help="K/N: leave out part K of N of the annotated rows")
    p.add_argument("--targets", type=Path, help="learn what teachers say (training.teach) instead of the annotation alone")
    p.add_argument("--init", type=Path, help="checkpoint of either task to start from, wherever its weights fit")
    p.add_argument("--epochs", type=int, default=5)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--lr", type=float, default=2e-4)
    p.add_argument("--head-lr", type=float, default=1e-2)
    p.add_argument("--prefix-lr", type=float, default=5e-4)
    p.add_argument("--dropout", type=float, default=0.1)
    p.add_argument("--picture-rate", type=float, default=0.5, help="share of rows without a picture of their own that get a random one")
    p.add_argument("--own-rate", type=float, default=0.65, help="share of rows with a picture of their own that get it")
    p.add_argument("--letter-case", action="store_true", help="tell the model how words are written")
    p.add_argument("--case-noise", type=float, default=0.0, help="share of rows read as in small letters; half as many as in capitals")
    p.add_argument("--type-loss", type=float, default=0.0, help="weight of telling the types of a pair's mentions")
    p.add_argument("--tagger", type=Path, help="checkpoint of an entity model that types mentions the annotation does not")
    p.add_argument("--hide", type=float, default=0.0, help="share of pairs whose mentions are hidden")
    p.add_argument("--smooth", type=float, default=0.0, help="label smoothing of relations")
    p.add_argument("--mean", type=float, default=0.0, help="decay of a running mean of the weights, which is what is validated and kept")
    p.add_argument("--seed", type=int, default=1, help="first weights")
    p.add_argument("--order", type=int, help="order of the rows and dropout (default: the seed); runs that differ in it alone can be averaged")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--log-every", type=int, default=50)
    p.add_argument("--max-steps", type=int, default=0, help="stop an epoch after so many steps (a trial run)")
    p.add_argument("--resume", action="store_true", help="go on after the last finished epoch in OUT")
    a = p.parse_args(argv)
    for option, reason in idle_options(a):
        p.error(f"{option} {reason}")
    return a


def idle_options(a: argparse.Namespace) -> list[tuple[str, str]]:
    """Options that would be ignored, each with why."""
    relations = "is about relations: --task re"
    annotated = "is about the annotated rows, whose place the targets take"
    rules = [
        ("--case-noise", a.case_noise and not a.letter_case, "changes how words are written, which the model is not told: --letter-case"),
        ("--type-loss", a.type_loss and a.task == "ner", relations),
        ("--tagger", a.tagger and a.task == "ner", relations),
        ("--hide", a.hide and a.task == "ner", relations),
        ("--smooth", a.smooth and a.task == "ner", relations),
        ("--smooth", a.smooth and a.targets, annotated),
        ("--fold", a.fold and a.targets, annotated),
        ("--extra", a.extra and a.targets and a.task == "ner", "comes with the targets: give it to training.teach"),
        ("--tagger", a.tagger and not a.type_loss, "types mentions for --type-loss, which is not asked for"),
    ]
    return [(option, reason) for option, ignored, reason in rules if ignored]


@torch.no_grad()
def validate(model, rows: list[dict], features: torch.Tensor) -> dict:
    """Scores over validation rows, with empty picture slots."""
    model.eval()
    gold, guess = [], []
    for batch in batches(rows, 32, shuffle=False):
        out, _ = run(model, batch, features, [0] * len(batch))
        if model.task == "re":
            gold += [r["label"] for r in batch]
            guess += out.argmax(1).tolist()
        else:
            gold += [r["gold"] for r in batch]
            guess += ner_tags(model, batch, out)
    return entity_f1(gold, guess) if model.task == "ner" else relation_f1(gold, guess)


def optimiser(model, a: argparse.Namespace) -> torch.optim.Optimizer:
    """AdamW with a rate each for the encoder, the picture prefix and the heads; the picture trunk is frozen."""
    groups: dict[tuple[float, float], list] = {}
    for name, p in model.named_parameters():
        if name.startswith("image_model.") or not p.requires_grad:
            p.requires_grad = False
            continue
        part = name.split(".")[0]
        rate = {"bert": a.lr, "prefix": a.prefix_lr}.get(part, a.head_lr)
        if model.size.letter_case and "token_type" in name:
            rate = 1e-3
        decay = 0.01 if p.dim() > 1 and "markers" not in name and part != "crf" else 0.0
        groups.setdefault((rate, decay), []).append(p)
    return torch.optim.AdamW([{"params": p, "lr": r, "weight_decay": d} for (r, d), p in groups.items()], fused=True)


def main(argv: list[str] | None = None) -> None:
    """Trains, validates after every epoch, keeps the best and the last epoch."""
    a = arguments(argv)
    a.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(a.threads)
    tokenizer = Tokenizer(a.data / "bert-base-uncased-vocab.txt")
    task = Task(a, tokenizer)
    if a.targets:
        task.learn(torch.load(a.targets, weights_only=True))
    if a.tagger:
        type_rows(checkpoint.load("ner", a.tagger), tokenizer, task.base)
    torch.manual_seed(a.seed)
    size = Size(frozen_words=True, token_types=LETTER_CASES if a.letter_case else 2, letter_case=a.letter_case)
    model = checkpoint.fresh(a.task, size, task.labels, a.dropout)
    if a.type_loss:
        # Only training asks for the types, so this head is not part of what is saved.
        model.typer = nn.Linear(size.hidden, len(TYPES))
    model.image_model.eval()
    posts = paired.read_posts(a.data / "paired")
    features = picture_features(model, [post.picture for post in posts], a.out.parent / "pictures.pt")
    seen = [place + 1 for place, post in enumerate(posts) if not paired.is_held(post.id)]
    if a.init:
        checkpoint.start_from(model, a.init)
    else:
        model.prefix.calm(features[[0, *seen]])
    train(a, model, task, features, Objective(a, seen))


def train(a: argparse.Namespace, model, task: Task, features: torch.Tensor, objective: Objective) -> None:
    """All epochs that are left."""
    optim = optimiser(model, a)
    per_epoch = [-(-len(task.train_rows(e)) // a.batch) for e in range(a.epochs)]
    total = sum(per_epoch)
    plan = torch.optim.lr_scheduler.LambdaLR(optim, lambda s: min((s + 1) / (0.1 * total), (total - s) / (0.9 * total)))
    mean = RunningMean(model, a.mean)
    first, best, last = 0, -1.0, a.out / "last.pt"
    if a.resume and last.exists():
        saved = torch.load(last, weights_only=True)
        model.load_state_dict(saved["model"])
        optim.load_state_dict(saved["optim"])
        plan.load_state_dict(saved["plan"])
        mean.mean = saved["mean"]
        first, best = saved["epoch"], saved["best"]
    for epoch in range(first, a.epochs):
        order = (a.seed if a.order is None else a.order) * 1000 + epoch
        random.seed(order)
        torch.manual_seed(order)
        epoch_of(a, model, Moves(optim, plan, mean), task.train_rows(epoch), features, objective, epoch)
        with mean.applied():
            result = {name: validate(model, rows, features) for name, rows in task.valid.items()}
            kept = checkpoint.to_state(model)
        f1 = sum(r["f1"] for r in result.values()) / len(result)
        print(json.dumps({"epoch": epoch + 1, "mean_f1": round(f1, 2), **result}), flush=True)
        if f1 > best:
            best = f1
            torch.save(kept, a.out / "best.pth")
        state = {"model": model.state_dict(), "optim": optim.state_dict(), "plan": plan.state_dict(), "mean": mean.mean}
        torch.save({**state, "epoch": epoch + 1, "best": best}, last)
        torch.save(kept, a.out / "final.pth")


class Moves(NamedTuple):
    """What a step moves: the optimiser, its schedule and the mean of its steps."""

    optim: torch.optim.Optimizer
    plan: torch.optim.lr_scheduler.LambdaLR
    mean: RunningMean


def epoch_of(a: argparse.Namespace, model, moves: Moves, rows: list[dict], features: torch.Tensor, objective: Objective, epoch: int) -> None:
    """One pass over the rows."""
    optim, plan, mean = moves
    model.train()
    model.image_model.eval()
    began, shown = time.time(), 0.0
    todo = batches(rows, a.batch, shuffle=True)
    for step, batch in enumerate(todo[: a.max_steps or None], 1):
        loss = objective.loss(model, batch, features)
        optim.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
        optim.step()
        plan.step()
        mean.step()
        shown += loss.item()
        if step % a.log_every == 0:
            rate = step / (time.time() - began)
            print(f"epoch {epoch + 1} step {step}/{len(todo)} loss {shown / a.log_every:.3f} {rate:.2f} steps/s", flush=True)
            shown = 0.0


@torch.no_grad()
def picture_features(model, files: list[Path], cache: Path) -> torch.Tensor:
    """Features for the first slot: row 0 the empty slot, then a picture each."""
    empty = model.image_model(torch.zeros(1, 3, images.CROP, images.CROP))
    return torch.cat([empty, images.features(files, model.image_model, cache)])


if __name__ == "__main__":
    main()
