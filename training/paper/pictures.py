"""The picture side of a batch: pixels from files, features from the frozen trunk, and which picture fills which slot."""

from collections import Counter
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from .. import images
from ..model import Hvpnet

# What the data's own archives hold for posts whose picture is lost.
STAND_IN = "inf.png"
CHUNK = 32


class Album:
    """Pixels by path; a file that cannot be used becomes a stand-in and is remembered."""

    def __init__(self):
        self.lost: dict[Path, str] = {}

    def pixels(self, path: Path, whole: bool) -> np.ndarray:
        """float32 [3,224,224]; zeros for a lost crop, and for a lost picture whose folder has no stand-in."""
        found = decode(path)
        if isinstance(found, str):
            self.lost[path] = f"{found} {'pictures' if whole else 'crops'}"
            found = decode(path.with_name(STAND_IN)) if whole else found
        return nothing() if isinstance(found, str) else found

    def summary(self) -> dict[str, int]:
        """How many files were lost, by kind."""
        return dict(sorted(Counter(self.lost.values()).items()))


def decode(path: Path) -> np.ndarray | str:
    """Pixels of a file, or why there are none."""
    try:
        with Image.open(path) as image:
            return images.pixels(image)
    except FileNotFoundError:
        return "missing"
    except Exception:  # Pillow's decoders raise whatever comes to them on damaged bytes.
        return "broken"


def nothing() -> np.ndarray:
    """The empty slot: zeros after normalisation, which is a grey picture."""
    return np.zeros((3, images.CROP, images.CROP), np.float32)


class FixedPictures:
    """Features of a trunk that never changes: each file goes through it once."""

    def __init__(self, album: Album, device: str):
        self.album = album
        self.device = device
        self.place: dict[Path, int] = {}
        self.features = torch.empty(0)

    @torch.no_grad()
    def read(self, model: Hvpnet, rows: list[dict]) -> None:
        """Takes in the pictures of the rows, always in one order, so that a resumed run sees the same features bit for bit."""
        model.image_model.eval()
        run = lambda pixels: model.image_model(torch.from_numpy(np.stack(pixels)).to(self.device)).cpu()
        parts = [self.features] if self.place else [run([nothing()])]
        wanted = {path: slot == 0 for row in rows for slot, path in enumerate(row["pictures"]) if path not in self.place}
        files = list(wanted.items())
        for at in range(0, len(files), CHUNK):
            parts.append(run([self.album.pixels(*file) for file in files[at : at + CHUNK]]))
        for path in wanted:
            self.place[path] = len(self.place) + 1
        self.features = torch.cat(parts)

    def prefix(self, model: Hvpnet, batch: list[dict]) -> tuple[torch.Tensor, torch.Tensor]:
        """Prefixes of the batch's distinct pictures, and which of them fills which slot of which row."""
        slots = [[self.place[path] for path in row["pictures"]] for row in batch]
        slots = [row + [0] * (model.size.images - len(row)) for row in slots]
        used = sorted({place for row in slots for place in row})
        index = torch.tensor([[used.index(place) for place in row] for row in slots])
        return model.prefix(self.features[used].to(self.device)), index.to(self.device)


class DriftingPictures:
    """The authors' way: every batch goes through the trunk, slot by slot, and BatchNorm keeps learning in training."""

    def __init__(self, album: Album, device: str):
        self.album = album
        self.device = device

    def read(self, model: Hvpnet, rows: list[dict]) -> None:
        """Nothing can be kept of a trunk that changes."""

    def prefix(self, model: Hvpnet, batch: list[dict]) -> tuple[torch.Tensor, torch.Tensor]:
        """As FixedPictures, but of all slots, the empty ones included."""
        features = []
        for slot in range(model.size.images):
            files = [row["pictures"][slot] if slot < len(row["pictures"]) else None for row in batch]
            pixels = [self.album.pixels(path, slot == 0) if path else nothing() for path in files]
            features.append(model.image_model(torch.from_numpy(np.stack(pixels)).to(self.device)))
        index = torch.arange(len(features) * len(batch)).reshape(len(features), len(batch)).t()
        return model.prefix(torch.cat(features)), index.contiguous().to(self.device)
