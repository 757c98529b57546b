"""Measures a shipped bundle: python -m training.evaluate --bundle models/default --data ../shared/data"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
from PIL import Image

from . import data, images, scores
from .bundle import Bundle
from .crf import viterbi

BATCH = 32
NO_TYPE = ""


def arguments() -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--bundle", type=Path, required=True)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--pictures", type=int, default=100, help="last pictures of DATA/paired, never used in training")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--json", action="store_true", help="print the scores as JSON")
    p.add_argument("--write", action="store_true", help="put the scores into the manifest")
    return p.parse_args()


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


def tag_words(
    bundle: Bundle, texts: list[list[str]], prefix: np.ndarray | None, first: list[int] | None = None
) -> list[list[str]]:
    """One BIO tag per word, by Viterbi."""
    rows = []
    for words in texts:
        ids, firsts = data.ner_row(bundle.tokenizer, words, bundle.manifest["ner"]["maxSeq"])
        rows.append({"ids": ids, "firsts": firsts})
    crf = bundle.crf()
    emissions = outputs(bundle, "ner", rows, prefix, first)
    return [scores.word_tags(viterbi(e[: len(r["ids"])], *crf), r["firsts"]) for r, e in zip(rows, emissions, strict=True)]


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


def span_types(bundle: Bundle, pairs: list[data.Pair], prefix: np.ndarray) -> list[tuple[str, str]]:
    """Types our own tagger gives the two gold spans of each pair; empty where it finds another span or none."""
    texts = list(dict.fromkeys(tuple(p.words) for p in pairs))
    found = {}
    for words, tags in zip(texts, tag_words(bundle, [list(t) for t in texts], prefix), strict=True):
        found[words] = {(start, end): kind for start, end, kind in scores.spans(tags)}
    return [tuple(found[tuple(p.words)].get(span, NO_TYPE) for span in (p.first, p.second)) for p in pairs]


def decide(part: dict, logits: np.ndarray, mask: np.ndarray | None) -> int:
    """The label a service reports: the likeliest legal one, if it is over its threshold."""
    allowed = logits if mask is None else np.where(mask, logits, -np.inf)
    chance = softmax(allowed, part["temperature"])
    best = int(chance.argmax())
    limits = part["thresholds"]
    return best if chance[best] >= limits.get(part["labels"][best]["type"], limits["default"]) else 0


def relation_rows(bundle: Bundle, pairs: list[data.Pair]) -> tuple[list[dict], list[int]]:
    """Encoded pairs and their gold labels."""
    part, rows, gold = bundle.manifest["re"], [], []
    for pair in pairs:
        ids, head, tail = data.re_row(bundle.tokenizer, pair, part["maxSeq"])
        rows.append({"ids": ids, "head": head, "tail": tail})
        gold.append(data.label_index(part["labels"], pair.relation, pair.inverse))
    return rows, gold


def held_out_pictures(folder: Path, count: int) -> list[np.ndarray]:
    """The last pictures of a folder by name."""
    return [images.pixels(Image.open(f)) for f in sorted(folder.iterdir())[-count:]]


def measure(bundle: Bundle, root: Path, pictures: list[np.ndarray], seed: int) -> dict:
    """Every score by name."""
    result = {}
    prefix = bundle.prefixes("ner", pictures)
    for name in ("twitter2015", "twitter2017"):
        posts = data.read_conll(root / name / "valid.txt")
        gold, texts = [p.tags for p in posts], [p.words for p in posts]
        result[f"ner {name} valid"] = scores.entity_f1(gold, tag_words(bundle, texts, prefix))
        result[f"ner {name} valid, random picture"] = scores.entity_f1(gold, tag_words(bundle, texts, prefix, drawn(len(texts), prefix, seed)))
    pairs = data.read_mnre(root / "mnre/val.txt")
    rows, gold = relation_rows(bundle, pairs)
    part = bundle.manifest["re"]
    pair_prefix = bundle.prefixes("re", pictures)
    logits = outputs(bundle, "re", rows, pair_prefix)
    result["re mnre val, gold spans"] = scores.relation_f1(gold, [int(x.argmax()) for x in logits])
    other = outputs(bundle, "re", rows, pair_prefix, drawn(len(rows), pair_prefix, seed))
    result["re mnre val, gold spans, random picture"] = scores.relation_f1(gold, [int(x.argmax()) for x in other])
    result["re mnre val, gold spans, threshold"] = scores.relation_f1(gold, [decide(part, x, None) for x in logits])
    types = span_types(bundle, pairs, prefix)
    typed = [all(t) for t in types]
    masked = [decide(part, x, legal(part["labels"], *t)) if all(t) else 0 for x, t in zip(logits, types, strict=True)]
    service = scores.relation_f1(gold, masked)
    result["re mnre val, own types and mask, threshold"] = {**service, "typed": round(100 * sum(typed) / len(typed), 1)}
    return result


def main() -> None:
    """Prints, and stores on request, the scores of a bundle."""
    a = arguments()
    bundle = Bundle(a.bundle, a.threads)
    result = measure(bundle, a.data, held_out_pictures(a.data / "paired/images", a.pictures), a.seed)
    if a.json:
        print(json.dumps(result, indent=2))
    else:
        print(f"{'':46}{'P':>7}{'R':>7}{'F1':>7}")
        for name, r in result.items():
            typed = f"  both spans typed in {r['typed']} % of the pairs" if "typed" in r else ""
            print(f"{name:46}{r['precision']:7.2f}{r['recall']:7.2f}{r['f1']:7.2f}{typed}")
    if a.write:
        bundle.write_metrics(result)


if __name__ == "__main__":
    main()
