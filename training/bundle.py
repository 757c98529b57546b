"""A bundle as a service runs it, in onnxruntime."""

import json
from pathlib import Path

import numpy as np
import onnxruntime

from . import images
from .tokenizer import Tokenizer


class Bundle:
    """The graphs of a bundle in onnxruntime, fed as a service would."""

    def __init__(self, folder: Path, threads: int = 1):
        self.folder = folder
        self.manifest = json.loads((folder / "manifest.json").read_text())
        self.tokenizer = Tokenizer(folder / "vocab.txt")
        self.threads = threads
        self.sessions: dict[str, onnxruntime.InferenceSession] = {}

    def run(self, file: str, **feed: np.ndarray) -> np.ndarray:
        """The only output of a graph."""
        if file not in self.sessions:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = self.threads
            self.sessions[file] = onnxruntime.InferenceSession(self.folder / file, options, providers=["CPUExecutionProvider"])
        return self.sessions[file].run(None, feed)[0]

    def prefixes(self, task: str, pictures: list[np.ndarray]) -> np.ndarray:
        """Prefix of the empty slot, then of each picture [3,224,224]."""
        part = self.manifest[task]
        empty = np.zeros((3, images.CROP, images.CROP), np.float32)
        features = [self.run(part["visual"], pixels=p[None]) for p in [empty, *pictures]]
        return self.run(part["prefix"], features=np.concatenate(features))

    def text(self, task: str, rows: list[dict], prefix: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Emissions or logits of rows with `ids` and, for relations, `head` and `tail`."""
        width = max(len(row["ids"]) for row in rows)
        ids = np.array([row["ids"] + [0] * (width - len(row["ids"])) for row in rows], np.int32)
        mask = np.array([[1] * len(row["ids"]) + [0] * (width - len(row["ids"])) for row in rows], np.int32)
        feed = {"input_ids": ids, "attention_mask": mask, "prefix": prefix, "prefix_index": index.astype(np.int32)}
        if task == "re":
            feed |= {f"{end}_position": np.array([row[end] for row in rows], np.int32) for end in ("head", "tail")}
        return self.run(self.manifest[task]["text"], **feed)

    def crf(self) -> list[np.ndarray]:
        """Start, end and transition scores."""
        return [np.array(self.manifest["ner"]["crf"][k], np.float32) for k in ("start", "end", "transitions")]
