"""Training and validation rows of both tasks, and their batches."""

import argparse
import hashlib
import json
import random
from pathlib import Path

import torch

from . import data
from .tokenizer import Tokenizer

NER_SETS = ("twitter2015", "twitter2017")
# Types that a corpus never annotates: there an O may be one of them.
UNANNOTATED = {"btc": ("MISC",)}
TYPES = ("PER", "ORG", "LOC", "MISC")
UNKNOWN_TYPE = -100


class Task:
    """The data of one task."""

    def __init__(self, a: argparse.Namespace, tokenizer: Tokenizer):
        self.extra_epochs = a.extra_epochs
        if a.task == "ner":
            self.labels = len(data.NER_LABELS)
            read = lambda path: ner_rows(tokenizer, data.read_conll(path), a.letter_case, unannotated(path.name))
            base = [row for s in NER_SETS for row in read(a.data / s / "train.txt")]
            self.valid = {s: read(a.data / s / "valid.txt") for s in NER_SETS}
            more = lambda name: read(a.data / "extra" / name)
        else:
            labels = data.relation_labels(list(json.loads((a.data / "mnre/rel2id.json").read_text())))
            self.labels = len(labels)
            read = lambda pairs: re_rows(tokenizer, pairs, labels, a.letter_case)
            base = read(mnre_training_pairs(a.data))
            self.valid = {"mnre": read(data.read_mnre(a.data / "mnre/val.txt"))}
            more = lambda name: read(data.read_jsonl(a.data / "extra" / name))
        self.more = [row for name in a.extra for row in more(name)]
        self.base = base if a.fold is None else [row for row in base if fold_of(row, a.fold[1]) != a.fold[0]]

    def learn(self, targets: dict) -> None:
        """Takes what teachers say (training.teach) in place of the annotation."""
        if "soft" in targets:
            if len(self.base) != len(targets["soft"]):
                raise ValueError(f"there are {len(targets['soft'])} targets for {len(self.base)} rows: they were made from other data")
            self.base = [{**row, "soft": soft} for row, soft in zip(self.base, targets["soft"], strict=True)]
        else:
            self.base, self.more = targets["rows"], targets["more"]

    def train_rows(self, epoch: int) -> list[dict]:
        """Rows of an epoch: the auxiliary ones take part in the first epochs only."""
        return self.base + self.more if epoch < self.extra_epochs else self.base


def mnre_training_pairs(root: Path) -> list[data.Pair]:
    """Training pairs of MNRE; those whose text is in the validation set, too, are left out."""
    held = {tuple(row["token"]) for row in data.mnre_rows(root / "mnre/val.txt")}
    return [pair for pair in data.read_mnre(root / "mnre/train.txt") if tuple(pair.words) not in held]


def unannotated(file: str) -> list[int]:
    """Labels that an O of a corpus may hide."""
    kinds = UNANNOTATED.get(file.split(".")[0], ())
    return [data.NER_LABELS.index(f"{edge}-{kind}") for kind in kinds for edge in "BI"]


def fold_of(row: dict, folds: int) -> int:
    """Which part of the data a row is in; rows of one text are in one part."""
    return int(hashlib.sha1(row["text"].encode()).hexdigest()[:8], 16) % folds


def ner_rows(tokenizer: Tokenizer, posts: list[data.Post], letter_case: bool = False, unannotated: list[int] | None = None) -> list[dict]:
    """Training and validation rows of posts; `unannotated` are labels that an O may stand for."""
    rows = []
    for post in posts:
        ids, firsts = data.ner_row(tokenizer, post.words, letter_case=letter_case)
        tags = data.ner_tags(len(ids), firsts, post.tags)
        row = {"text": " ".join(post.words), "ids": ids, "firsts": firsts, "tags": tags, "gold": post.tags}
        rows.append({**row, "unannotated": unannotated or []})
    return rows


def re_rows(tokenizer: Tokenizer, pairs: list[data.Pair], labels: list[dict], letter_case: bool = False) -> list[dict]:
    """Training and validation rows of pairs."""
    rows = []
    for pair in pairs:
        encoded = data.re_row(tokenizer, pair, letter_case=letter_case)
        if encoded is not None:
            ids, head, tail = encoded
            label = data.label_index(labels, pair.relation, pair.inverse)
            row = {"text": " ".join(pair.words), "ids": ids, "head": head, "tail": tail, "label": label}
            rows.append({**row, "types": types_of(pair), "words": pair.words, "spans": (pair.first, pair.second)})
    return rows


def types_of(pair: data.Pair) -> list[int]:
    """Places in TYPES of the two mentions, which the name of their relation tells; unknown for None."""
    if pair.relation == "None":
        return [UNKNOWN_TYPE, UNKNOWN_TYPE]
    kinds = [TYPES.index(kind.upper()) for kind in pair.relation.split("/")[1:3]]
    return kinds[::-1] if pair.inverse else kinds


def allowed(batch: list[dict]) -> torch.Tensor:
    """Labels that each piece of a batch may have, bool [B,L,labels]."""
    tags = stack(batch, "tags")
    ok = torch.nn.functional.one_hot(tags, len(data.NER_LABELS)).bool()
    for i, row in enumerate(batch):
        for label in row["unannotated"]:
            ok[i, :, label] |= tags[i] == data.NER_LABELS.index("O")
    return ok


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
