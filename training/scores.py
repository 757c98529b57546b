"""Entity spans and micro precision, recall, F1."""

import numpy as np

from .data import NER_LABELS


def word_tags(path: list[int], firsts: list[int]) -> list[str]:
    """One tag per word from a decoded row; labels that are no entity tag, and words without pieces, are O."""
    tags = [NER_LABELS[path[first]] if first >= 0 else "O" for first in firsts]
    return [tag if tag[:2] in ("B-", "I-") else "O" for tag in tags]


def spans(tags: list[str]) -> set[tuple[int, int, str]]:
    """Entities (start, end, type) of BIO tags; an I- tag without a matching predecessor starts an entity."""
    found, start = set(), None
    for i, tag in enumerate([*tags, "O"]):
        kind = tag[2:] if tag != "O" else None
        open_kind = tags[start][2:] if start is not None else None
        if start is not None and (tag[0] != "I" or kind != open_kind):
            found.add((start, i, open_kind))
            start = None
        if kind is not None and start is None:
            start = i
    return found


def f1(correct: int, predicted: int, gold: int) -> dict:
    """Precision, recall and F1 in percent, with the three counts behind them."""
    precision = 100 * correct / predicted if predicted else 0.0
    recall = 100 * correct / gold if gold else 0.0
    score = 2 * precision * recall / (precision + recall) if correct else 0.0
    values = {"precision": round(precision, 2), "recall": round(recall, 2), "f1": round(score, 2)}
    return {**values, "correct": correct, "predicted": predicted, "gold": gold}


def entity_counts(gold: list[list[str]], predicted: list[list[str]]) -> np.ndarray:
    """Correct, predicted and gold entities of each post, by exact span and type."""
    pairs = [(spans(g), spans(p)) for g, p in zip(gold, predicted, strict=True)]
    return np.array([(len(g & p), len(p), len(g)) for g, p in pairs])


def relation_counts(gold: list[int], predicted: list[int], none: int = 0) -> np.ndarray:
    """The same of each pair, the label `none` not counted."""
    return np.array([(g == p != none, p != none, g != none) for g, p in zip(gold, predicted, strict=True)], int)


def entity_f1(gold: list[list[str]], predicted: list[list[str]]) -> dict:
    """Micro scores over exact (span, type) matches."""
    return f1(*(int(n) for n in entity_counts(gold, predicted).sum(0)))


def relation_f1(gold: list[int], predicted: list[int], none: int = 0) -> dict:
    """Micro scores over labels, the label `none` not counted."""
    return f1(*(int(n) for n in relation_counts(gold, predicted, none).sum(0)))
