"""The manifest of a bundle: everything the runtime has to know about it."""

import datetime
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from . import data, images
from .model import Hvpnet
from .tweet_words import NORMALISER_VERSION

SCHEMA = 2
# A manifest describes every other file; a model card describes the bundle and may be written later.
UNSEALED = ("manifest.json", "MODEL_CARD.md")


@dataclass(frozen=True)
class Description:
    """What weights cannot say about a model."""

    name: str
    vocabulary: dict[str, int]
    generation: int = 1
    license: str | None = None
    languages: list[str] = field(default_factory=list)
    lower_case: bool = True
    max_seq: int = 80
    url: str | None = None
    hashtags: str = "whole"
    ner_labels: list[str] = field(default_factory=lambda: data.NER_LABELS)
    re_labels: list[dict] = field(default_factory=list)
    pairs: str = "canonical"
    # Whether a closing marker is written when its mention ends the text; the paper's code loses it there.
    close_last: bool = False
    # Whether relations look at a post's pictures.
    re_pictures: bool = True
    metrics: dict = field(default_factory=dict)


def manifest(about: Description, models: dict[str, Hvpnet], files: dict[str, dict[str, str]]) -> dict:
    """Everything the runtime has to know, less the file hashes; `files` names each task's graphs."""
    made = {
        "schema": SCHEMA,
        "name": about.name,
        "generation": about.generation,
        "created": datetime.date.today().isoformat(),
        "precision": "fp32",
        "languages": about.languages,
        "files": {},
        "size": size(next(iter(models.values()))),
        "image": {"resize": images.RESIZE, "crop": images.CROP, "mean": images.MEAN, "std": images.STD, "exif": False},
        "tokenizer": tokenizer(about, "re" in models),
        "text": {"normaliser": NORMALISER_VERSION, "url": about.url, "hashtags": about.hashtags},
    }
    if about.license:
        made["license"] = about.license
    task = lambda t: {**files[t], "maxSeq": about.max_seq, "letterCase": models[t].size.letter_case}
    if "ner" in models:
        crf = models["ner"].crf
        scores = {"start": crf.start_transitions, "end": crf.end_transitions, "transitions": crf.transitions}
        made["ner"] = {
            **task("ner"),
            "labels": about.ner_labels,
            "crf": {name: numbers(value) for name, value in scores.items()},
            "temperature": 1.0,
            "thresholds": {"default": 0.5},
        }
    if "re" in models:
        made["re"] = {
            **task("re"),
            "pairs": about.pairs,
            "closeLast": about.close_last,
            "pictures": about.re_pictures,
            "temperature": 1.0,
            "noneBias": 0.0,
            "labels": about.re_labels,
            "thresholds": {"default": 0.5},
        }
    return {**made, "metrics": about.metrics}


def size(model: Hvpnet) -> dict:
    """Sizes of the model; both tasks of a bundle have the same."""
    s = model.size
    return {
        "layers": s.layers,
        "hidden": s.hidden,
        "heads": s.heads,
        "headSize": s.head_size,
        "channels": list(s.channels) if s.trunk else [],
        "images": s.images,
        "promptTokens": s.prompt_tokens,
        "prefixSlots": s.prefix_slots,
        "headsPerImage": s.heads_per_image,
    }


def tokenizer(about: Description, markers: bool) -> dict:
    """How text becomes ids; the markers stand behind the vocabulary."""
    words = about.vocabulary
    made = {"vocab": "vocab.txt", "lowerCase": about.lower_case, "maxWordChars": 100}
    made |= {name: words[piece] for name, piece in (("cls", "[CLS]"), ("sep", "[SEP]"), ("pad", "[PAD]"), ("unk", "[UNK]"))}
    if markers:
        made["markers"] = {end: len(words) + i for i, end in enumerate(("headStart", "headEnd", "tailStart", "tailEnd"))}
    return made


def numbers(tensor) -> list:
    """Nested lists of floats; JSON keeps every float32 bit in nine digits."""
    return [numbers(x) for x in tensor] if tensor.dim() else float(f"{tensor.item():.9g}")


def seal(folder: Path, described: dict) -> int:
    """Adds size and hash of every file to the manifest, writes it, and returns the size of the bundle in bytes."""
    described["files"] = {}
    for path in sorted(folder.iterdir()):
        if path.name not in UNSEALED:
            content = path.read_bytes()
            described["files"][path.name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(described, indent=2) + "\n")
    return sum(path.stat().st_size for path in folder.iterdir())
