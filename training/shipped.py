"""Rows through the shipped graphs, and what becomes of their scores."""

import random

import numpy as np

from . import data
from .bundle import Bundle

BATCH = 32


def outputs(
    bundle: Bundle, task: str, rows: list[dict], prefix: np.ndarray | None, first: list[int] | None = None
) -> list[np.ndarray]:
    """Graph output per row, in the rows' order; `first` is the prefix in each row's first slot, None leaves all empty."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]["ids"]))
    result: list[np.ndarray] = [np.empty(0)] * len(rows)
    for at in range(0, len(order), BATCH):
        chosen = order[at : at + BATCH]
        index = np.zeros((len(chosen), bundle.manifest["size"]["images"]))
        if first:
            index[:, 0] = [first[i] for i in chosen]
        for i, out in zip(chosen, bundle.text(task, [rows[i] for i in chosen], prefix, index), strict=True):
            result[i] = out
    return result


def drawn(count: int, prefix: np.ndarray | None, seed: int) -> list[int] | None:
    """A random picture for each of so many rows; None where there is no picture."""
    draw = random.Random(seed)
    return None if prefix is None or len(prefix) < 2 else [draw.randrange(1, len(prefix)) for _ in range(count)]


def tagger_rows(bundle: Bundle, posts: list[list[str]]) -> tuple[list[dict], list[list[int]]]:
    """Rows of the tagger, and the position of each word's first piece."""
    limit, case = bundle.manifest["ner"]["maxSeq"], bundle.letter_case("ner")
    fed = [data.ner_row(bundle.tokenizer, words, limit, letter_case=case) for words in posts]
    return [{"ids": ids} for ids, _ in fed], [firsts for _, firsts in fed]


def pair_row(bundle: Bundle, pair: data.Pair) -> dict | None:
    """Row of the relation classifier; None where a marker would be cut off."""
    part, case = bundle.manifest["re"], bundle.letter_case("re")
    row = data.re_row(bundle.tokenizer, pair, part["maxSeq"], part["closeLast"], letter_case=case)
    return row and dict(zip(("ids", "head", "tail"), row, strict=True))


def relation_rows(bundle: Bundle, pairs: list[data.Pair]) -> tuple[list[dict], list[int]]:
    """Encoded pairs and their gold labels."""
    labels = bundle.manifest["re"]["labels"]
    return [pair_row(bundle, pair) for pair in pairs], [data.label_index(labels, pair.relation, pair.inverse) for pair in pairs]


def legal(labels: list[dict], first: str, second: str) -> np.ndarray:
    """Mask over the labels that two mentions of these types (first and second in the text) can have."""
    mask = np.zeros(len(labels), bool)
    mask[0] = True
    for i, label in enumerate(labels[1:], 1):
        head, tail = label["type"].split("/")[1:3]
        if label["inverse"]:
            head, tail = tail, head
        mask[i] = (head, tail) == (first.lower(), second.lower())
    return mask


def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities; -inf stays 0."""
    scaled = np.exp((logits - logits.max(-1, keepdims=True)) / temperature)
    return scaled / scaled.sum(-1, keepdims=True)


def chances(part: dict, logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest label of each row [rows, labels] and its probability; labels that do not fit have -inf.

    The bias of None counts for the probability only: what is reported was picked out as a relation, and the raw scores know
    nothing of that.
    """
    best = logits.argmax(-1)
    biased = logits + np.eye(1, logits.shape[-1]) * part.get("noneBias", 0.0)
    return best, np.take_along_axis(softmax(biased, part["temperature"]), best[:, None], -1)[:, 0]


def decide(part: dict, logits: np.ndarray) -> int:
    """The label a service reports: the likeliest, if it is over its threshold."""
    (best,), (p,) = chances(part, logits[None])
    limits = part["thresholds"]
    return int(best) if p >= limits.get(part["labels"][best]["type"], limits["default"]) else 0
