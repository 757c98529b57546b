"""Makes the 8-bit bundle from a float32 one: python -m training.quantise --bundle FP32 --out INT8 --pictures DIR --ner FILE --re FILE

The text graphs compute row by row, the picture graph with ranges measured on real pictures (training/rowwise.py and
static_pictures.py say how). The result is compared with the float32 bundle on validation data, and without enough agreement it
gets no manifest, so that nothing can load it.
"""

import argparse
import random
import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
from PIL import Image

from . import images, paired
from .activations import Inputs, observe
from .agreement import encode, ner_agreement, re_agreement, shortfalls
from .bundle import Bundle
from .bundle_golden import write_golden
from .graphs import save_text_graphs
from .manifest import seal
from .rowwise import quantise_rowwise
from .static_pictures import quantise_pictures

TASKS = ("ner", "re")
# Pictures that are shown while text graphs are observed.
HELD = 16


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bundle", type=Path, required=True, help="a float32 bundle of training.export")
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--ner", type=Path, nargs="*", default=[], help="CoNLL files to compare entities on (validation data)")
    p.add_argument("--re", type=Path, nargs="*", default=[], help="MNRE files to compare relations on (validation data)")
    p.add_argument("--ner-texts", type=Path, nargs="*", default=[], help="CoNLL files on which roundings are balanced (training data)")
    p.add_argument("--re-texts", type=Path, nargs="*", default=[], help="MNRE files on which roundings are balanced (training data)")
    p.add_argument("--texts", type=int, default=800, help="rows of each of those files that are used")
    p.add_argument("--pictures", type=Path, help="folder of real pictures; needed for a bundle that reads pictures")
    p.add_argument("--paired", type=Path, help="instead, a folder like DATA/paired: pictures that training may see set the ranges")
    p.add_argument("--calibration", type=int, default=200, help="pictures, the first (by name), that set the ranges")
    p.add_argument("--held-out", type=int, default=50, help="pictures, the last by name or held out, used in the comparison")
    p.add_argument("--max-bytes", type=int, help="refuse a bundle larger than this")
    return p.parse_args(argv)


def observed(source: Bundle, task: str, a: argparse.Namespace, pictures: list[np.ndarray]) -> dict[str, Inputs]:
    """What the layers of a task's text graph read on training texts; nothing where none were given."""
    rows = []
    for file in a.ner_texts if task == "ner" else a.re_texts:
        rows += random.Random(1).sample(encoded := encode(source, task, file), min(a.texts, len(encoded)))
    return observe(source, task, rows, pictures[:HELD]) if rows else {}


def write_pictures(source: Bundle, out: Path, pictures: list[np.ndarray]) -> None:
    """The picture and prefix graphs in 8 bits."""
    parts = [source.manifest[task] for task in TASKS if task in source.manifest]
    for visual, empty in {(part["visual"], part["empty"]) for part in parts if "visual" in part}:
        quantise_pictures(source.folder / visual, out / visual, pictures)
        shutil.copyfile(source.folder / empty, out / empty)
    for prefix in {part["prefix"] for part in parts if "prefix" in part}:
        onnx.save(quantise_rowwise(onnx.load(source.folder / prefix), {}), out / prefix)


def write_texts(source: Bundle, out: Path, seen: dict[str, dict[str, Inputs]], first_layers: dict[str, int]) -> None:
    """The text graphs in 8 bits."""
    load = lambda task: onnx.load(source.folder / source.manifest[task]["text"])
    save_text_graphs({task: quantise_rowwise(load(task), seen[task], first_layers[task]) for task in seen}, out)


def read_pictures(a: argparse.Namespace) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Pixels of the pictures that set the ranges, and of those held out."""
    if a.paired:
        ranges, others = paired.training_pictures(a.paired), [post.picture for post in paired.held_posts(a.paired)]
    else:
        files = sorted(a.pictures.iterdir()) if a.pictures else []
        ranges, others = files[: len(files) - a.held_out], files[len(files) - a.held_out :]
    if (a.paired or a.pictures) and (len(ranges) < a.calibration or len(others) < a.held_out):
        found = f"{len(ranges)} pictures for ranges and {len(others)} held out"
        raise ValueError(f"reading {a.paired or a.pictures}: {found}; {a.calibration} and {a.held_out} are asked for")
    read = lambda chosen: [images.pixels(Image.open(file)) for file in chosen]
    return read(ranges[: a.calibration]), read(others[: a.held_out])


def compare(source: Bundle, out: Path, described: dict, task: str, files: list[Path], held_out: list[np.ndarray]) -> dict[str, dict]:
    """Agreement of the two bundles on every file of a task."""
    if not files:
        raise ValueError(f"comparing the bundles: no --{task} file to measure agreement on")
    quick = Bundle(out, threads=2, described=described)
    measure = ner_agreement if task == "ner" else re_agreement
    found = {}
    for file in files:
        name = f"{task} {file.parent.name}/{file.name}"
        found[f"{name}, no pictures"] = measure(source, quick, file, [])
        if held_out:
            found[f"{name}, pictures"] = measure(source, quick, file, held_out)
    for name, result in found.items():
        f1 = result["f1"]
        print(f"{name}: {result['equal']} % of {result['n']} {result['of']} equal, F1 {f1['fp32']} -> {f1['int8']}", flush=True)
    return found


def agree(source: Bundle, out: Path, described: dict, a: argparse.Namespace, pictures: tuple) -> dict[str, dict]:
    """Writes text graphs until they agree with the float32 ones, with one more float32 layer at each try.

    Raises ValueError with all shortfalls when half of the layers are not enough.
    """
    calibration, held_out = pictures
    tasks = [task for task in TASKS if task in described]
    seen = {task: observed(source, task, a, calibration) for task in tasks}
    first = dict.fromkeys(tasks, 0)
    while True:
        write_texts(source, out, seen, first)
        found = {task: compare(source, out, described, task, getattr(a, task), held_out) for task in tasks}
        short = {task: shortfalls(found[task]) for task in tasks}
        failing = [task for task in tasks if short[task]]
        if not failing:
            described["agreement"] = {name: result for task in tasks for name, result in found[task].items()}
            return described["agreement"]
        if any(first[task] >= described["size"]["layers"] // 2 for task in failing):
            problems = [problem for task in failing for problem in short[task]]
            raise ValueError("\n  ".join(["the 8-bit bundle is not good enough and was not sealed", *problems]))
        for task in failing:
            first[task] += 1
            print(f"{task}: the first {first[task]} layers stay float32", flush=True)


def quantise(a: argparse.Namespace) -> None:
    """Writes, compares, and seals or refuses."""
    source = Bundle(a.bundle, threads=2)
    described = {**source.manifest, "precision": "int8"}
    if any("visual" in described.get(task, {}) for task in TASKS) and not (a.pictures or a.paired):
        raise ValueError("the bundle reads pictures: give a folder of real ones with --pictures or --paired")
    pictures = read_pictures(a)
    shutil.rmtree(a.out, ignore_errors=True)
    a.out.mkdir(parents=True)
    shutil.copyfile(a.bundle / "vocab.txt", a.out / "vocab.txt")
    write_pictures(source, a.out, pictures[0])
    agree(source, a.out, described, a, pictures)
    write_golden(a.out, described)
    total = seal(a.out, described)
    print(f"{a.out}: {total} bytes")
    if a.max_bytes and total > a.max_bytes:
        (a.out / "manifest.json").unlink()
        raise ValueError(f"{a.out}: {total} bytes are over the {a.max_bytes} allowed; it was not sealed")


def main(argv: list[str] | None = None) -> None:
    """Quantises; a bundle that is not good enough ends with one message and exit code 1."""
    try:
        quantise(arguments(argv))
    except ValueError as error:
        sys.stderr.write(f"training.quantise: {error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
