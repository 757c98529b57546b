"""Makes the bundles that the benchmark runs: python -m bench.prepare.bundles --size paper --vocab FILE --out DIR

Weights are made up: speeds are real, results mean nothing. In DIR: ner.pth and re.pth, the bundle fp32/, and int8/, the same in
8 bits, rounded as training.quantise does it but with no data behind it and never compared, for speed only.
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch

from training import export, generate, images
from training.bundle_golden import write_golden
from training.graphs import save_text_graphs
from training.manifest import seal
from training.parity import relations
from training.rowwise import quantise_rowwise
from training.static_pictures import quantise_pictures

TASKS = ("ner", "re")


def arguments() -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--size", choices=list(generate.SIZES), required=True)
    p.add_argument("--share", action="store_true", help="one picture network and one word table for both tasks")
    p.add_argument("--vocab", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True)
    return p.parse_args()


def write_float(a: argparse.Namespace) -> None:
    """Checkpoints with made-up weights, and their float32 bundle."""
    (a.out / "rel2id.json").write_text(json.dumps(relations()))
    options = []
    for seed, task in enumerate(TASKS):
        file = a.out / f"{task}.pth"
        generate.main(["--task", task, "--out", str(file), "--size", a.size, "--seed", str(seed + 1)])
        if seed and a.share:
            share(a.out)
        options += [f"--{task}", str(file)]
    name = f"bench-{a.size}-fp32-speed-only"
    described = ["--vocab", str(a.vocab), "--relations", str(a.out / "rel2id.json"), "--name", name]
    export.main([*options, *described, "--out", str(a.out / "fp32")])


def share(folder: Path) -> None:
    """Gives both tasks one picture network and one word table, as in the bundle that ships and whatever training/ makes.

    Two checkpoints of the paper's code never agree on a picture network: its training moves the statistics.
    """
    ner, re = (torch.load(folder / f"{task}.pth", weights_only=True) for task in TASKS)
    words = "bert.embeddings.word_embeddings.weight"
    for name in ner:
        if name.startswith("image_model."):
            re[name] = ner[name]
    re[words][: len(ner[words])] = ner[words]
    ner[words] = re[words].clone()
    torch.save(ner, folder / "ner.pth")
    torch.save(re, folder / "re.pth")


def write_int8(source: Path, out: Path, size: str) -> None:
    """The 8-bit twin of a bundle, ranges taken from noise."""
    described = json.loads((source / "manifest.json").read_text())
    described |= {"precision": "int8", "name": f"bench-{size}-int8-speed-only"}
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    shutil.copyfile(source / "vocab.txt", out / "vocab.txt")
    draw = np.random.default_rng(5)
    noise = [draw.normal(0, 1, (3, images.CROP, images.CROP)).astype(np.float32) for _ in range(4)]
    for visual, empty in {(described[t]["visual"], described[t]["empty"]) for t in TASKS}:
        quantise_pictures(source / visual, out / visual, noise)
        shutil.copyfile(source / empty, out / empty)
    for task in TASKS:
        file = described[task]["prefix"]
        onnx.save(quantise_rowwise(onnx.load(source / file), {}), out / file)
    load = lambda task: onnx.load(source / described[task]["text"])
    save_text_graphs({task: quantise_rowwise(load(task), {}) for task in TASKS}, out)
    write_golden(out, described)
    seal(out, described)


def main() -> None:
    """Writes everything."""
    a = arguments()
    a.out.mkdir(parents=True, exist_ok=True)
    write_float(a)
    write_int8(a.out / "fp32", a.out / "int8", a.size)


if __name__ == "__main__":
    main()
