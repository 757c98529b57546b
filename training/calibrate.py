"""Fits the confidences of a bundle: python -m training.calibrate --bundle models/default --data ../shared/data --write

Every figure is of posts that the settings behind it were not fitted to: each half of the validation posts with what suits the
other half. The manifest gets what suits all of them.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from . import data, end_to_end, mentions, reliability, scores, served
from .bundle import Bundle
from .shipped import chances, outputs, relation_rows, tagger_rows

ENTITY_SETS = ("twitter2015", "twitter2017")
# Temperature, and what is added to the score of None.
RELATION_SETTINGS = list(product(reliability.TEMPERATURES, [round(-1 + 0.1 * i, 1) for i in range(51)]))


@dataclass(frozen=True)
class Findings:
    """What was found in validation posts: whether each is right, and which half its post belongs to."""

    right: np.ndarray
    half: np.ndarray

    def fit(self, confidence: Callable, grid: list, chosen: np.ndarray):
        """The setting of the grid that suits the chosen findings."""
        return reliability.fit(lambda setting: confidence(setting)[chosen], self.right[chosen], grid)

    def crossed(self, confidence: Callable, settings: dict) -> np.ndarray:
        """Confidence of each finding with the setting fitted to the other half."""
        return np.where(self.half, confidence(settings[False]), confidence(settings[True]))

    def report(self, p: np.ndarray, keep: np.ndarray | None = None) -> dict:
        """How far the confidences of the kept findings can be trusted."""
        keep = np.ones(len(p), bool) if keep is None else keep
        return reliability.report(p[keep], self.right[keep])


def by_half(fit: Callable) -> dict:
    """What suits each half."""
    return {half: fit(half) for half in (True, False)}


@dataclass(frozen=True)
class Tagged:
    """Validation posts of all sets with the emissions of their pieces."""

    sets: list[str]
    gold: list[set[tuple[int, int, str]]]
    firsts: list[list[int]]
    emissions: list[np.ndarray]
    half: np.ndarray

    def mentions(self, bundle: Bundle, temperature: float) -> list[tuple[int, mentions.Mention]]:
        """Every mention on the best paths with its post; the temperature changes nothing but its probability."""
        labels, crf = bundle.manifest["ner"]["labels"], bundle.crf()
        rows = (mentions.find(e, f, labels, crf, temperature) for e, f in zip(self.emissions, self.firsts, strict=True))
        return [(post, m) for post, row in enumerate(rows) for m in row]


def tagged(bundle: Bundle, root: Path) -> Tagged:
    """Runs the tagger over the validation sets."""
    posts = [(name, post) for name in ENTITY_SETS for post in data.read_conll(root / name / "valid.txt")]
    rows, firsts = tagger_rows(bundle, [post.words for _, post in posts])
    found = outputs(bundle, "ner", rows, bundle.prefixes("ner", []))
    return Tagged(
        [name for name, _ in posts],
        [scores.spans(post.tags) for _, post in posts],
        firsts,
        [e[: len(row["ids"])] for e, row in zip(found, rows, strict=True)],
        reliability.halves([" ".join(post.words) for _, post in posts]),
    )


def entities(bundle: Bundle, posts: Tagged) -> dict:
    """Fits `ner.temperature` to the mentions found, and reports on them, before thresholds."""
    part = bundle.manifest["ner"]
    every = {t: posts.mentions(bundle, t) for t in reliability.TEMPERATURES}
    found = every[reliability.TEMPERATURES[0]]
    right = np.array([(m.start, m.end, m.kind) in posts.gold[post] for post, m in found])
    of = Findings(right, posts.half[[post for post, _ in found]])
    confidence = lambda t: np.array([m.p for _, m in every[t]])
    fit = lambda chosen: of.fit(confidence, reliability.TEMPERATURES, chosen)
    now = part.get("temperature", 1.0)
    every |= {now: posts.mentions(bundle, now)}
    before = of.report(confidence(now))["error"]
    p = of.crossed(confidence, by_half(lambda half: fit(of.half == half)))
    part["temperature"] = fit(np.ones(len(right), bool))
    result = {"entities": {**of.report(p), "temperature": part["temperature"], "before": before}}
    for name in ENTITY_SETS:
        result[f"entities, {name}"] = of.report(p, np.array([posts.sets[post] == name for post, _ in found]))
    return result


def relations(bundle: Bundle, pairs: list[data.Pair]) -> dict:
    """Fits `re.temperature` and `re.noneBias` to the pairs in which a relation is found; reports on these, before thresholds."""
    part = bundle.manifest["re"]
    rows, labels = relation_rows(bundle, pairs)
    logits = np.stack(outputs(bundle, "re", rows, bundle.prefixes("re", []))).astype(np.float64)
    of = Findings(logits.argmax(1) == np.array(labels), reliability.halves([" ".join(pair.words) for pair in pairs]))
    related = logits.argmax(1) != 0
    confidence = confidences(part, logits)
    fit = lambda chosen: of.fit(confidence, RELATION_SETTINGS, chosen & related)
    settings = by_half(lambda half: fit(of.half == half))
    now = (part["temperature"], part.get("noneBias", 0.0))
    before = of.report(confidence(now), related)["error"]
    part["temperature"], part["noneBias"] = fit(np.ones(len(rows), bool))
    p = of.crossed(confidence, settings)
    fitted = {"temperature": part["temperature"], "noneBias": part["noneBias"], "before": before}
    served_findings, scored = found_relations(bundle, pairs)
    return {
        "relations": {**of.report(p, related), **fitted},
        "relations between entities found": served_findings.report(served_findings.crossed(confidences(part, scored), settings)),
        "pairs, relation or none": of.report(p),
    }


def confidences(part: dict, logits: np.ndarray) -> Callable:
    """Confidence of each row in its likeliest label, as a function of temperature and bias."""
    return lambda setting: chances({**part, "temperature": setting[0], "noneBias": setting[1]}, logits)[1]


def found_relations(bundle: Bundle, pairs: list[data.Pair]) -> tuple[Findings, np.ndarray]:
    """The relations a service finds between annotated spans, before thresholds, and the scores behind each."""
    posts = end_to_end.gather(pairs)
    halves = reliability.halves([" ".join(words) for words in posts.words])
    labels, right, half, logits = bundle.manifest["re"]["labels"], [], [], []
    for one in served.candidates(bundle, posts.words):
        label = labels[int(one.logits.argmax())]
        truth = posts.relations[one.post].get(one.spans)
        if truth and label["type"] != end_to_end.NONE:
            right.append(truth == (label["type"], label["inverse"]))
            half.append(halves[one.post])
            logits.append(one.logits)
    return Findings(np.array(right), np.array(half)), np.stack(logits).astype(np.float64)


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--bundle", type=Path, required=True)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--json", action="store_true", help="print the tables as JSON")
    p.add_argument("--write", action="store_true", help="put settings and tables into the manifest")
    return p.parse_args(argv)


def main() -> None:
    """Fits, prints the tables, and stores settings and tables on request."""
    a = arguments()
    bundle = Bundle(a.bundle, a.threads)
    result = entities(bundle, tagged(bundle, a.data))
    result |= relations(bundle, data.read_mnre(a.data / "mnre/val.txt"))
    if a.json:
        print(json.dumps(result, indent=2))
    for name, found in result.items() if not a.json else ():
        if "temperature" in found:
            bias = f", bias of None {found['noneBias']}" if "noneBias" in found else ""
            print(f"temperature {found['temperature']}{bias}; error with the manifest's settings before: {found['before']}")
        print("\n".join(reliability.table(name, found)))
    if a.write:
        bundle.write_metrics({"calibration": result})


if __name__ == "__main__":
    main()
