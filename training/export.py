"""Writes a bundle from two checkpoints: python -m training.export --ner NER.pth --re RE.pth --vocab FILE --out DIR"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from . import checkpoint, data, golden, images
from .graphs import WordTable, share_words, to_onnx
from .manifest import manifest, seal
from .quantise import round_weights

TOLERANCE = 1e-4
BATCH_TOLERANCE = 1e-5


def arguments() -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--ner", type=Path, required=True)
    p.add_argument("--re", type=Path, required=True)
    p.add_argument("--vocab", type=Path, required=True)
    p.add_argument("--relations", type=Path, help="rel2id.json (default: mnre/rel2id.json beside the vocabulary)")
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--name", default="grapevine-small-en")
    p.add_argument("--generation", type=int, default=1)
    p.add_argument("--heads", type=int, default=12, help="attention heads; the one size a checkpoint does not show")
    p.add_argument("--golden", type=Path, default=Path("test/fixtures/golden"))
    return p.parse_args()


def load(task: str, path: Path, heads: int, words: WordTable | None) -> tuple[torch.nn.Module, WordTable]:
    """The model as it will be shipped: BatchNorm folded, weights rounded, the shared 8-bit word table in place."""
    model = checkpoint.load(task, path, heads)
    model.image_model.lite0.fold()
    round_weights(model)
    table = model.bert.embeddings.word_embeddings.weight.detach()
    own = WordTable(table)
    if words is not None and not torch.equal(words.values[:-4], own.values[:-4]):
        raise ValueError(f"{path}: its word table differs from the other checkpoint's; train both with the table frozen")
    model.bert.embeddings.shipped = words or own
    return model.eval(), words or own


def inputs_for(model, task: str, rows: int, length: int) -> dict[str, torch.Tensor]:
    """Made-up inputs of a text graph: ragged rows, three distinct prefixes."""
    draw = torch.Generator().manual_seed(rows * 1000 + length)
    s = model.size
    sizes = torch.randint(8, length + 1, (rows,), generator=draw)
    sizes[0] = length
    mask = (torch.arange(length)[None, :] < sizes[:, None]).int()
    made = {
        "input_ids": torch.randint(1000, s.words, (rows, length), generator=draw).int() * mask,
        "attention_mask": mask,
        "prefix": torch.randn(3, s.layers, 2, s.heads_per_image, s.prefix_slots, s.head_size, generator=draw),
        "prefix_index": torch.randint(0, 3, (rows, s.images), generator=draw).int(),
    }
    if task == "re":
        made["head_position"] = torch.randint(1, 4, (rows,), generator=draw).int()
        made["tail_position"] = torch.randint(4, 8, (rows,), generator=draw).int()
    return made


def text_axes(task: str, output: str) -> dict[str, dict[int, str]]:
    """Which dimensions of a text graph vary."""
    rows = {0: "rows"}
    axes = {"input_ids": {0: "rows", 1: "length"}, "attention_mask": {0: "rows", 1: "length"}}
    axes |= {"prefix": {0: "pictures"}, "prefix_index": rows}
    if task == "re":
        return axes | {"head_position": rows, "tail_position": rows, output: rows}
    return axes | {output: {0: "rows", 1: "length"}}


def compare(file: Path, module, inputs: dict[str, torch.Tensor]) -> None:
    """Runs a written graph against its module, batched and row by row."""
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    feed = {k: v.numpy() for k, v in inputs.items()}
    with torch.no_grad():
        expected = module(*inputs.values()).numpy()
    got = session.run(None, feed)[0]
    off = float(np.abs(got - expected).max())
    single = 0.0
    for row in range(len(expected)):
        one = {k: v if k == "prefix" else v[row : row + 1] for k, v in feed.items()}
        single = max(single, float(np.abs(session.run(None, one)[0] - got[row : row + 1]).max()))
    print(f"{file.name}: {file.stat().st_size} bytes, off by {off:.2e} from PyTorch, {single:.2e} between batch and single")
    if off > TOLERANCE or single > BATCH_TOLERANCE * max(1.0, float(np.abs(expected).max())):
        raise ValueError(f"{file.name}: differs from PyTorch by {off:.2e} (allowed {TOLERANCE}), from a single row by {single:.2e}")


def write_graph(file: Path, module, inputs: dict[str, torch.Tensor], output: str, axes: dict, trial: dict[str, torch.Tensor]) -> None:
    """Exports, saves and checks one graph; `trial` is a second, differently shaped input for the check."""
    model = to_onnx(module, inputs, output, axes)
    if file.name.startswith("text."):
        share_words(model, file.parent, "words.bin")
    onnx.save(model, file)
    compare(file, module, trial)


def write_task(task: str, model, out: Path) -> None:
    """The prefix and text graphs of a task."""
    s = model.size
    width = sum(s.channels) * 4 // s.prompt_tokens
    features = torch.randn(3, s.prompt_tokens, width, generator=torch.Generator().manual_seed(7))
    axes = {"features": {0: "pictures"}, "prefix": {0: "pictures"}}
    write_graph(out / f"prefix.{task}.onnx", model.prefix, {"features": features[:2]}, "prefix", axes, {"features": features})
    name = "emissions" if task == "ner" else "logits"
    first, second = inputs_for(model, task, 2, 12), inputs_for(model, task, 5, 40)
    write_graph(out / f"text.{task}.onnx", model, first, name, text_axes(task, name), second)


def write_visual(models: dict, out: Path) -> dict[str, str]:
    """One picture graph if the tasks' trunks are equal, else one each; returns the file of each task."""
    pixels = torch.randn(3, 3, images.CROP, images.CROP, generator=torch.Generator().manual_seed(9))
    states = {task: model.image_model.state_dict() for task, model in models.items()}
    shared = all(torch.equal(value, states["re"][name]) for name, value in states["ner"].items())
    files = {task: "visual.onnx" if shared else f"visual.{task}.onnx" for task in models}
    axes = {"pixels": {0: "pictures"}, "features": {0: "pictures"}}
    for task in ("ner",) if shared else models:
        write_graph(out / files[task], models[task].image_model, {"pixels": pixels[:2]}, "features", axes, {"pixels": pixels})
    return files


def main() -> None:
    """Exports, checks and describes a bundle, then writes the golden fixtures from it."""
    a = arguments()
    torch.set_num_threads(1)
    a.out.mkdir(parents=True, exist_ok=True)
    (a.out / "words.bin").unlink(missing_ok=True)
    # The markers belong to relations, so that checkpoint's table is the one both share.
    re_model, words = load("re", a.re, a.heads, None)
    ner_model, _ = load("ner", a.ner, a.heads, words)
    models = {"ner": ner_model, "re": re_model}
    names = list(json.loads((a.relations or a.vocab.parent / "mnre/rel2id.json").read_text()))
    labels = data.relation_labels(names)
    if len(labels) != re_model.classifier.out_features:
        raise ValueError(f"{a.re}: it knows {re_model.classifier.out_features} labels, the relation file gives {len(labels)}")
    shutil.copyfile(a.vocab, a.out / "vocab.txt")
    (a.out / "vocab.txt").chmod(0o644)
    visual = write_visual(models, a.out)
    for task, model in models.items():
        write_task(task, model, a.out)
    total = seal(a.out, manifest(a.name, a.generation, models, visual, labels))
    print(f"{a.out}: {total} bytes")
    if total > 40_000_000:
        raise ValueError(f"{a.out}: {total} bytes are over the 40,000,000 a bundle may have")
    golden.write(a.out, a.golden)


if __name__ == "__main__":
    main()
