"""Training epochs and evaluation of a paper model, pictures or not."""

import argparse
import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from ..crf import viterbi
from ..data import NER_LABELS
from ..model import Hvpnet
from ..rows import batches, padding_mask, stack
from .datasets import NONE
from .metrics import entity_scores, relation_scores
from .pictures import DriftingPictures, FixedPictures

SHOW_EVERY = 50


@dataclass
class Run:
    """What training and evaluation share."""

    a: argparse.Namespace
    model: Hvpnet
    labels: list[str]
    # None for a model that reads text only.
    pictures: FixedPictures | DriftingPictures | None


def train_epoch(run: Run, optim: torch.optim.Optimizer, plan, rows: list[dict], epoch: int) -> None:
    """One pass over the rows in random order."""
    run.model.train()
    order = torch.randperm(len(rows)).tolist()
    size, began, shown = run.a.batch_size, time.time(), 0.0
    steps = -(-len(rows) // size)
    for step in range(1, steps + 1):
        loss = loss_of(run, [rows[i] for i in order[(step - 1) * size : step * size]])
        loss.backward()
        optim.step()
        plan.step()
        optim.zero_grad()
        shown += loss.item()
        if step % SHOW_EVERY == 0 or step == steps:
            mean, rate = shown / ((step - 1) % SHOW_EVERY + 1), step / (time.time() - began)
            print(f"epoch {epoch} step {step}/{steps} loss {mean:.4f} {rate:.2f} steps/s", flush=True)
            shown = 0.0


def loss_of(run: Run, batch: list[dict]) -> torch.Tensor:
    """Training loss of a batch."""
    out, mask = outputs(run, batch)
    if run.model.task == "ner":
        return run.model.crf.loss(out, stack(batch, "tags").to(run.a.device), mask)
    return F.cross_entropy(out, torch.tensor([row["gold"] for row in batch], device=run.a.device))


def outputs(run: Run, batch: list[dict]) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores of a batch and its mask."""
    device = run.a.device
    ids, mask = stack(batch, "ids").to(device), padding_mask(batch).to(device)
    prefix, index = run.pictures.prefix(run.model, batch) if run.pictures else (None, None)
    if run.model.task == "ner":
        return run.model(ids, mask, prefix, index), mask
    head, tail = (torch.tensor([row[key] for row in batch], device=device) for key in ("head", "tail"))
    return run.model(ids, mask, head, tail, prefix, index), mask


@torch.no_grad()
def predict(run: Run, rows: list[dict]) -> list:
    """Per row, in the rows' order: raw tags of its fed words, or the number of its relation."""
    run.model.eval()
    crf = [p.cpu().numpy() for p in run.model.crf.parameters()] if run.model.task == "ner" else None
    numbered = [{**row, "at": at} for at, row in enumerate(rows)]
    found: list = [None] * len(rows)
    for batch in batches(numbered, run.a.batch_size, shuffle=False):
        out, _ = outputs(run, batch)
        for row, scored in zip(batch, out.cpu(), strict=True):
            if crf is None:
                found[row["at"]] = int(scored.argmax())
                continue
            path = viterbi(scored[: len(row["ids"])].numpy(), *crf)
            found[row["at"]] = [NER_LABELS[path[first]] for first in row["firsts"] if first >= 0]
    return found


def score(run: Run, rows: list[dict], found: list) -> dict:
    """The paper's scores of predictions."""
    gold = [row["gold"] for row in rows]
    if run.model.task == "ner":
        return entity_scores(gold, found)
    return relation_scores(gold, found, run.labels, run.labels.index(NONE))
