"""Models to start from: a BERT folder and a ResNet file, or a checkpoint that has to fit the flags."""

import argparse
import json
from pathlib import Path

import torch

from .. import checkpoint
from ..bert import Size
from ..checkpoint import CheckpointError
from ..model import Hvpnet
from ..tokenizer import Tokenizer
from .settings import SettingError

FILES = ("model.safetensors", "pytorch_model.bin")
NUMBERS = ("num_hidden_layers", "hidden_size", "num_attention_heads", "intermediate_size")
RENAMED = {"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"}
# BERT's own initialiser, for the four markers it does not know.
MARKER_DEVIATION = 0.02


class BertFolder:
    """A local folder with config.json, vocab.txt and the weights."""

    def __init__(self, name: str):
        self.folder = Path(name)
        if not self.folder.is_dir():
            raise SettingError(f"--bert_name {name}: there is no such folder; it is a local folder here, nothing is downloaded")
        lacking = [n for n in ("config.json", "vocab.txt") if not (self.folder / n).is_file()]
        if lacking:
            raise SettingError(f"--bert_name {name}: the folder has no {' and no '.join(lacking)}")
        try:
            self.config = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
            self.layers, self.hidden, self.heads, self.feed_forward = (int(self.config[name]) for name in NUMBERS)
            self.tokenizer = Tokenizer(self.folder / "vocab.txt")
        except (ValueError, TypeError, KeyError) as error:
            raise SettingError(f"--bert_name {name}: config.json and vocab.txt are not those of a BERT ({error!r})") from None
        if self.config.get("hidden_act", "gelu") != "gelu":
            raise SettingError(f"--bert_name {name}: its activation is {self.config['hidden_act']}; only gelu is implemented")

    def weights(self) -> dict[str, torch.Tensor]:
        """The encoder's tensors under the model's names: old files say gamma and beta, and carry heads nothing reads."""
        state = {}
        for name, value in self.tensors().items():
            name = name.removeprefix("bert.")
            for old, new in RENAMED.items():
                name = name.replace(old, new)
            if name.startswith(("embeddings.", "encoder.")) and not name.endswith("position_ids"):
                state[f"bert.{name}"] = value.float()
        return state

    def tensors(self) -> dict[str, torch.Tensor]:
        """Everything in the weights file."""
        path = next((self.folder / n for n in FILES if (self.folder / n).is_file()), None)
        if path is None:
            raise SettingError(f"--bert_name {self.folder}: the folder has neither {FILES[0]} nor {FILES[1]}")
        if path.suffix == ".bin":
            return checkpoint.read(path)
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except (SafetensorError, OSError) as error:
            raise CheckpointError(f"reading {path}: it is no safetensors file, or not a whole one ({error})") from None


def build(a: argparse.Namespace, bert: BertFolder, task: str, labels: int) -> Hvpnet:
    """The model of --load_path, or a new one on pretrained encoders."""
    if a.load_path:
        return from_file(a, bert, task, labels, Path(a.load_path))
    return start(a, bert, task, labels)


def start(a: argparse.Namespace, bert: BertFolder, task: str, labels: int) -> Hvpnet:
    """A model on pretrained encoders; projection, gates and head are new."""
    state = bert.weights()
    name, where = "bert.embeddings.word_embeddings.weight", f"--bert_name {bert.folder}"
    table, pieces = checkpoint.need(state, name, where), len(bert.tokenizer.pieces)
    if len(table) < pieces:
        raise SettingError(f"{where}: its vocabulary has {pieces} pieces, its weights have {len(table)} word vectors")
    if task == "re":
        state[name] = torch.cat([table[:pieces], MARKER_DEVIATION * torch.randn(4, bert.hidden)])
    positions = checkpoint.need(state, "bert.embeddings.position_embeddings.weight", where)
    size = {"layers": bert.layers, "hidden": bert.hidden, "heads": bert.heads, "feed_forward": bert.feed_forward}
    size |= {"words": len(state[name]), "positions": len(positions), "trunk": ""}
    if a.use_prompt:
        trunk = resnet(Path(a.resnet_path))
        state |= trunk
        blocks, channels = checkpoint.resnet_stages(trunk, "image_model.resnet.", f"--resnet_path {a.resnet_path}")
        size |= {"trunk": "resnet", "blocks": blocks, "channels": channels, "prompt_hidden": a.prompt_dim}
    model = checkpoint.create(task, fitting(a, Size(**size)), labels)
    given = ("bert.", "image_model.")
    expected = {n: t for n, t in model.state_dict().items() if n.startswith(given) and not checkpoint.UNUSED.search(n)}
    used = {n: t for n, t in state.items() if not checkpoint.UNUSED.search(n)}
    checkpoint.report_keys(expected, used, where if not a.use_prompt else f"{where} and --resnet_path {a.resnet_path}")
    model.load_state_dict(used, strict=False)
    return model


def resnet(path: Path) -> dict[str, torch.Tensor]:
    """A torchvision ResNet with bottleneck blocks, under the checkpoints' names."""
    state = {f"image_model.resnet.{name}": value for name, value in checkpoint.read(path).items()}
    if "image_model.resnet.layer1.0.conv3.weight" not in state:
        raise CheckpointError(f"reading {path}: it has no layer1.0.conv3.weight; expected torchvision's resnet50")
    return state


def from_file(a: argparse.Namespace, bert: BertFolder, task: str, labels: int, path: Path) -> Hvpnet:
    """The model of a checkpoint, once it is certain that it is the one the flags describe."""
    model = checkpoint.load(task, path, bert.heads)
    size = fitting(a, model.size)
    pictures = {True: "a picture path", False: "text only"}
    pieces = len(bert.tokenizer.pieces)
    claims = {
        "reads": (pictures[bool(size.trunk)], pictures[a.use_prompt]),
        "layers": (size.layers, bert.layers),
        "units": (size.hidden, bert.hidden),
        # Some word tables are padded; the markers' rows follow the vocabulary itself.
        "word vectors": (size.words, pieces + 4 if task == "re" else max(pieces, size.words)),
        "prompt_dim": (size.prompt_hidden, a.prompt_dim if size.trunk else size.prompt_hidden),
        "labels": (len(model.state_dict()[checkpoint.HEADS[task]]), labels),
    }
    wrong = [f"{name} {found}, the flags ask for {asked}" for name, (found, asked) in claims.items() if found != asked]
    if wrong:
        raise SettingError(f"--load_path {path}: {'; '.join(wrong)}")
    return model


def fitting(a: argparse.Namespace, size: Size) -> Size:
    """The size, once the flags fit it."""
    if a.max_seq > size.positions:
        raise SettingError(f"--max_seq {a.max_seq}: this BERT has {size.positions} positions")
    if size.hidden % size.heads or (size.trunk and size.heads % size.images):
        shared = f"{size.hidden} units and {size.images} pictures"
        raise SettingError(f"--bert_name {a.bert_name}: {size.heads} heads cannot share {shared} evenly")
    return size
