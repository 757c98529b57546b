"""Examples with their results inside a bundle: `grapevine model check` runs them again on the user's machine."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from . import data, images
from .bundle import Bundle
from .crf import viterbi

FILE = "golden.json"
PICTURE = "golden.png"
# Largest difference of a score on another machine. Last bits of float32 differ between processors; in an 8-bit graph such
# a bit can move an activation by a whole step.
TOLERANCES = {"fp32": 1e-4, "int8": 0.5}
# Records as `grapevine extract` takes them; no word is one that the normaliser would change.
RECORDS = [
    {"words": "Maya Okoro joined Harbour Robotics in Lisbon today".split(), "pairs": [[[0, 2], [3, 5]], [[3, 5], [6, 7]]]},
    {
        "words": ["RT", "@ana", ":", "Blue", "Lanterns", "play", "the", "Old", "Mill", "Theatre", "\ufe0f", "Zo\u00eb", "Reyes"],
        "images": [PICTURE],
        "pairs": [[[11, 13], [3, 5]]],
    },
    {
        "words": "so tired lol , nobody answers on a Monday".split(),
        "images": [PICTURE],
        "regions": [[12, 8, 140, 120], [60, 40, 300, 200]],
        "pairs": [],
    },
]


def picture() -> Image.Image:
    """A made-up picture of awkward size."""
    y, x = np.mgrid[0:203, 0:311]
    return Image.fromarray(np.stack([(x * 3 + y) % 256, (x // 9 * 41) % 256, (y * y // 97) % 256], 2).astype(np.uint8), "RGB")


def write_golden(folder: Path, described: dict) -> None:
    """Writes the examples and, for a bundle that reads pictures, their picture; to be called before sealing."""
    bundle = Bundle(folder, described=described)
    seeing = any("visual" in described.get(task, {}) for task in ("ner", "re"))
    if seeing:
        picture().save(folder / PICTURE, optimize=True)
    cases = [case(bundle, record if seeing else blind(record)) for record in RECORDS]
    content = {"tolerance": TOLERANCES[described["precision"]], "cases": cases}
    (folder / FILE).write_text(json.dumps(content, separators=(",", ":")).replace("},{", "},\n{") + "\n")


def blind(record: dict) -> dict:
    """A record without its pictures."""
    return {k: v for k, v in record.items() if k not in ("images", "regions")}


def case(bundle: Bundle, record: dict) -> dict:
    """A record and what the graphs give for it."""
    pictures = slots(bundle.folder, record)
    order = np.arange(bundle.manifest["size"]["images"])[None] + 1
    index = lambda prefix: np.where(order < len([] if prefix is None else prefix), order, 0)
    expected = {}
    if "ner" in bundle.manifest:
        limit, case = bundle.manifest["ner"]["maxSeq"], bundle.letter_case("ner")
        ids, firsts = data.ner_row(bundle.tokenizer, record["words"], limit, letter_case=case)
        prefix = bundle.prefixes("ner", pictures)
        emissions = bundle.text("ner", [{"ids": ids}], prefix, index(prefix))[0]
        path = viterbi(emissions, *bundle.crf())
        expected |= {"pieces": len(ids), "first": firsts, "emissions": rounded(emissions), "path": path}
    if "re" in bundle.manifest:
        prefix = bundle.prefixes("re", pictures)
        logits = [bundle.text("re", [pair_row(bundle, record["words"], *pair)], prefix, index(prefix))[0] for pair in record["pairs"]]
        expected["relations"] = [rounded(row) for row in logits]
    pairs = [{"head": head, "tail": tail} for head, tail in record["pairs"]]
    return {**record, "pairs": pairs, "expected": expected}


def slots(folder: Path, record: dict) -> list[np.ndarray]:
    """Pixels of the whole picture and of its regions."""
    if "images" not in record:
        return []
    whole = Image.open(folder / PICTURE)
    return [images.pixels(whole), *(images.pixels(whole.crop(box)) for box in record.get("regions", []))]


def pair_row(bundle: Bundle, words: list[str], head: list[int], tail: list[int]) -> dict:
    """The row of a pair in the order given."""
    part = bundle.manifest["re"]
    pair = data.Pair(words, tuple(head), tuple(tail), "None", False)
    ids, at_head, at_tail = data.re_row(bundle.tokenizer, pair, part["maxSeq"], part["closeLast"], letter_case=bundle.letter_case("re"))
    return {"ids": ids, "head": at_head, "tail": at_tail}


def rounded(array: np.ndarray) -> list:
    """Nested lists of floats with six decimals."""
    return np.round(array.astype(np.float64), 6).tolist()
