"""Measures a shipped bundle: python -m training.evaluate --bundle models/default --data ../shared/data"""

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from . import bootstrap, data, end_to_end, images, paired, scores
from .bundle import Bundle
from .crf import viterbi
from .shipped import decide, drawn, outputs, relation_rows, tagger_rows


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--bundle", type=Path, required=True)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--pictures", type=int, default=100, help="held-out pictures of DATA/paired to draw from")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--json", action="store_true", help="print the scores as JSON")
    p.add_argument("--write", action="store_true", help="put the scores into the manifest")
    return p.parse_args(argv)


def tag_words(
    bundle: Bundle, texts: list[list[str]], prefix: np.ndarray | None, first: list[int] | None = None
) -> list[list[str]]:
    """One BIO tag per word, by Viterbi."""
    rows, firsts = tagger_rows(bundle, texts)
    crf, emissions = bundle.crf(), outputs(bundle, "ner", rows, prefix, first)
    return [scores.word_tags(viterbi(e[: len(r["ids"])], *crf), f) for r, f, e in zip(rows, firsts, emissions, strict=True)]


def held_out_pictures(folder: Path, count: int) -> list[np.ndarray]:
    """Pictures of DATA/paired that training does not see."""
    return [images.pixels(Image.open(post.picture)) for post in paired.held_posts(folder)[:count]]


def slots(title: str, rows: int, prefix: np.ndarray | None, seed: int) -> list[tuple[str, list[int] | None]]:
    """A measurement with empty slots and, for a model that sees, one with a random picture in each first slot."""
    random = drawn(rows, prefix, seed)
    return [(title, None), *([(f"{title}, random picture", random)] if random else [])]


def with_interval(counts: np.ndarray) -> dict:
    """Scores of the counts of each post, and the 95 % interval of F1."""
    return {**scores.f1(*(int(n) for n in counts.sum(0))), "interval": bootstrap.interval(counts, bootstrap.f1)}


def measure(bundle: Bundle, root: Path, pictures: list[np.ndarray], seed: int) -> dict:
    """Every score by name."""
    result = {}
    prefix = bundle.prefixes("ner", pictures)
    for name in ("twitter2015", "twitter2017"):
        posts = data.read_conll(root / name / "valid.txt")
        gold, texts = [p.tags for p in posts], [p.words for p in posts]
        for title, first in slots(f"ner {name} valid", len(texts), prefix, seed):
            result[title] = with_interval(scores.entity_counts(gold, tag_words(bundle, texts, prefix, first)))
    pairs = data.read_mnre(root / "mnre/val.txt")
    rows, gold = relation_rows(bundle, pairs)
    part = bundle.manifest["re"]
    pair_prefix = bundle.prefixes("re", pictures)
    keys = [tuple(pair.words) for pair in pairs]
    counted = lambda labels: with_interval(bootstrap.by_key(keys, scores.relation_counts(gold, labels)))
    for title, first in slots("re mnre val, gold spans", len(rows), pair_prefix, seed):
        logits = outputs(bundle, "re", rows, pair_prefix, first)
        result[title] = counted([int(x.argmax()) for x in logits])
        if first is None:
            result[f"{title}, threshold"] = counted([decide(part, x) for x in logits])
    result["re mnre val, end to end"] = end_to_end.measure(bundle, pairs)
    return result


def main() -> None:
    """Prints, and stores on request, the scores of a bundle."""
    a = arguments()
    bundle = Bundle(a.bundle, a.threads)
    result = measure(bundle, a.data, held_out_pictures(a.data / "paired", a.pictures), a.seed)
    if a.json:
        print(json.dumps(result, indent=2))
    else:
        print(f"{'':46}{'P':>7}{'R':>7}{'F1':>7}  95 % interval of F1, by post")
        for name, r in result.items():
            other = f", {r['others']} relations between other spans" if "others" in r else ""
            print(f"{name:46}{r['precision']:7.2f}{r['recall']:7.2f}{r['f1']:7.2f}  {r['interval'][0]:.2f} to {r['interval'][1]:.2f}{other}")
    if a.write:
        kept = {name: value for name, value in bundle.manifest.get("metrics", {}).items() if "f1" not in value}
        bundle.manifest["metrics"] = {**result, **kept}
        bundle.write()


if __name__ == "__main__":
    main()
