"""Fits the relation temperature of a bundle: python -m training.calibrate --bundle models/default --data ../shared/data"""

import argparse
import json
from pathlib import Path

import numpy as np

from . import data
from .bundle import Bundle
from .evaluate import outputs, relation_rows, softmax


def expected_error(chance: np.ndarray, gold: np.ndarray, bins: int = 10) -> float:
    """Mean gap between confidence and accuracy over equal-width bins of the top probability."""
    top, right = chance.max(1), chance.argmax(1) == gold
    place = np.minimum((top * bins).astype(int), bins - 1)
    gaps = [(place == b).mean() * abs(top[place == b].mean() - right[place == b].mean()) for b in range(bins) if (place == b).any()]
    return float(sum(gaps))


def main() -> None:
    """Tries temperatures on MNRE val and writes the likeliest one into the manifest."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--bundle", type=Path, required=True)
    p.add_argument("--data", type=Path, required=True)
    a = p.parse_args()
    bundle = Bundle(a.bundle, threads=2)
    rows, labels = relation_rows(bundle, data.read_mnre(a.data / "mnre/val.txt"))
    gold = np.array(labels)
    logits = np.stack(outputs(bundle, "re", rows, bundle.prefixes("re", []))).astype(np.float64)
    loss = lambda t: float(-np.log(softmax(logits, t)[np.arange(len(gold)), gold] + 1e-12).mean())
    best = min((round(0.5 + 0.05 * i, 2) for i in range(71)), key=loss)
    for t in (1.0, best):
        print(f"temperature {t}: loss {loss(t):.4f}, calibration error {expected_error(softmax(logits, t), gold):.4f}")
    bundle.manifest["re"]["temperature"] = best
    (a.bundle / "manifest.json").write_text(json.dumps(bundle.manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
