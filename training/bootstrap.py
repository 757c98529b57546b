"""95 % confidence intervals: posts are drawn again with replacement, and what was counted in them is added up."""

from collections.abc import Callable

import numpy as np

RESAMPLES = 2000


def interval(counts: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], seed: int = 1) -> list[float]:
    """Bounds of a statistic of summed counts; `counts` has a row per post, `statistic` takes the sums [resamples, columns]."""
    draw = np.random.default_rng(seed)
    weights = draw.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=RESAMPLES)
    values = statistic(weights @ np.asarray(counts, np.float64))
    return [round(float(bound), 2) for bound in np.percentile(values, [2.5, 97.5])]


def f1(sums: np.ndarray) -> np.ndarray:
    """F1 in percent of columns correct, predicted and gold."""
    return 200 * sums[:, 0] / np.maximum(sums[:, 1] + sums[:, 2], 1)


def by_key(keys: list, rows: np.ndarray) -> np.ndarray:
    """Rows added up where their keys are equal: one row per post."""
    place = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    sums = np.zeros((len(place), rows.shape[1]))
    np.add.at(sums, [place[key] for key in keys], rows)
    return sums
