"""Pictures to pixels: Pillow's bilinear resize to 256, centre crop 224, ImageNet mean and deviation."""

import hashlib
from pathlib import Path

import numpy as np
import torch
from PIL import Image

RESIZE = 256
CROP = 224
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def crop(image: Image.Image) -> np.ndarray:
    """The uint8 crop [224,224,3]; alpha is dropped, EXIF orientation is not applied."""
    image = image.convert("RGB")
    width, height = image.size
    if min(width, height) != RESIZE:
        if width <= height:
            target = (RESIZE, int(RESIZE * height / width))
        else:
            target = (int(RESIZE * width / height), RESIZE)
        image = image.resize(target, Image.Resampling.BILINEAR)
    # Python's round takes halves to the even neighbour; the runtime has to do the same.
    left, top = round((image.width - CROP) / 2), round((image.height - CROP) / 2)
    return np.asarray(image.crop((left, top, left + CROP, top + CROP)))


def pixels(image: Image.Image) -> np.ndarray:
    """float32 [3,224,224], RGB, normalised."""
    scaled = crop(image).astype(np.float32) / np.float32(255)
    return ((scaled - np.float32(MEAN)) / np.float32(STD)).transpose(2, 0, 1)


def digest(files: list[Path]) -> str:
    """SHA-256 over the contents of files in their order."""
    whole = hashlib.sha256()
    for file in files:
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


@torch.no_grad()
def features(files: list[Path], model, cache: Path) -> torch.Tensor:
    """Features [n,4,channels] of picture files, kept in `cache` for as long as the files are these."""
    known = digest(files)
    if cache.exists():
        kept = torch.load(cache, weights_only=True)
        if isinstance(kept, dict) and kept.get("files") == known:
            return kept["features"]
    rows = []
    for at in range(0, len(files), 16):
        batch = [pixels(Image.open(f)) for f in files[at : at + 16]]
        rows.append(model(torch.from_numpy(np.stack(batch))))
    joined = torch.cat(rows)
    part = cache.with_suffix(".part")
    torch.save({"files": known, "features": joined}, part)
    part.replace(cache)
    return joined
