"""Relations as a service finds them: between entities of its own, in text order, of types that fit."""

from dataclasses import dataclass

import numpy as np

from . import data, mentions
from .bundle import Bundle
from .shipped import legal, outputs, pair_row, tagger_rows

# src/model/hvpnet-extractor.ts
MAX_PAIRS = 50
SIGNS = set("#@")


@dataclass(frozen=True)
class Candidate:
    """Two mentions of a post in text order, and the relation scores of the labels their types allow (others -inf)."""

    post: int
    first: mentions.Mention
    second: mentions.Mention
    logits: np.ndarray

    @property
    def spans(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The words of both."""
        return (self.first.start, self.first.end), (self.second.start, self.second.end)


def tag(bundle: Bundle, posts: list[list[str]]) -> list[list[mentions.Mention]]:
    """Mentions of each post on the best path, whatever their probability, signs at their ends taken off."""
    part = bundle.manifest["ner"]
    rows, places = tagger_rows(bundle, posts)
    emissions = outputs(bundle, "ner", rows, bundle.prefixes("ner", []))
    found = []
    for words, scores, fed, firsts in zip(posts, emissions, rows, places, strict=True):
        row = mentions.find(scores[: len(fed["ids"])], firsts, part["labels"], bundle.crf(), part.get("temperature", 1.0))
        found.append([m for m in (trim(words, m) for m in row) if m])
    return found


def trim(words: list[str], mention: mentions.Mention) -> mentions.Mention | None:
    """The mention without words that are only `#` or `@`."""
    start, end = mention.start, mention.end
    while start < end and set(words[start]) <= SIGNS:
        start += 1
    while end > start and set(words[end - 1]) <= SIGNS:
        end -= 1
    return mentions.Mention(start, end, mention.kind, mention.p) if start < end else None


def sure(found: list[mentions.Mention], thresholds: dict) -> list[mentions.Mention]:
    """Mentions that are passed on."""
    return [m for m in found if m.p >= thresholds.get(m.kind, thresholds["default"])]


def candidates(bundle: Bundle, posts: list[list[str]]) -> list[Candidate]:
    """All pairs that the classifier is shown, with their scores."""
    part, ner = bundle.manifest["re"], bundle.manifest["ner"]
    if part["pairs"] != "text":
        raise ValueError(f"{bundle.folder}: pairs in {part['pairs']} order; only text order is measured")
    shown, rows, masks = [], [], []
    for post, (words, found) in enumerate(zip(posts, tag(bundle, posts), strict=True)):
        for first, second in pairs(words, sure(found, ner["thresholds"]), part["labels"]):
            pair = data.Pair(words, (first.start, first.end), (second.start, second.end), "None", False)
            row = pair_row(bundle, pair)
            # A service cuts a text that is longer round the pair; none of the data is.
            if row:
                shown.append((post, first, second))
                rows.append(row)
                masks.append(legal(part["labels"], first.kind, second.kind))
    logits = outputs(bundle, "re", rows, bundle.prefixes("re", []))
    return [Candidate(*s, np.where(mask, x, -np.inf)) for s, x, mask in zip(shown, logits, masks, strict=True)]


def pairs(words: list[str], found: list[mentions.Mention], labels: list[dict]) -> list[tuple[mentions.Mention, mentions.Mention]]:
    """Pairs in text order whose types allow a relation; of too many the closest."""
    starts = np.cumsum([0, *(len(word) + 1 for word in words)])
    gap = lambda pair: starts[pair[1].start] - (starts[pair[0].end] - 1)
    every = [(a, b) for i, a in enumerate(found) for b in found[i + 1 :] if legal(labels, a.kind, b.kind).sum() > 1]
    closest = sorted(every, key=gap)[:MAX_PAIRS]
    return sorted(closest, key=lambda pair: (pair[0].start, pair[1].start))
