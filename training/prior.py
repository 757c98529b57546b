"""How readily a relation checkpoint says None: python -m training.prior --checkpoint RE.pth --data ../shared/data --out RE2.pth

Micro F1 counts relations only, so the likeliest label is not what scores best where most pairs hold none. One number, added to
the score of None, is chosen on MNRE val. Printed is what it brings on posts it was not chosen on, too: each half of the texts
with the number that suits the other half.
"""

import argparse
import json
from pathlib import Path

import torch

from . import checkpoint, data, rows, scores
from .teach import outputs
from .tokenizer import Tokenizer

STEPS = [round(-2 + 0.1 * i, 1) for i in range(31)]


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--checkpoint", type=Path, required=True)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--threads", type=int, default=2)
    return p.parse_args(argv)


def f1(logits: torch.Tensor, gold: list[int], bias: float) -> dict:
    """Micro scores with a number added to None."""
    shifted = logits.clone()
    shifted[:, 0] += bias
    return scores.relation_f1(gold, shifted.argmax(1).tolist())


def smoothed_best(logits: torch.Tensor, gold: list[int]) -> float:
    """The number that scores best together with its neighbours, so that one lucky step does not decide."""
    each = [f1(logits, gold, bias)["f1"] for bias in STEPS]
    around = [sum(each[max(0, i - 2) : i + 3]) / len(each[max(0, i - 2) : i + 3]) for i in range(len(each))]
    return STEPS[around.index(max(around))]


def crossed(logits: torch.Tensor, todo: list[dict]) -> float:
    """F1 of both halves of the texts, each with the number of the other."""
    correct = predicted = gold = 0
    half = torch.tensor([rows.fold_of(row, 2) for row in todo])
    for part in (0, 1):
        labels = [row["label"] for row, side in zip(todo, half, strict=True) if side == part]
        others = [row["label"] for row, side in zip(todo, half, strict=True) if side != part]
        found = f1(logits[half == part], labels, smoothed_best(logits[half != part], others))
        correct, predicted, gold = correct + found["correct"], predicted + found["predicted"], gold + found["gold"]
    return scores.f1(correct, predicted, gold)["f1"]


def main(argv: list[str] | None = None) -> None:
    """Chooses, prints and writes."""
    a = arguments(argv)
    torch.set_num_threads(a.threads)
    model = checkpoint.load("re", a.checkpoint)
    labels = data.relation_labels(list(json.loads((a.data / "mnre/rel2id.json").read_text())))
    pairs = data.read_mnre(a.data / "mnre/val.txt")
    todo = rows.re_rows(Tokenizer(a.data / "bert-base-uncased-vocab.txt"), pairs, labels, model.size.letter_case)
    ordered, logits = [], []
    for batch, made, _ in outputs(model, "re", todo):
        ordered += batch
        logits.append(made)
    logits, gold = torch.cat(logits), [row["label"] for row in ordered]
    best = smoothed_best(logits, gold)
    before, after = f1(logits, gold, 0.0), f1(logits, gold, best)
    print(f"None {best:+.1f}: F1 {before['f1']} -> {after['f1']}; on posts it was not chosen on {crossed(logits, ordered)}")
    state = checkpoint.read(a.checkpoint)
    state["classifier.bias"][0] += best
    torch.save(state, a.out)


if __name__ == "__main__":
    main()
