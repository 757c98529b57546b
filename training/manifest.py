"""The manifest of a bundle: everything the runtime has to know about it."""

import datetime
import hashlib
import json
from pathlib import Path

from . import data, images


def manifest(name: str, generation: int, models: dict, visual: dict[str, str], labels: list[dict]) -> dict:
    """Everything the runtime has to know, less the file hashes."""
    s = models["ner"].size
    words = s.words - 4
    crf = models["ner"].crf
    short = lambda t: [short(x) for x in t] if t.dim() else float(f"{t.item():.7g}")
    task = lambda t: {"visual": visual[t], "prefix": f"prefix.{t}.onnx", "text": f"text.{t}.onnx", "maxSeq": s.positions}
    markers = {end: words + i for i, end in enumerate(("headStart", "headEnd", "tailStart", "tailEnd"))}
    return {
        "schema": 1,
        "name": name,
        "generation": generation,
        "created": datetime.date.today().isoformat(),
        "license": "Apache-2.0",
        "languages": ["en"],
        "files": {},
        "size": {
            "layers": s.layers,
            "hidden": s.hidden,
            "heads": s.heads,
            "headSize": s.head_size,
            "channels": list(s.channels),
            "images": s.images,
            "promptTokens": s.prompt_tokens,
            "prefixSlots": s.prefix_slots,
            "headsPerImage": s.heads_per_image,
        },
        "image": {"resize": images.RESIZE, "crop": images.CROP, "mean": images.MEAN, "std": images.STD, "exif": False},
        "tokenizer": {
            "vocab": "vocab.txt",
            "lowerCase": True,
            "maxWordChars": 100,
            "cls": 101,
            "sep": 102,
            "pad": 0,
            "unk": 100,
            "markers": markers,
        },
        "text": {"urlWord": data.URL_WORD},
        "ner": {
            **task("ner"),
            "labels": data.NER_LABELS,
            "crf": {"start": short(crf.start_transitions), "end": short(crf.end_transitions), "transitions": short(crf.transitions)},
            "thresholds": {"default": 0.5},
        },
        "re": {**task("re"), "pairOrder": "text", "temperature": 1.0, "labels": labels, "thresholds": {"default": 0.5}},
        "metrics": {},
    }


def seal(folder: Path, described: dict) -> int:
    """Adds size and hash of every file to the manifest, writes it, and returns the size of the bundle in bytes."""
    for path in sorted(folder.iterdir()):
        if path.name not in ("manifest.json", "MODEL_CARD.md"):
            content = path.read_bytes()
            described["files"][path.name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(described, indent=2) + "\n")
    return sum(path.stat().st_size for path in folder.iterdir())
