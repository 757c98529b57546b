"""Fits the temperatures of a bundle: python -m training.calibrate --bundle models/default --data ../shared/data --write

Temperatures are fitted on one half of the validation posts; every figure is of the other half.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import data, mentions, reliability, scores, served
from .bundle import Bundle
from .shipped import outputs, relation_rows, softmax, tagger_rows

ENTITY_SETS = ("twitter2015", "twitter2017")


@dataclass(frozen=True)
class Tagged:
    """Validation posts of a set with the emissions of their pieces."""

    gold: list[set[tuple[int, int, str]]]
    firsts: list[list[int]]
    emissions: list[np.ndarray]
    half: np.ndarray

    def findings(self, bundle: Bundle, temperature: float, first_half: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each mention found in one half: its probability, whether it is right, and whether it is passed on."""
        part, found = bundle.manifest["ner"], []
        for gold, firsts, emissions, half in zip(self.gold, self.firsts, self.emissions, self.half, strict=True):
            if half == first_half:
                row = mentions.find(emissions, firsts, part["labels"], bundle.crf(), temperature)
                passed = served.sure(row, part["thresholds"])
                found += [(m.p, (m.start, m.end, m.kind) in gold, m in passed) for m in row]
        p, right, passed = (np.array(column) for column in zip(*found, strict=True))
        return p, right, passed


def tagged(bundle: Bundle, file: Path) -> Tagged:
    """Runs the tagger over a CoNLL file."""
    posts = data.read_conll(file)
    rows, firsts = tagger_rows(bundle, [post.words for post in posts])
    found = outputs(bundle, "ner", rows, bundle.prefixes("ner", []))
    return Tagged(
        [scores.spans(post.tags) for post in posts],
        firsts,
        [e[: len(row["ids"])] for e, row in zip(found, rows, strict=True)],
        reliability.halves([" ".join(post.words) for post in posts]),
    )


def entities(bundle: Bundle, sets: dict[str, Tagged]) -> dict:
    """Fits `ner.temperature` and gives the reports of the other half."""
    every = lambda t, first: [np.concatenate(x) for x in zip(*(s.findings(bundle, t, first) for s in sets.values()), strict=True)]
    first = {t: every(t, True) for t in reliability.TEMPERATURES}
    best = reliability.fit(lambda t: first[t][0], lambda t: first[t][1])
    before = bundle.manifest["ner"].get("temperature", 1.0)
    bundle.manifest["ner"]["temperature"] = best
    p, right, passed = every(best, False)
    old, old_right, _ = every(before, False)
    result = {"entities": {**reliability.report(p[passed], right[passed]), "temperature": best, "before": error(old, old_right)}}
    for name, one in sets.items():
        p, right, passed = one.findings(bundle, best, False)
        result[f"entities, {name}"] = reliability.report(p[passed], right[passed])
    return result


def error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Calibration error to be shown."""
    return round(reliability.expected_error(confidence, right), 4)


def relations(bundle: Bundle, pairs: list[data.Pair], only_relations: bool) -> dict:
    """Fits `re.temperature` and gives the reports of the other half."""
    rows, labels = relation_rows(bundle, pairs)
    logits = np.stack(outputs(bundle, "re", rows, bundle.prefixes("re", []))).astype(np.float64)
    half = reliability.halves([" ".join(pair.words) for pair in pairs])
    top, right = logits.argmax(1), logits.argmax(1) == np.array(labels)
    related = top != 0
    chosen = half & related if only_relations else half
    best = reliability.fit(lambda t: softmax(logits[chosen], t).max(1), lambda _: right[chosen])
    before = bundle.manifest["re"]["temperature"]
    bundle.manifest["re"]["temperature"] = best
    p = softmax(logits, best).max(1)
    report = lambda keep: reliability.report(p[keep], right[keep])
    old = error(softmax(logits, before).max(1)[~half], right[~half])
    return {
        "pairs, relation or none": {**report(~half), "temperature": best, "before": old},
        "pairs, relations": report(~half & related),
        "relations between entities found": reliability.report(*found_relations(bundle, pairs)),
    }


def found_relations(bundle: Bundle, pairs: list[data.Pair]) -> tuple[np.ndarray, np.ndarray]:
    """Probability and correctness of the relations a service finds between annotated spans of the other half, before thresholds."""
    gold = {(tuple(pair.words), pair.first, pair.second): (pair.relation, pair.inverse) for pair in pairs}
    posts = list(dict.fromkeys(tuple(pair.words) for pair in pairs))
    part, found = bundle.manifest["re"], []
    half = reliability.halves([" ".join(words) for words in posts])
    others = [list(words) for words, first in zip(posts, half, strict=True) if not first]
    for one in served.candidates(bundle, others):
        chance = softmax(one.logits, part["temperature"])
        label = part["labels"][int(chance.argmax())]
        truth = gold.get((tuple(others[one.post]), *one.spans))
        if truth and label["type"] != "None":
            found.append((chance.max(), truth == (label["type"], label["inverse"])))
    p, right = (np.array(column) for column in zip(*found, strict=True))
    return p, right


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--bundle", type=Path, required=True)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--only-relations", action="store_true", help="fit to pairs in which a relation is found, leaving out None")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--json", action="store_true", help="print the tables as JSON")
    p.add_argument("--write", action="store_true", help="put temperatures and tables into the manifest")
    return p.parse_args(argv)


def main() -> None:
    """Fits, prints the tables, and stores temperatures and tables on request."""
    a = arguments()
    bundle = Bundle(a.bundle, a.threads)
    result = entities(bundle, {name: tagged(bundle, a.data / name / "valid.txt") for name in ENTITY_SETS})
    result |= relations(bundle, data.read_mnre(a.data / "mnre/val.txt"), a.only_relations)
    if a.json:
        print(json.dumps(result, indent=2))
    for name, found in result.items() if not a.json else ():
        if "temperature" in found:
            print(f"temperature {found['temperature']}, fitted on the other half; error with that of the manifest: {found['before']:.4f}")
        print("\n".join(reliability.table(name, found)))
    if a.write:
        bundle.write_metrics({"calibration": result})


if __name__ == "__main__":
    main()
