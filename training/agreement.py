"""How far two bundles agree on real data: the share of equal tags and relation labels, and what that does to F1."""

from pathlib import Path

import numpy as np

from . import data, scores
from .bundle import Bundle
from .crf import viterbi
from .tweet_words import Rules

BATCH = 32
# What an 8-bit bundle must reach against its float32 one.
LEAST_EQUAL = 99.0
MOST_LOST = 0.5


def encode(bundle: Bundle, task: str, file: Path) -> list[dict]:
    """Rows of a CoNLL or MNRE file as the bundle's text graph takes them; rows that do not fit are left out."""
    part, text = bundle.manifest[task], bundle.manifest["text"]
    rules, case = Rules(text["url"], text["hashtags"]), bundle.letter_case(task)
    if task == "ner":
        encoded = [data.ner_row(bundle.tokenizer, post.words, part["maxSeq"], rules, case) for post in data.read_conll(file)]
        return [dict(zip(("ids", "firsts"), row, strict=True)) for row in encoded]
    pairs = data.read_mnre(file, text_order=part["pairs"] == "text")
    made = [data.re_row(bundle.tokenizer, pair, part["maxSeq"], part["closeLast"], rules, case) for pair in pairs]
    return [dict(zip(("ids", "head", "tail"), row, strict=True)) for row in made if row is not None]


def ner_outputs(bundle: Bundle, rows: list[dict], pictures: list[np.ndarray]) -> list[list[str]]:
    """One tag per word; with pictures given, each post sees one of them."""
    crf = bundle.crf()
    emissions = run(bundle, "ner", rows, pictures)
    return [scores.word_tags(viterbi(e[: len(r["ids"])], *crf), r["firsts"]) for r, e in zip(rows, emissions, strict=True)]


def run(bundle: Bundle, task: str, rows: list[dict], pictures: list[np.ndarray]) -> list[np.ndarray]:
    """Graph output per row, in the rows' order; with pictures given, each row of a task that looks at them has one in its first slot."""
    prefix = bundle.prefixes(task, pictures)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]["ids"]))
    result: list[np.ndarray] = [np.empty(0)] * len(rows)
    for at in range(0, len(order), BATCH):
        chosen = order[at : at + BATCH]
        index = np.zeros((len(chosen), bundle.manifest["size"]["images"]), np.int32)
        if prefix is not None and len(prefix) > 1:
            index[:, 0] = [1 + i % (len(prefix) - 1) for i in chosen]
        for i, out in zip(chosen, bundle.text(task, [rows[i] for i in chosen], prefix, index), strict=True):
            result[i] = out
    return result


def ner_agreement(exact: Bundle, quick: Bundle, file: Path, pictures: list[np.ndarray]) -> dict:
    """Equal tags in percent, and F1 of both."""
    rows = encode(exact, "ner", file)
    one, other = (ner_outputs(bundle, rows, pictures) for bundle in (exact, quick))
    gold = [post.tags for post in data.read_conll(file)]
    pairs = [(a, b) for x, y in zip(one, other, strict=True) for a, b in zip(x, y, strict=True)]
    f1 = [scores.entity_f1(gold, tags)["f1"] for tags in (one, other)]
    return summary("tags", pairs, f1)


def re_agreement(exact: Bundle, quick: Bundle, file: Path, pictures: list[np.ndarray]) -> dict:
    """Equal relation labels in percent, and F1 of both."""
    rows = encode(exact, "re", file)
    one, other = ([int(logits.argmax()) for logits in run(bundle, "re", rows, pictures)] for bundle in (exact, quick))
    part = exact.manifest["re"]
    pairs = data.read_mnre(file, text_order=part["pairs"] == "text")
    gold = [data.label_index(part["labels"], pair.relation, pair.inverse) for pair in pairs]
    f1 = [scores.relation_f1(gold, labels)["f1"] for labels in (one, other)] if len(gold) == len(rows) else [0.0, 0.0]
    return summary("labels", list(zip(one, other, strict=True)), f1)


def summary(what: str, pairs: list[tuple], f1: list[float]) -> dict:
    """The figures of one file."""
    equal = 100 * sum(a == b for a, b in pairs) / max(1, len(pairs))
    return {"equal": round(equal, 2), "of": what, "n": len(pairs), "f1": {"fp32": f1[0], "int8": f1[1]}}


def shortfalls(agreement: dict[str, dict]) -> list[str]:
    """What keeps an 8-bit bundle from being called good; empty when nothing does."""
    found = []
    for name, result in agreement.items():
        lost = result["f1"]["fp32"] - result["f1"]["int8"]
        if result["equal"] < LEAST_EQUAL:
            found.append(f"{name}: {result['equal']} % of {result['of']} are equal, at least {LEAST_EQUAL} % must be")
        if lost > MOST_LOST:
            found.append(f"{name}: F1 falls by {lost:.2f}, at most {MOST_LOST} is allowed")
    return found
