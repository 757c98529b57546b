"""Writes a bundle from checkpoints: python -m training.export [--ner NER.pth] [--re RE.pth] --vocab FILE --out DIR

A checkpoint is what the paper's code saves as best_model.pth, at any size, with or without pictures. Weights stay
float32; `python -m training.quantise` makes the 8-bit bundle from this one.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
import torch

from . import checkpoint, data, images, probe
from .bundle import empty_file
from .bundle_golden import write_golden
from .checkpoint import CheckpointError
from .graphs import WORDS, save_text_graphs, to_onnx
from .manifest import Description, manifest, seal
from .model import Hvpnet
from .tokenizer import Tokenizer
from .verify import session, verify


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Command line; the defaults are the paper's."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--ner", type=Path, help="checkpoint of the entity model")
    p.add_argument("--re", type=Path, help="checkpoint of the relation model")
    p.add_argument("--vocab", type=Path, required=True, help="vocab.txt of the text encoder")
    p.add_argument("--relations", type=Path, help="rel2id.json (default: mnre/rel2id.json beside the vocabulary)")
    p.add_argument("--labels", type=Path, help="entity labels, one a line in the order of their ids (default: the paper's 13)")
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--name", help="name of the bundle (default: the folder's)")
    p.add_argument("--generation", type=int, default=1)
    p.add_argument("--license", help="licence of the weights")
    p.add_argument("--languages", nargs="*", default=["en"], help="BCP 47 primary tags; none means any")
    p.add_argument("--heads", type=int, default=12, help="attention heads; the one size a checkpoint does not show")
    p.add_argument("--max-seq", type=int, default=80)
    p.add_argument("--cased", action="store_true", help="keep upper case and accents")
    p.add_argument("--pairs", choices=["canonical", "text"], help="order of pairs (default: by the number of labels)")
    p.add_argument("--relations-without-pictures", action="store_true", help="every picture slot of relations stays empty")
    p.add_argument("--close-last", action="store_true", help="closing markers are written at the end of a text, too")
    p.add_argument("--url", help="word that stands for every web address (default: addresses are read as they are)")
    p.add_argument("--hashtags", choices=["whole", "camel"], default="whole", help="camel: #GameOfThrones is read as three words")
    p.add_argument("--scores", type=Path, help="JSON file of measured scores for the manifest")
    a = p.parse_args(argv)
    if not (a.ner or a.re):
        p.error("give --ner, --re or both")
    return a


def load_models(a: argparse.Namespace, words: int) -> dict[str, Hvpnet]:
    """The checkpoints that were given, checked against the vocabulary and each other."""
    paths = {task: path for task, path in (("ner", a.ner), ("re", a.re)) if path}
    models = {task: checkpoint.load(task, path, a.heads) for task, path in paths.items()}
    for task, model in models.items():
        rows = model.size.words
        fitting = (words + 4,) if task == "re" else (words, words + 4)
        if rows not in fitting:
            expected = " or ".join(map(str, fitting))
            raise CheckpointError(f"reading {paths[task]}: its word table has {rows} rows, {a.vocab} asks for {expected}")
        if a.max_seq > model.size.positions:
            raise CheckpointError(f"reading {paths[task]}: it has {model.size.positions} positions, --max-seq asks for {a.max_seq}")
    if len(models) == 2:
        share(models, words)
    return models


def share(models: dict[str, Hvpnet], words: int) -> None:
    """Checks that the two models fit into one bundle, and gives them one word table where theirs are the same words."""
    plain = lambda s: (s.layers, s.hidden, s.heads, s.prompt_tokens, s.images)
    ner, re = models["ner"], models["re"]
    if plain(ner.size) != plain(re.size):
        raise CheckpointError(f"joining the checkpoints: their sizes differ ({ner.size} and {re.size}); export two bundles")
    tables = [model.get_parameter(WORDS) for model in (ner, re)]
    # The entity model never reads a marker, so the other one's rows may stand in its table.
    if tables[0].shape == tables[1].shape and torch.equal(tables[0][:words], tables[1][:words]):
        tables[0].data[words:] = tables[1].data[words:]


def describe(a: argparse.Namespace, models: dict[str, Hvpnet], vocabulary: dict[str, int]) -> Description:
    """Labels, preprocessing and names of the bundle."""
    labels = a.labels.read_text(encoding="utf-8").split() if a.labels else data.NER_LABELS
    if "ner" in models and models["ner"].fc.out_features != len(labels):
        raise CheckpointError(f"reading {a.ner}: it has {models['ner'].fc.out_features} labels, expected {len(labels)}; see --labels")
    pairs, relations = "canonical", []
    if "re" in models:
        pairs, relations = relation_labels(a, models["re"].classifier.out_features)
    return Description(
        name=a.name or a.out.name,
        vocabulary=vocabulary,
        generation=a.generation,
        license=a.license,
        languages=a.languages,
        lower_case=not a.cased,
        max_seq=a.max_seq,
        url=a.url,
        hashtags=a.hashtags,
        ner_labels=labels,
        re_labels=relations,
        pairs=pairs,
        re_pictures=not a.relations_without_pictures,
        close_last=a.close_last or pairs == "text",
        metrics=json.loads(a.scores.read_text()) if a.scores else {},
    )


def relation_labels(a: argparse.Namespace, found: int) -> tuple[str, list[dict]]:
    """How pairs are presented, and the labels of the classifier; both follow from how many it has."""
    path = a.relations or a.vocab.parent / "mnre/rel2id.json"
    if not path.exists():
        raise CheckpointError(f"reading the relations: {path} does not exist; give --relations rel2id.json")
    by_id = sorted(json.loads(path.read_text()).items(), key=lambda item: item[1])
    if [i for _, i in by_id] != list(range(len(by_id))):
        raise CheckpointError(f"reading {path}: its ids are not 0 to {len(by_id) - 1}")
    names = ["None" if name.lower() == "none" else name for name, _ in by_id]
    choices = {"canonical": data.undirected_labels(names), "text": data.relation_labels(names)}
    fitting = [pairs for pairs, labels in choices.items() if len(labels) == found and a.pairs in (None, pairs)]
    if not fitting:
        known = " or ".join(f"{len(labels)} ({pairs})" for pairs, labels in choices.items())
        raise CheckpointError(f"reading {a.re}: its classifier has {found} labels, {path} gives {known}")
    return fitting[0], choices[fitting[0]]


def write_visual(models: dict[str, Hvpnet], out: Path) -> dict[str, str]:
    """One picture graph for tasks whose trunks are equal, else one each; returns the file of each task."""
    with_pictures = {task: model for task, model in models.items() if model.size.trunk}
    states = [model.image_model.state_dict() for model in with_pictures.values()]
    shared = len(states) == 2 and same_weights(*states)
    files = {task: "visual.onnx" if shared or len(states) == 1 else f"visual.{task}.onnx" for task in with_pictures}
    pixels = torch.randn(3, 3, images.CROP, images.CROP, generator=torch.Generator().manual_seed(9))
    axes = {"pixels": {0: "pictures"}, "features": {0: "pictures"}}
    for file, task in {file: task for task, file in files.items()}.items():
        model = models[task].image_model
        with torch.no_grad():
            # Before folding, so that a fault in it shows.
            expected = model(pixels).numpy()
        model.fold()
        onnx.save(to_onnx(model, {"pixels": pixels[:2]}, "features", axes), out / file)
        verify(out / file, {"pixels": pixels}, expected)
        empty = session(out / file).run(None, {"pixels": np.zeros((1, 3, images.CROP, images.CROP), np.float32)})[0]
        (out / empty_file(file)).write_bytes(empty.astype("<f4").tobytes())
    return files


def same_weights(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """True when two states are equal bit for bit."""
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


def write_prefix(task: str, model: Hvpnet, out: Path) -> str:
    """The graph that makes keys and values of a picture's features."""
    s = model.size
    file = f"prefix.{task}.onnx"
    features = torch.randn(3, s.prompt_tokens, sum(s.channels) * 4 // s.prompt_tokens, generator=torch.Generator().manual_seed(7))
    axes = {"features": {0: "pictures"}, "prefix": {0: "pictures"}}
    onnx.save(to_onnx(model.prefix, {"features": features[:2]}, "prefix", axes), out / file)
    with torch.no_grad():
        verify(out / file, {"features": features}, model.prefix(features).numpy())
    return file


def write_texts(models: dict[str, Hvpnet], out: Path, vocabulary: int) -> dict[str, str]:
    """The text graphs of all tasks."""
    graphs = {task: probe.text_graph(model, vocabulary) for task, model in models.items()}
    names = save_text_graphs(graphs, out)
    for task, model in models.items():
        inputs = probe.text_inputs(model, vocabulary, 5, min(40, model.size.positions))
        with torch.no_grad():
            verify(out / names[task], inputs, model(*inputs.values()).numpy())
    return names


def export(a: argparse.Namespace) -> None:
    """Loads, checks, writes, verifies."""
    tokenizer = Tokenizer(a.vocab, lower_case=not a.cased)
    models = load_models(a, len(tokenizer.pieces))
    about = describe(a, models, tokenizer.pieces)
    a.out.mkdir(parents=True, exist_ok=True)
    for old in [*a.out.glob("*.onnx"), *a.out.glob("*.bin")]:
        old.unlink()
    shutil.copyfile(a.vocab, a.out / "vocab.txt")
    (a.out / "vocab.txt").chmod(0o644)
    visual = write_visual(models, a.out)
    texts = write_texts(models, a.out, len(tokenizer.pieces))
    files: dict[str, dict[str, str]] = {}
    for task, model in models.items():
        files[task] = {"text": texts[task]}
        if task in visual:
            files[task] |= {"visual": visual[task], "empty": empty_file(visual[task]), "prefix": write_prefix(task, model, a.out)}
    described = manifest(about, models, files)
    write_golden(a.out, described)
    total = seal(a.out, described)
    print(f"{a.out}: {total} bytes; check it with: grapevine model check {a.out}")


def main(argv: list[str] | None = None) -> None:
    """Exports; a checkpoint or option that does not fit ends with one message and exit code 2."""
    torch.set_num_threads(1)
    try:
        export(arguments(argv))
    except CheckpointError as error:
        sys.stderr.write(f"training.export: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
