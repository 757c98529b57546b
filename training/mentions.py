"""Mentions with their probabilities, as src/model/hvpnet/decode-mentions.ts finds them."""

from dataclasses import dataclass

import numpy as np

from .crf import viterbi


@dataclass(frozen=True)
class Mention:
    """Words [start, end) of a type, and the probability that a service reports."""

    start: int
    end: int
    kind: str
    p: float


def log_sum(values: np.ndarray, axis: int) -> np.ndarray:
    """Log of the summed exponentials."""
    most = values.max(axis, keepdims=True)
    return np.log(np.exp(values - most).sum(axis)) + most.squeeze(axis)


def marginals(emissions: np.ndarray, crf: list[np.ndarray], temperature: float = 1.0) -> np.ndarray:
    """Probability of every label at every position [length, labels]; all scores are divided by `temperature`."""
    scores, start, end, steps = (np.asarray(x, np.float64) / temperature for x in (emissions, *crf))
    forward, backward = np.empty_like(scores), np.empty_like(scores)
    forward[0], backward[-1] = start + scores[0], end
    for t in range(1, len(scores)):
        forward[t] = log_sum(forward[t - 1][:, None] + steps, 0) + scores[t]
    for t in range(len(scores) - 2, -1, -1):
        backward[t] = log_sum(steps + (scores[t + 1] + backward[t + 1])[None], 1)
    both = forward + backward
    return np.exp(both - log_sum(both, 1)[:, None])


def types_of(labels: list[str]) -> dict[str, list[int]]:
    """Labels of each entity type: its B- and its I-."""
    kinds: dict[str, list[int]] = {}
    for i, label in enumerate(labels):
        if label[:2] in ("B-", "I-"):
            kinds.setdefault(label[2:], []).append(i)
    return kinds


def find(emissions: np.ndarray, firsts: list[int], labels: list[str], crf: list[np.ndarray], temperature: float = 1.0) -> list[Mention]:
    """Mentions of a row: the best path, each with the smallest probability of its words."""
    path, chance, kinds = viterbi(emissions, *crf), marginals(emissions, crf, temperature), types_of(labels)
    found: list[Mention] = []
    reaching = None
    for word, first in enumerate(firsts):
        label = labels[path[first]] if first >= 0 else "O"
        if label[:2] not in ("B-", "I-"):
            reaching = None
            continue
        kind = label[2:]
        p = min(float(chance[first, kinds[kind]].sum()), 1.0)
        if label[0] == "I" and reaching == kind:
            last = found.pop()
            found.append(Mention(last.start, word + 1, kind, min(last.p, p)))
        else:
            found.append(Mention(word, word + 1, kind, p))
        reaching = kind
    return found
