"""Training and validation rows of both tasks, and their batches."""

import argparse
import json
import random

import torch

from . import data
from .tokenizer import Tokenizer


class Task:
    """The data of one task."""

    def __init__(self, a: argparse.Namespace, tokenizer: Tokenizer):
        self.a = a
        if a.task == "ner":
            sets = ("twitter2015", "twitter2017")
            self.labels = len(data.NER_LABELS)
            read = lambda path: ner_rows(tokenizer, data.read_conll(path))
            self.base = [row for s in sets for row in read(a.data / s / "train.txt")]
            self.valid = {s: read(a.data / s / "valid.txt") for s in sets}
        else:
            labels = data.relation_labels(list(json.loads((a.data / "mnre/rel2id.json").read_text())))
            self.labels = len(labels)
            self.base = re_rows(tokenizer, data.read_mnre(a.data / "mnre/train.txt"), labels)
            self.valid = {"mnre": re_rows(tokenizer, data.read_mnre(a.data / "mnre/val.txt"), labels)}
            read = lambda path: re_rows(tokenizer, data.read_jsonl(path), labels)
        self.more = [row for name in a.extra for row in read(a.data / "extra" / name)]

    def train_rows(self, epoch: int) -> list[dict]:
        """Rows of an epoch: the auxiliary ones take part in the first epochs only."""
        return self.base + self.more if epoch < self.a.extra_epochs else self.base


def ner_rows(tokenizer: Tokenizer, posts: list[data.Post]) -> list[dict]:
    """Training and validation rows of posts."""
    rows = []
    for post in posts:
        ids, firsts = data.ner_row(tokenizer, post.words)
        rows.append({"ids": ids, "firsts": firsts, "tags": data.ner_tags(len(ids), firsts, post.tags), "gold": post.tags})
    return rows


def re_rows(tokenizer: Tokenizer, pairs: list[data.Pair], labels: list[dict]) -> list[dict]:
    """Training and validation rows of pairs."""
    rows = []
    for pair in pairs:
        encoded = data.re_row(tokenizer, pair)
        if encoded is not None:
            ids, head, tail = encoded
            rows.append({"ids": ids, "head": head, "tail": tail, "label": data.label_index(labels, pair.relation, pair.inverse)})
    return rows


def batches(rows: list[dict], size: int, shuffle: bool) -> list[list[dict]]:
    """Batches of rows of like length; shuffled ones are sorted within pools of 32 batches only."""
    order = rows[:]
    if not shuffle:
        order.sort(key=lambda r: len(r["ids"]))
        return [order[i : i + size] for i in range(0, len(order), size)]
    random.shuffle(order)
    made = []
    for at in range(0, len(order), size * 32):
        pool = sorted(order[at : at + size * 32], key=lambda r: len(r["ids"]))
        made += [pool[i : i + size] for i in range(0, len(pool), size)]
    random.shuffle(made)
    return made


def stack(batch: list[dict], key: str) -> torch.Tensor:
    """One list per row, padded with 0."""
    width = max(len(row[key]) for row in batch)
    return torch.tensor([row[key] + [0] * (width - len(row[key])) for row in batch])


def padding_mask(batch: list[dict]) -> torch.Tensor:
    """1 on the ids of each row, 0 on its padding."""
    return stack([{"mask": [1] * len(row["ids"])} for row in batch], "mask")
