"""How far confidences can be trusted: reliability tables, expected calibration error, and the temperature that suits best."""

import hashlib
from collections.abc import Callable

import numpy as np

BINS = 10
TEMPERATURES = [round(0.5 + 0.05 * i, 2) for i in range(71)]
SIMULATIONS = 500


def halves(posts: list[str]) -> np.ndarray:
    """For each post whether it is in the first half: its text alone decides."""
    return np.array([hashlib.sha1(post.encode()).digest()[0] % 2 == 0 for post in posts], bool)


def fit(confidence: Callable, right: np.ndarray, grid: list):
    """The setting of a grid at which being right or not was likeliest; `confidence` takes a setting."""

    def loss(setting) -> float:
        p = np.clip(confidence(setting), 1e-6, 1 - 1e-6)
        return float(-np.where(right, np.log(p), np.log(1 - p)).mean())

    return min(grid, key=loss)


def places(confidence: np.ndarray, equal_mass: bool) -> np.ndarray:
    """Bin of each confidence: of equal width from 0 to 1, or of equal numbers."""
    if not equal_mass:
        return np.minimum((confidence * BINS).astype(int), BINS - 1)
    ranks = np.empty(len(confidence), int)
    ranks[confidence.argsort(kind="stable")] = np.arange(len(confidence))
    return ranks * BINS // max(len(confidence), 1)


def expected_error(confidence: np.ndarray, right: np.ndarray, equal_mass: bool = False) -> float:
    """Mean gap between confidence and accuracy over the bins, weighted by their numbers."""
    place = places(confidence, equal_mass)
    gaps = np.bincount(place, right - confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / max(len(confidence), 1))


def expected_by_chance(confidence: np.ndarray, seed: int = 1) -> float:
    """The error that perfectly calibrated confidences would show with so few findings."""
    draw = np.random.default_rng(seed)
    runs = [expected_error(confidence, draw.random(len(confidence)) < confidence) for _ in range(SIMULATIONS)]
    return float(np.mean(runs))


def report(confidence: np.ndarray, right: np.ndarray) -> dict:
    """Number of findings, both calibration errors, what chance explains, and the table by equal width."""
    place = places(confidence, False)
    bins = []
    for b in range(BINS):
        inside = place == b
        if inside.any():
            means = {"confidence": round(float(confidence[inside].mean()), 3), "accuracy": round(float(right[inside].mean()), 3)}
            bins.append({"from": b / BINS, "n": int(inside.sum()), **means})
    return {
        "n": len(confidence),
        "error": round(expected_error(confidence, right), 4),
        "errorEqualMass": round(expected_error(confidence, right, equal_mass=True), 4),
        "errorByChance": round(expected_by_chance(confidence), 4),
        "bins": bins,
    }


def table(name: str, found: dict) -> list[str]:
    """A report as lines of text."""
    lines = [
        f"{name}: {found['n']} findings, calibration error {found['error']:.4f}, in bins of equal numbers "
        f"{found['errorEqualMass']:.4f} ({found['errorByChance']:.4f} by chance alone)",
        f"{'confidence':>14}{'n':>8}{'mean':>8}{'right':>8}",
    ]
    for b in found["bins"]:
        upper = b["from"] + 1 / BINS
        lines.append(f"{b['from']:8.1f} - {upper:.1f}{b['n']:8}{b['confidence']:8.3f}{b['accuracy']:8.3f}")
    return lines
