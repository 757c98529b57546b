"""The per-post path of the paper's code: PyTorch, one post at a time, padded to 80, four pictures per call, one call per pair.

Reads one JSON line per slice, {"seconds": 4}, and answers with {"calls": 12, "seconds": 4.1}. Run by the benchmark as
python -m bench.contenders.authors --folder DIR --threads 2, DIR holding ner.pth and re.pth.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import torch

from training import checkpoint, reference

MAX_SEQ, PICTURES, CROP = 80, 4, 224
# A text of usual length; padding makes every length cost the same.
IDS = [101, *range(2000, 2028), 102]
HEAD, TAIL = 3, 9
# Of ten calls, how many tag a post; the others classify a pair. Both cost the same but for the last layer.
ORDER = "nrrnrnrrnr"


def arguments() -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--folder", type=Path, required=True)
    p.add_argument("--threads", type=int, required=True)
    return p.parse_args()


def paper_calls(folder: Path) -> dict[str, Callable]:
    """The paper's arithmetic as its code does it (training/reference.py)."""
    ner, re = (torch.load(folder / f"{task}.pth", weights_only=True) for task in ("ner", "re"))
    return {
        "n": lambda pictures: reference.emissions(ner, IDS, pictures, MAX_SEQ),
        "r": lambda pictures: reference.logits(re, IDS, HEAD, TAIL, pictures, MAX_SEQ),
    }


def small_calls(folder: Path) -> dict[str, Callable]:
    """The same way of working with the small model, which the paper's code does not know."""
    models = {task: checkpoint.load(task, folder / f"{task}.pth") for task in ("ner", "re")}
    ids = torch.tensor([IDS + [0] * (MAX_SEQ - len(IDS))], dtype=torch.int32)
    mask = torch.tensor([[1] * len(IDS) + [0] * (MAX_SEQ - len(IDS))], dtype=torch.int32)
    index = torch.arange(1, 1 + PICTURES, dtype=torch.int32)[None]

    def prefixes(model, pictures: torch.Tensor) -> torch.Tensor:
        # Row 0 stands for an empty slot and is read by nobody.
        features = torch.cat([model.image_model(picture[None]) for picture in pictures])
        return torch.cat([torch.zeros_like(first := model.prefix(features))[:1], first])

    ner, re = models["ner"], models["re"]
    ends = [torch.tensor([place], dtype=torch.int32) for place in (HEAD, TAIL)]
    return {
        "n": lambda pictures: ner(ids, mask, prefixes(ner, pictures), index),
        "r": lambda pictures: re(ids, mask, *ends, prefixes(re, pictures), index),
    }


@torch.no_grad()
def main() -> None:
    """Answers until the input ends."""
    a = arguments()
    torch.set_num_threads(a.threads)
    keys = torch.load(a.folder / "ner.pth", weights_only=True, mmap=True).keys()
    paper = any(key.startswith("image_model.resnet.") for key in keys)
    calls = (paper_calls if paper else small_calls)(a.folder)
    pictures = torch.randn(PICTURES, 3, CROP, CROP, generator=torch.Generator().manual_seed(3))
    for call in calls.values():
        call(pictures)
    print(json.dumps({"ready": True, "torch": torch.__version__}), flush=True)
    order = cycle(ORDER)
    for line in sys.stdin:
        seconds, start, done = json.loads(line)["seconds"], time.perf_counter(), 0
        while (spent := time.perf_counter() - start) < seconds:
            calls[next(order)](pictures)
            done += 1
        print(json.dumps({"calls": done, "seconds": spent}), flush=True)


if __name__ == "__main__":
    main()
