"""What training asks of a model on a batch: the annotation, or what teachers say."""

import argparse
import random

import torch
import torch.nn.functional as F

from . import hidden, scores
from .crf import viterbi
from .letter_case import recased
from .rows import UNKNOWN_TYPE, allowed, padding_mask, stack


def run(model, batch: list[dict], features: torch.Tensor, drawn: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Emissions or pair states of a batch, and its mask; `drawn` says which row of `features` is each text's first picture."""
    ids, mask = stack(batch, "ids"), padding_mask(batch)
    used = sorted({0, *drawn})
    index = torch.zeros(len(batch), model.size.images, dtype=torch.int64)
    index[:, 0] = torch.tensor([used.index(d) for d in drawn])
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=model.training):
        prefix = model.prefix(features[used])
        if model.task == "ner":
            return model(ids, mask, prefix, index).float(), mask
        head, tail = (torch.tensor([r[k] for r in batch]) for k in ("head", "tail"))
        if not model.training:
            return model(ids, mask, head, tail, prefix, index).float(), mask
        return model.bert(ids, mask, prefix, index, torch.stack([head, tail], 1)), mask


def ner_tags(model, batch: list[dict], emissions: torch.Tensor) -> list[list[str]]:
    """One tag per word of each row, by Viterbi."""
    crf = [p.detach().numpy() for p in model.crf.parameters()]
    paths = [viterbi(e[: len(row["ids"])], *crf) for row, e in zip(batch, emissions.numpy(), strict=True)]
    return [scores.word_tags(path, row["firsts"]) for path, row in zip(paths, batch, strict=True)]


class Objective:
    """The loss of a batch; `pictures` are the rows of the features that may be drawn at random."""

    def __init__(self, a: argparse.Namespace, pictures: list[int]):
        self.a = a
        self.pictures = pictures

    def loss(self, model, batch: list[dict], features: torch.Tensor) -> torch.Tensor:
        """Mean loss of the rows, each seen anew: another picture, another way of writing, hidden mentions."""
        shown = [self.varied(row, model.task) for row in batch]
        out, mask = run(model, shown, features, [self.picture(row) for row in batch])
        return self.ner_loss(model, shown, out, mask) if model.task == "ner" else self.re_loss(model, shown, out)

    def picture(self, row: dict) -> int:
        """The first picture of a row: its own, a random one, or none."""
        if row.get("blind"):
            return 0
        if "picture" in row:
            return row["picture"] if random.random() < self.a.own_rate else 0
        return random.choice(self.pictures) if random.random() < self.a.picture_rate else 0

    def varied(self, row: dict, task: str) -> dict:
        """The row as this pass reads it."""
        ids = recased(row["ids"], self.a.case_noise, random) if self.a.case_noise else row["ids"]
        if task == "re" and random.random() < self.a.hide:
            ids = hidden.hide_marked(ids, row["head"], row["tail"])
        return {**row, "ids": ids}

    def ner_loss(self, model, batch: list[dict], emissions: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Cross-entropy of paths."""
        if "unary" not in batch[0]:
            return model.crf.partial_loss(emissions, allowed(batch), mask)
        pad = torch.nn.utils.rnn.pad_sequence
        unary = pad([row["unary"].float() for row in batch], batch_first=True)
        longest, labels = unary.shape[1:]
        pairs = torch.zeros(len(batch), longest - 1, labels, labels)
        for i, row in enumerate(batch):
            pairs[i, : len(row["pairs"])] = row["pairs"].float()
        return model.crf.soft_loss(emissions, unary, pairs, mask)

    def re_loss(self, model, batch: list[dict], states: torch.Tensor) -> torch.Tensor:
        """Cross-entropy of relations, and of the mentions' types where they are known and asked for."""
        logits = model.classifier(model.dropout(states.reshape(len(batch), -1))).float()
        if "soft" in batch[0]:
            loss = -(torch.stack([row["soft"].float() for row in batch]) * F.log_softmax(logits, 1)).sum(1).mean()
        else:
            loss = F.cross_entropy(logits, torch.tensor([row["label"] for row in batch]), label_smoothing=self.a.smooth)
        if self.a.type_loss:
            types = torch.tensor([row["types"] for row in batch]).reshape(-1)
            if (types != UNKNOWN_TYPE).any():
                told = model.typer(states.reshape(len(types), -1)).float()
                loss = loss + self.a.type_loss * F.cross_entropy(told, types, ignore_index=UNKNOWN_TYPE)
        return loss
