"""Trains one task: python -m training.train --task ner --data ../shared/data --out DIR"""

import argparse
import json
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from . import checkpoint, images, scores
from .bert import Size
from .crf import viterbi
from .rows import Task, batches, padding_mask, stack
from .tokenizer import Tokenizer


def arguments() -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--task", choices=["ner", "re"], required=True)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--extra", nargs="*", default=[], help="auxiliary files below DATA/extra, used in the first epochs")
    p.add_argument("--extra-epochs", type=int, default=1)
    p.add_argument("--init", type=Path, help="checkpoint of either task to start from, wherever its weights fit")
    p.add_argument("--epochs", type=int, default=5)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--lr", type=float, default=2e-4)
    p.add_argument("--head-lr", type=float, default=1e-2)
    p.add_argument("--prefix-lr", type=float, default=5e-4)
    p.add_argument("--dropout", type=float, default=0.1)
    p.add_argument("--pictures", type=int, default=2000, help="pictures of DATA/paired to draw from")
    p.add_argument("--picture-rate", type=float, default=0.5, help="share of rows with a random picture")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--log-every", type=int, default=50)
    p.add_argument("--max-steps", type=int, default=0, help="stop after so many steps (a trial run)")
    p.add_argument("--resume", action="store_true", help="go on after the last finished epoch in OUT")
    return p.parse_args()


def run(model, task: str, batch: list[dict], features: torch.Tensor, rate: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores of a batch and its mask; each row's first slot holds a random picture with chance `rate`.

    Row 0 of `features` is the empty slot, the others are pictures.
    """
    ids = stack(batch, "ids")
    mask = padding_mask(batch)
    drawn = [random.randrange(1, len(features)) if random.random() < rate else 0 for _ in batch]
    used = sorted({0, *drawn})
    index = torch.zeros(len(batch), model.size.images, dtype=torch.int64)
    index[:, 0] = torch.tensor([used.index(d) for d in drawn])
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=model.training):
        prefix = model.prefix(features[used])
        if task == "ner":
            return model(ids, mask, prefix, index).float(), mask
        head, tail = (torch.tensor([r[k] for r in batch]) for k in ("head", "tail"))
        return model(ids, mask, head, tail, prefix, index).float(), mask


def loss_of(model, task: str, batch: list[dict], features: torch.Tensor, rate: float) -> torch.Tensor:
    """Training loss of a batch."""
    out, mask = run(model, task, batch, features, rate)
    if task == "ner":
        return model.crf.loss(out, stack(batch, "tags"), mask)
    return F.cross_entropy(out, torch.tensor([r["label"] for r in batch]))


@torch.no_grad()
def validate(model, task: str, rows: list[dict], features: torch.Tensor, rate: float = 0.0) -> dict:
    """Scores over validation rows with empty slots, or with random pictures at `rate` 1."""
    model.eval()
    gold, guess = [], []
    crf = [p.detach().numpy() for p in model.crf.parameters()] if task == "ner" else None
    for batch in batches(rows, 32, shuffle=False):
        out, _ = run(model, task, batch, features, rate)
        if task == "re":
            gold += [r["label"] for r in batch]
            guess += out.argmax(1).tolist()
            continue
        for row, scores_of_row in zip(batch, out.numpy(), strict=True):
            path = viterbi(scores_of_row[: len(row["ids"])], *crf)
            gold.append(row["gold"])
            guess.append(scores.word_tags(path, row["firsts"]))
    model.train()
    model.image_model.eval()
    return scores.entity_f1(gold, guess) if task == "ner" else scores.relation_f1(gold, guess)


def optimiser(model, a: argparse.Namespace) -> torch.optim.Optimizer:
    """AdamW with a rate each for the encoder, the picture prefix and the head; the picture trunk is frozen."""
    groups: dict[tuple[float, float], list] = {}
    for name, p in model.named_parameters():
        if name.startswith("image_model.") or not p.requires_grad:
            p.requires_grad = False
            continue
        part = name.split(".")[0]
        rate = {"bert": a.lr, "prefix": a.prefix_lr}.get(part, a.head_lr)
        decay = 0.01 if p.dim() > 1 and "markers" not in name and part != "crf" else 0.0
        groups.setdefault((rate, decay), []).append(p)
    return torch.optim.AdamW([{"params": p, "lr": r, "weight_decay": d} for (r, d), p in groups.items()], fused=True)


def main() -> None:
    """Trains, validates after every epoch, keeps the best and the last epoch."""
    a = arguments()
    a.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(a.threads)
    tokenizer = Tokenizer(a.data / "bert-base-uncased-vocab.txt")
    task = Task(a, tokenizer)
    torch.manual_seed(a.seed)
    model = checkpoint.fresh(a.task, Size(frozen_words=True), task.labels, a.dropout)
    model.image_model.eval()
    features = picture_features(a, model)
    if a.init:
        checkpoint.start_from(model, a.init)
    else:
        calm_prefix(model, features)
    optim = optimiser(model, a)
    per_epoch = [-(-len(task.train_rows(e)) // a.batch) for e in range(a.epochs)]
    total = sum(per_epoch)
    plan = torch.optim.lr_scheduler.LambdaLR(optim, lambda s: min((s + 1) / (0.1 * total), (total - s) / (0.9 * total)))
    first, best, last = 0, -1.0, a.out / "last.pt"
    if a.resume and last.exists():
        saved = torch.load(last, weights_only=True)
        model.load_state_dict(saved["model"])
        optim.load_state_dict(saved["optim"])
        plan.load_state_dict(saved["plan"])
        first, best = saved["epoch"], saved["best"]
    for epoch in range(first, a.epochs):
        random.seed(a.seed * 1000 + epoch)
        epoch_of(a, model, optim, plan, task.train_rows(epoch), features, epoch)
        result = {name: validate(model, a.task, rows, features) for name, rows in task.valid.items()}
        mean = sum(r["f1"] for r in result.values()) / len(result)
        print(json.dumps({"epoch": epoch + 1, "mean_f1": round(mean, 2), **result}), flush=True)
        if mean > best:
            best = mean
            torch.save(checkpoint.to_state(model), a.out / "best.pth")
        state = {"model": model.state_dict(), "optim": optim.state_dict(), "plan": plan.state_dict()}
        torch.save({**state, "epoch": epoch + 1, "best": best}, last)
        torch.save(checkpoint.to_state(model), a.out / "final.pth")


def epoch_of(a: argparse.Namespace, model, optim, plan, rows: list[dict], features: torch.Tensor, epoch: int) -> None:
    """One pass over the rows."""
    model.train()
    model.image_model.eval()
    began, shown = time.time(), 0.0
    todo = batches(rows, a.batch, shuffle=True)
    for step, batch in enumerate(todo[: a.max_steps or None], 1):
        loss = loss_of(model, a.task, batch, features, a.picture_rate)
        optim.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
        optim.step()
        plan.step()
        shown += loss.item()
        if step % a.log_every == 0:
            rate = step / (time.time() - began)
            print(f"epoch {epoch + 1} step {step}/{len(todo)} loss {shown / a.log_every:.3f} {rate:.2f} steps/s", flush=True)
            shown = 0.0


@torch.no_grad()
def picture_features(a: argparse.Namespace, model) -> torch.Tensor:
    """Features for the first slot: row 0 the empty slot, then pictures."""
    empty = model.image_model(torch.zeros(1, 3, images.CROP, images.CROP))
    cache = a.out.parent / f"pictures-{a.pictures}.pt"
    return torch.cat([empty, images.folder_features(a.data / "paired/images", model.image_model, a.pictures, cache)])


@torch.no_grad()
def calm_prefix(model, features: torch.Tensor) -> None:
    """Starts the projection on standardised features and with a faint output, so that it does not drown the text."""
    mean, std = features.mean((0, 1)), features.std((0, 1)) + 1e-3
    first, second = model.prefix.encoder_conv[0], model.prefix.encoder_conv[2]
    first.weight.div_(std)
    first.bias.copy_(-(first.weight @ mean))
    second.weight.mul_(0.3)


if __name__ == "__main__":
    main()
