"""Runs checkpoints through the exporter and the service, and through the paper's arithmetic, and compares every score.

python -m training.parity [--size paper] [--text-only] [--device webgpu]: made-up weights, texts and pictures; needs
`npm run build`. Emissions, best paths and relation logits must be equal to 1e-4, one post alone and all of them together.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from . import data, export, generate, images, reference
from .crf import viterbi
from .tokenizer import Tokenizer

TOLERANCE = 1e-4
MAX_SEQ = 80
CLI = Path(__file__).parent.parent / "dist/cli.js"
DEVICES = ["cpu", "cuda", "webgpu"]
ODD_WORDS = ["\ufe0f", "<s>", "[SEP]", "x</o>y", "\u200b", "caf\u00e9", "\u6771\u4eac", "@someone", "#BigDay", "http://t.co/a1", "", "1,000.50", "RT", "a" * 120]


def arguments() -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--size", choices=list(generate.SIZES), default="small")
    p.add_argument("--text-only", action="store_true")
    p.add_argument("--device", choices=DEVICES, default=DEVICES[0], help="where the service runs its graphs")
    p.add_argument("--vocab", type=Path, default=Path("models/default/vocab.txt"))
    p.add_argument("--posts", type=int, default=12)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--work", type=Path, help="folder for checkpoints and bundle (default: a temporary one)")
    return p.parse_args()


def relations() -> dict[str, int]:
    """A relation file with the paper's 23 classes."""
    names = ["None", *(f"/{pair}/r{i}" for pair in ("per/per", "per/org", "org/loc", "loc/loc", "per/misc") for i in range(5))]
    return {name: i for i, name in enumerate(names[:23])}


def make_posts(a: argparse.Namespace, tokenizer: Tokenizer, folder: Path) -> list[dict]:
    """Records of made-up words, with none to three regions of a picture of their own, and pairs in both orders."""
    draw = random.Random(a.seed)
    plain = [piece for piece in tokenizer.pieces if piece.isascii() and piece.isalpha() and len(piece) > 2]
    records = []
    for i in range(a.posts):
        words = [draw.choice(ODD_WORDS if draw.random() < 0.2 else plain) for _ in range(draw.randint(4, 24))]
        record = {"id": str(i), "platform": "x", "author": {"id": "a"}, "words": words, "pairs": [pair(draw, len(words)) for _ in range(i % 4)]}
        if i % 3:
            width, height = draw.randint(30, 500), draw.randint(30, 500)
            noise = np.random.default_rng(i).integers(0, 256, (height, width, 3), np.uint8)
            Image.fromarray(noise).resize((width, height)).save(folder / f"{i}.png")
            record["images"] = [f"{i}.png"]
            record["regions"] = [box(draw, width, height) for _ in range(i % 4)]
        records.append(record)
    return records


def pair(draw: random.Random, words: int) -> dict:
    """Two spans anywhere, the last word included."""
    spans = []
    for _ in range(2):
        start = draw.randrange(words)
        spans.append([start, min(words, start + draw.randint(1, 3))])
    return {"head": spans[0], "tail": spans[1]}


def box(draw: random.Random, width: int, height: int) -> list[int]:
    """A part of a picture."""
    x, y = draw.randrange(width - 10), draw.randrange(height - 10)
    return [x, y, draw.randint(x + 5, width), draw.randint(y + 5, height)]


def expected(record: dict, states: dict, tokenizer: Tokenizer, folder: Path, seeing: bool) -> dict:
    """What the paper's code computes for a record."""
    pictures = None
    if seeing:
        pictures = torch.zeros(4, 3, images.CROP, images.CROP)
        if "images" in record:
            whole = Image.open(folder / record["images"][0])
            parts = [whole, *(whole.crop(b) for b in record["regions"])]
            for i, part in enumerate(parts):
                pictures[i] = torch.from_numpy(images.pixels(part))
    ids, first = [tokenizer.cls], []
    for word in record["words"]:
        pieces = tokenizer.encode(word)
        first.append(len(ids) if pieces else -1)
        ids += pieces
    ids.append(tokenizer.sep)
    scores = reference.emissions(states["ner"], ids, pictures, MAX_SEQ).numpy()
    crf = [states["ner"][f"crf.{n}"].numpy() for n in ("start_transitions", "end_transitions", "transitions")]
    rows = []
    for given in record["pairs"]:
        ids_of_pair, head, tail = marked(tokenizer, record["words"], given)
        rows.append(reference.logits(states["re"], ids_of_pair, head, tail, pictures, MAX_SEQ).tolist())
    return {"pieces": len(ids), "first": first, "emissions": scores.tolist(), "path": viterbi(scores, *crf), "relations": rows}


def marked(tokenizer: Tokenizer, words: list[str], given: dict) -> tuple[list[int], int, int]:
    """Ids with the four markers as the paper's code inserts them, and where the opening ones are."""
    base = len(tokenizer.pieces)
    ids = [tokenizer.cls]
    for i, word in enumerate(words):
        for place, marker in ((given["head"][0], 0), (given["head"][1], 1), (given["tail"][0], 2), (given["tail"][1], 3)):
            if place == i:
                ids.append(base + marker)
        ids += tokenizer.encode(word)
    ids.append(tokenizer.sep)
    return ids, ids.index(base), ids.index(base + 2)


def serve(bundle: Path, records: list[dict], folder: Path, device: str) -> list[dict]:
    """Scores of the service for records in one run."""
    lines = "".join(json.dumps(record) + "\n" for record in records)
    options = ["--bundle", str(bundle), "--image-root", str(folder), "--device", device]
    command = ["node", str(CLI), "extract", *options, "--scores", "-"]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return [json.loads(line)["scores"] for line in done.stdout.splitlines()]


def differ(want: dict, got: dict) -> float:
    """Largest difference of any score; infinite where something that must be equal is not."""
    if any(want[key] != got[key] for key in ("pieces", "first", "path")) or len(want["relations"]) != len(got["relations"]):
        return float("inf")
    pairs = [(np.array(want[key]), np.array(got[key])) for key in ("emissions", "relations")]
    return max((float(np.abs(w - g).max()) for w, g in pairs if w.size), default=0.0)


def prepare(a: argparse.Namespace, folder: Path) -> dict:
    """Makes the checkpoints and exports them; gives the states."""
    states, options = {}, []
    (folder / "rel2id.json").write_text(json.dumps(relations()))
    for task in ("ner", "re"):
        file = folder / f"{task}.pth"
        flags = ["--task", task, "--out", str(file), "--size", a.size, "--seed", str(a.seed)]
        generate.main([*flags, *(["--text-only"] if a.text_only else [])])
        states[task] = torch.load(file, weights_only=True)
        options += [f"--{task}", str(file)]
    export.main([*options, "--vocab", str(a.vocab), "--relations", str(folder / "rel2id.json"), "--out", str(folder / "bundle")])
    return states


def run(a: argparse.Namespace, folder: Path) -> int:
    """Compares; returns the exit code."""
    states = prepare(a, folder)
    tokenizer = Tokenizer(a.vocab)
    records = make_posts(a, tokenizer, folder)
    want = [expected(record, states, tokenizer, folder, not a.text_only) for record in records]
    served = lambda posts: serve(folder / "bundle", posts, folder, a.device)
    off = max(differ(w, g) for w, g in zip(want, served(records), strict=True))
    alone = max(differ(w, served([r])[0]) for w, r in list(zip(want, records, strict=True))[:3])
    pairs = sum(len(r["pairs"]) for r in records)
    print(f"{len(records)} posts and {pairs} pairs: off by {off:.2e} together, {alone:.2e} alone (allowed {TOLERANCE})")
    return 0 if max(off, alone) <= TOLERANCE else 1


def main() -> None:
    """Prints the largest differences; exit code 1 when one is too large."""
    a = arguments()
    if a.work:
        a.work.mkdir(parents=True, exist_ok=True)
        sys.exit(run(a, a.work))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(run(a, Path(folder)))


if __name__ == "__main__":
    main()
