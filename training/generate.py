"""Checkpoints with made-up weights, under the names and shapes of the paper's code: python -m training.generate --task ner --out FILE

What they compute means nothing; they are for trying the tools, for checks of exactness and for measuring speed.
"""

import argparse
from pathlib import Path

import torch

from .bert import Size
from .checkpoint import create, to_state

LABELS = {"ner": 13, "re": 23}
VOCABULARY = 30522
SIZES = {
    "paper": {"layers": 12, "hidden": 768, "feed_forward": 3072, "prompt_hidden": 800, "blocks": (3, 4, 6, 3), "width": 64},
    "default": {"layers": 6, "hidden": 384, "feed_forward": 1536, "prompt_hidden": 256, "blocks": (), "width": 0},
    "tiny": {"layers": 2, "hidden": 24, "feed_forward": 32, "prompt_hidden": 8, "positions": 96, "blocks": (1, 1, 1, 1), "width": 2},
    "small": {"layers": 2, "hidden": 96, "feed_forward": 128, "prompt_hidden": 32, "blocks": (1, 1, 1, 1), "width": 8},
}


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--task", choices=list(LABELS), required=True)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--size", choices=list(SIZES), default="small")
    p.add_argument("--vocabulary", type=int, default=VOCABULARY, help="lines of the vocabulary")
    p.add_argument("--labels", type=int, help="labels of the head (default: the paper's)")
    p.add_argument("--text-only", action="store_true", help="as trained without --use_prompt")
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args(argv)


def size_named(name: str, words: int, text_only: bool) -> Size:
    """A size by its name."""
    s = SIZES[name]
    common = {k: s[k] for k in ("layers", "hidden", "feed_forward", "prompt_hidden")}
    common |= {"words": words, "positions": s.get("positions", 512)}
    if text_only:
        return Size(**common, trunk="")
    if not s["blocks"]:
        return Size(**common, trunk="lite0")
    channels = tuple(s["width"] * 4 * 2**stage for stage in range(4))
    return Size(**common, trunk="resnet", blocks=s["blocks"], channels=channels)


@torch.no_grad()
def generate(task: str, size: Size, labels: int, seed: int) -> dict[str, torch.Tensor]:
    """A state as the paper's code saves it, unused parts included."""
    torch.manual_seed(seed)
    model = create(task, size, labels)
    for name, value in [*model.named_parameters(), *model.named_buffers()]:
        fill(name, value)
    state = to_state(model)
    hidden = size.hidden
    state["bert.embeddings.position_ids"] = torch.arange(size.positions)[None]
    state |= {"bert.pooler.dense.weight": torch.randn(hidden, hidden) / hidden**0.5, "bert.pooler.dense.bias": torch.zeros(hidden)}
    if size.trunk == "resnet":
        wide = size.channels[-1]
        state |= {"image_model.resnet.fc.weight": torch.randn(1000, wide) / wide**0.5, "image_model.resnet.fc.bias": torch.zeros(1000)}
    return state


def fill(name: str, value: torch.Tensor) -> None:
    """Made-up values of a natural magnitude; statistics of BatchNorm that are not those of a fresh network."""
    if name.endswith("num_batches_tracked"):
        value.fill_(17)
    elif name.endswith("running_var"):
        value.uniform_(0.5, 1.5)
    elif name.endswith("running_mean"):
        value.normal_(0, 0.1)
    elif name.endswith(("bn3.weight", "project.norm.weight")):
        # The last one of a residual block: small, so that the sum over the blocks does not grow without bound.
        value.uniform_(0.1, 0.3)
    elif ".bn" in name or ".norm." in name or ".downsample.1." in name or "LayerNorm" in name:
        value.uniform_(0.7, 1.3) if name.endswith("weight") else value.normal_(0, 0.1)
    elif value.dim() == 4:
        value.normal_(0, (2 / value[0].numel()) ** 0.5)
    elif "embeddings" in name:
        value.normal_(0, 0.05)
    elif value.dim() == 2:
        value.normal_(0, value.shape[1] ** -0.5)
    else:
        value.normal_(0, 0.1)


def main(argv: list[str] | None = None) -> None:
    """Writes a checkpoint."""
    a = arguments(argv)
    words = a.vocabulary + (4 if a.task == "re" else 0)
    state = generate(a.task, size_named(a.size, words, a.text_only), a.labels or LABELS[a.task], a.seed)
    torch.save(state, a.out)
    print(f"{a.out}: {len(state)} tensors, {sum(t.numel() for t in state.values())} numbers")


if __name__ == "__main__":
    main()
