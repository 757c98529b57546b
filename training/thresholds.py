"""Chooses what a service passes on: python -m training.thresholds --bundle models/default --data ../shared/data --write

Thresholds make F1 on validation posts as high as it gets, by type where there is enough to go by. How good thresholds chosen in
this way are is measured by choosing on each half of the posts and scoring the other.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import data, end_to_end, reliability, scores, served
from .bundle import Bundle
from .end_to_end import Finding, counts, passed

GRID = [round(0.2 + 0.02 * i, 2) for i in range(39)]
ENTITY_SETS = ("twitter2015", "twitter2017")


@dataclass(frozen=True)
class Limits:
    """What a choice has to keep to."""

    # Share of a type's findings that has to be right on the posts it is chosen on.
    precision: float
    # Annotated things and findings of a type below which it goes with the default.
    support: int


@dataclass(frozen=True)
class Evidence:
    """Findings of posts, how much of each type is annotated in each post, and each post's half."""

    found: list[Finding]
    gold: list[dict[str, int]]
    half: np.ndarray

    def of_half(self, first: bool) -> "Evidence":
        """The findings and annotations of one half."""
        found = [f for f in self.found if self.half[f.post] == first]
        return Evidence(found, [g if h == first else {} for g, h in zip(self.gold, self.half, strict=True)], self.half)

    def rows(self, thresholds: dict) -> np.ndarray:
        """Correct, predicted and gold of each post."""
        return counts(passed(self.found, thresholds), np.array([sum(g.values()) for g in self.gold]))


def choose(evidence: Evidence, limits: Limits, by_type: bool = True) -> dict:
    """Thresholds with the highest F1; types with little support, or none better than the default, are not named."""
    # What is not annotated is neither right nor wrong.
    found = [f for f in evidence.found if f.annotated]
    gold: dict[str, int] = {}
    for post in evidence.gold:
        for kind, n in post.items():
            gold[kind] = gold.get(kind, 0) + n
    total = sum(gold.values())

    def f1(thresholds: dict) -> float:
        kept = passed(found, thresholds)
        return 2 * sum(f.right for f in kept) / max(len(kept) + total, 1)

    def allowed(some: list[Finding]) -> list[float]:
        precise = lambda t: np.mean([f.right for f in some if f.p >= t] or [1.0]) >= limits.precision
        return [t for t in GRID if precise(t)] or [GRID[-1]]

    chosen = {"default": max(allowed(found), key=lambda t: (f1({"default": t}), -t))}
    kinds = {kind: [f for f in found if f.kind == kind] for kind in sorted(gold)} if by_type else {}
    for kind, some in kinds.items():
        if min(gold[kind], len(some)) >= limits.support:
            near = lambda t: -abs(t - chosen["default"])
            chosen[kind] = max(allowed(some), key=lambda t: (round(f1({**chosen, kind: t}), 9), near(t)))
    return {kind: t for kind, t in chosen.items() if kind == "default" or t != chosen["default"]}


def cross_scores(evidence: Evidence, limits: Limits, by_type: bool) -> dict:
    """Scores of every post under the thresholds chosen on the other half."""
    rows = sum(evidence.of_half(not first).rows(choose(evidence.of_half(first), limits, by_type)) for first in (True, False))
    return scores.f1(*(int(n) for n in rows.sum(0)))


def decide(evidence: Evidence, limits: Limits, now: dict) -> tuple[dict, dict]:
    """Thresholds for the manifest, and how they were arrived at; by type only where that pays on the other half."""
    single, typed = (cross_scores(evidence, limits, by_type) for by_type in (False, True))
    chosen = choose(evidence, limits, by_type=typed["f1"] > single["f1"])
    score = lambda thresholds: scores.f1(*(int(n) for n in evidence.rows(thresholds).sum(0)))
    report = {
        "before": score(now),
        "one threshold, other half": single,
        "by type, other half": typed,
        "chosen, same posts": score(chosen),
        "thresholds": chosen,
    }
    return chosen, report


def entity_evidence(bundle: Bundle, root: Path) -> Evidence:
    """Mentions of the Twitter validation posts."""
    posts = [post for name in ENTITY_SETS for post in data.read_conll(root / name / "valid.txt")]
    gold = [scores.spans(post.tags) for post in posts]
    found = []
    for at, row in enumerate(served.tag(bundle, [post.words for post in posts])):
        found += [Finding(at, m.kind, m.p, True, (m.start, m.end, m.kind) in gold[at]) for m in row]
    kinds = [number([kind for _, _, kind in spans]) for spans in gold]
    return Evidence(found, kinds, reliability.halves([" ".join(post.words) for post in posts]))


def relation_evidence(bundle: Bundle, root: Path) -> Evidence:
    """Relations of the MNRE validation posts, end to end."""
    posts = end_to_end.gather(data.read_mnre(root / "mnre/val.txt"))
    kinds = [number([kind for kind, _ in pairs.values() if kind != end_to_end.NONE]) for pairs in posts.relations]
    return Evidence(end_to_end.find(bundle, posts), kinds, reliability.halves([" ".join(words) for words in posts.words]))


def number(kinds: list[str]) -> dict[str, int]:
    """How often each type occurs."""
    return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--bundle", type=Path, required=True)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--min-precision", type=float, default=0.6, help="of a type's findings on the posts it is chosen on")
    p.add_argument("--min-support", type=int, default=20, help="annotated and found of a type, else it goes with the default")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--json", action="store_true", help="print the choice as JSON")
    p.add_argument("--write", action="store_true", help="put thresholds and scores into the manifest")
    return p.parse_args(argv)


def main() -> None:
    """Chooses for entities, then for relations between what these pass on; prints, and stores on request."""
    a = arguments()
    bundle, result = Bundle(a.bundle, a.threads), {}
    for task, gather in (("ner", entity_evidence), ("re", relation_evidence)):
        part = bundle.manifest[task]
        limits = Limits(a.min_precision, a.min_support)
        part["thresholds"], result[task] = decide(gather(bundle, a.data), limits, part["thresholds"])
    print(json.dumps(result, indent=2) if a.json else "\n".join(line for task in result for line in table(task, result[task])))
    if a.write:
        bundle.write_metrics({"thresholds": result})


def table(task: str, report: dict) -> list[str]:
    """A choice as lines of text."""
    lines = [f"{task:28}{'P':>7}{'R':>7}{'F1':>7}"]
    for name, r in report.items():
        if name != "thresholds":
            lines.append(f"{name:28}{r['precision']:7.2f}{r['recall']:7.2f}{r['f1']:7.2f}")
    return [*lines, "  ".join(f"{kind} {t}" for kind, t in report["thresholds"].items())]


if __name__ == "__main__":
    main()
