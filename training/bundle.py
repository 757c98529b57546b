"""A bundle as a service runs it, in onnxruntime."""

import json
from pathlib import Path

import numpy as np
import onnxruntime

from .tokenizer import Tokenizer
from .verify import session


def empty_file(visual: str) -> str:
    """The file with the features of an empty slot (a picture of zeros), kept exact whatever the picture graph's precision."""
    return visual.replace("visual", "empty", 1).replace(".onnx", ".bin")


class Bundle:
    """The graphs of a bundle in onnxruntime, fed as a service would; `described` stands in for a manifest not written yet."""

    def __init__(self, folder: Path, threads: int = 1, described: dict | None = None):
        self.folder = folder
        self.manifest = described or json.loads((folder / "manifest.json").read_text())
        self.tokenizer = Tokenizer(folder / "vocab.txt", self.manifest["tokenizer"]["lowerCase"])
        self.threads = threads
        self.sessions: dict[str, onnxruntime.InferenceSession] = {}

    def letter_case(self, task: str) -> bool:
        """Whether a task's text graph is told how words are written."""
        return self.manifest[task].get("letterCase", False)

    def session(self, file: str) -> onnxruntime.InferenceSession:
        """A graph of the folder, loaded once."""
        if file not in self.sessions:
            self.sessions[file] = session(self.folder / file, self.threads)
        return self.sessions[file]

    def run(self, file: str, **feed: np.ndarray) -> np.ndarray:
        """The only output of a graph."""
        return self.session(file).run(None, feed)[0]

    def features(self, task: str, pixels: np.ndarray) -> np.ndarray:
        """Features [1,tokens,channels] of one picture [3,224,224]."""
        return self.run(self.manifest[task]["visual"], pixels=pixels[None])

    def prefixes(self, task: str, pictures: list[np.ndarray]) -> np.ndarray | None:
        """Prefix of the empty slot, then of each picture [3,224,224] if the task looks at them; None for a model without."""
        part = self.manifest[task]
        if "visual" not in part:
            return None
        features = [self.features(task, picture) for picture in pictures if part.get("pictures", True)]
        return self.run(part["prefix"], features=np.concatenate([self.empty(task), *features]))

    def empty(self, task: str) -> np.ndarray:
        """Features [1,tokens,channels] of an empty slot."""
        size = self.manifest["size"]
        values = np.frombuffer((self.folder / self.manifest[task]["empty"]).read_bytes(), "<f4")
        return values.reshape(1, size["promptTokens"], -1)

    def text(self, task: str, rows: list[dict], prefix: np.ndarray | None, index: np.ndarray) -> np.ndarray:
        """Emissions or logits of rows with `ids` and, for relations, `head` and `tail`."""
        return self.run(self.manifest[task]["text"], **self.text_feed(task, rows, prefix, index))

    def text_feed(self, task: str, rows: list[dict], prefix: np.ndarray | None, index: np.ndarray) -> dict[str, np.ndarray]:
        """Inputs of a text graph for a batch of rows."""
        width = max(len(row["ids"]) for row in rows)
        ids = np.array([row["ids"] + [0] * (width - len(row["ids"])) for row in rows], np.int32)
        mask = np.array([[1] * len(row["ids"]) + [0] * (width - len(row["ids"])) for row in rows], np.int32)
        feed = {"input_ids": ids, "attention_mask": mask}
        if prefix is not None:
            feed |= {"prefix": prefix, "prefix_index": index.astype(np.int32)}
        if task == "re":
            feed |= {f"{end}_position": np.array([row[end] for row in rows], np.int32) for end in ("head", "tail")}
        return feed

    def crf(self) -> list[np.ndarray]:
        """Start, end and transition scores."""
        return [np.array(self.manifest["ner"]["crf"][k], np.float32) for k in ("start", "end", "transitions")]

    def write_metrics(self, measured: dict) -> None:
        """Puts figures into the manifest's metrics, beside those that are there, and writes it."""
        self.manifest["metrics"] = {**self.manifest.get("metrics", {}), **measured}
        self.write()

    def write(self) -> None:
        """Writes the manifest; no file that it describes may have changed."""
        (self.folder / "manifest.json").write_text(json.dumps(self.manifest, indent=2) + "\n")
