"""Relations from the text alone: the service's own entities, its pairs, its thresholds, against MNRE's annotation.

MNRE annotates every pair of the spans that it marks in a text, one pair a row. A relation between two such spans is right or
wrong; of relations between other spans nothing is known, so they are only counted.
"""

from dataclasses import dataclass

import numpy as np

from . import bootstrap, data, scores, served
from .bundle import Bundle
from .shipped import chances

NONE = "None"


@dataclass(frozen=True)
class Finding:
    """The likeliest relation of a pair, whether or not it reaches its threshold."""

    post: int
    kind: str
    p: float
    annotated: bool
    right: bool


@dataclass(frozen=True)
class Posts:
    """Texts with the relations that are annotated in each."""

    words: list[list[str]]
    relations: list[dict[tuple, tuple[str, bool]]]

    @property
    def gold(self) -> np.ndarray:
        """Number of annotated relations of each post."""
        return np.array([sum(kind != NONE for kind, _ in pairs.values()) for pairs in self.relations])


def gather(pairs: list[data.Pair]) -> Posts:
    """All rows of a text together, in the order of their first."""
    texts: dict[tuple, dict] = {}
    for pair in pairs:
        texts.setdefault(tuple(pair.words), {})[pair.first, pair.second] = (pair.relation, pair.inverse)
    return Posts([list(words) for words in texts], list(texts.values()))


def find(bundle: Bundle, posts: Posts) -> list[Finding]:
    """What the service thinks of every pair it is shown; pairs without a relation are left out."""
    part, found = bundle.manifest["re"], []
    for one in served.candidates(bundle, posts.words):
        (best,), (p,) = chances(part, one.logits[None])
        label = part["labels"][best]
        truth = posts.relations[one.post].get(one.spans)
        if label["type"] != NONE:
            right = truth == (label["type"], label["inverse"])
            found.append(Finding(one.post, label["type"], float(p), truth is not None, right))
    return found


def passed(found: list[Finding], thresholds: dict) -> list[Finding]:
    """Findings that reach their type's threshold."""
    return [f for f in found if f.p >= thresholds.get(f.kind, thresholds["default"])]


def counts(found: list[Finding], gold: np.ndarray) -> np.ndarray:
    """Correct, predicted and gold relations of each post, on annotated pairs."""
    rows = np.zeros((len(gold), 3), int)
    rows[:, 2] = gold
    for f in found:
        rows[f.post, :2] += (f.right, f.annotated)
    return rows


def measure(bundle: Bundle, pairs: list[data.Pair]) -> dict:
    """Scores on annotated pairs with the 95 % interval of F1 by post, and the number of relations between other spans."""
    posts = gather(pairs)
    found = passed(find(bundle, posts), bundle.manifest["re"]["thresholds"])
    rows = counts(found, posts.gold)
    interval = bootstrap.interval(rows, bootstrap.f1)
    others = sum(not f.annotated for f in found)
    return {**scores.f1(*(int(n) for n in rows.sum(0))), "interval": interval, "others": others}
