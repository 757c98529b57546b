"""A miniature of the paper's data and encoders: invented sentences, drawn pictures, random weights."""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from training.bert import Bert, Size
from training.resnet import ResNet

WORDS = "mira okafor opens a bakery in lindholm the harbour choir sing for tove brandt at fjord club http : / . t co".split()
SIZE = Size(layers=2, hidden=32, heads=4, feed_forward=48, words=0, positions=48, trunk="")

POSTS = [
    "Mira/B-PER Okafor/I-PER opens/O a/O bakery/O in/O Lindholm/B-LOC",
    "The/O \ufe0f/O Harbour/B-ORG Choir/I-ORG sings/O for/O Tove/B-PER Brandt/I-PER",
    "Tove/B-PER sings/O at/O Fjord/I-OTHER Club/I-OTHER",
    "A/O bakery/O at/O Fjord/B-LOC opens/O",
]
# Rows of the word table that no piece has.
PADDING = 6
RELATIONS = ["None", "/per/loc/place_of_residence", "/per/org/member_of"]
PAIRS = [
    ("Mira Okafor opens a bakery in Lindholm", (0, 2), (6, 7), 1),
    ("The Harbour Choir sings for Tove Brandt", (5, 7), (1, 3), 2),
    ("Tove sings at Fjord Club", (0, 1), (3, 5), 0),
    ("A bakery in Lindholm opens for Mira", (6, 7), (3, 4), 1),
]
SPLITS = {"train": 3, "val": 1, "test": 2}


def write_bert(folder: Path, old_names: bool = False, heads: int = SIZE.heads) -> None:
    """A BERT folder; with `old_names`, a pytorch_model.bin as BERT's first release has it."""
    folder.mkdir(parents=True)
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, "##s"]
    (folder / "vocab.txt").write_text("\n".join(vocab) + "\n")
    numbers = {"num_hidden_layers": 2, "hidden_size": 32, "num_attention_heads": heads, "intermediate_size": 48}
    (folder / "config.json").write_text(json.dumps({**numbers, "hidden_act": "gelu"}))
    torch.manual_seed(5)
    state = Bert(Size(**{**vars(SIZE), "words": len(vocab) + PADDING}), 0.1).state_dict()
    if not old_names:
        save_file(state, folder / "model.safetensors")
        return
    old = lambda name: name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
    state = {f"bert.{old(name)}": value for name, value in state.items()}
    unread = {"cls.predictions.bias": torch.zeros(3), "bert.pooler.dense.bias": torch.zeros(32)}
    torch.save({**state, **unread}, folder / "pytorch_model.bin")


def write_resnet(path: Path) -> None:
    """A narrow ResNet under torchvision's names, with statistics that random pictures do not have."""
    torch.manual_seed(6)
    state = ResNet((1, 1, 1, 1), 2).state_dict()
    for name, value in state.items():
        if name.endswith("running_mean"):
            value.normal_(0, 0.1)
    torch.save({**state, "fc.weight": torch.zeros(10, 64), "fc.bias": torch.zeros(10)}, path)


def write_picture(path: Path, seed: int) -> None:
    """A small picture of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)


def write_crops(folder: Path, names: list[str], seed: int) -> None:
    """The crops of a post."""
    for i, name in enumerate(names):
        write_picture(folder / name, seed + i)


def write_twitter(root: Path, corpus: str) -> None:
    """One of the two entity corpora; as in Twitter-2015, no blank line ends a file."""
    base = root / "NER_data"
    (base / corpus).mkdir(parents=True)
    for at, (split, times) in enumerate(SPLITS.items()):
        blocks, crops = [], {}
        for i, post in enumerate(POSTS * times):
            image = f"{at}{i:02}"
            lines = [word.replace("/", "\t") for word in post.split(" ")]
            blocks.append("\n".join([f"IMGID:{image}", *lines]))
            write_picture(base / f"{corpus}_images/{image}.jpg", 100 * at + i)
            crops[f"{image}.jpg"] = [f"{image}_crop_{k}.png" for k in (1, 0, 2, 3)[: i % 5]]
            write_crops(base / f"{corpus}_aux_images/{split}/crops", crops[f"{image}.jpg"] or ["unused.png"], 1000 + 10 * i)
        (base / corpus / ("valid.txt" if split == "val" else f"{split}.txt")).write_text("\n\n".join(blocks))
        torch.save(crops, base / corpus / f"{corpus}_{split}_dict.pth")


def write_relations(root: Path) -> None:
    """The relation corpus; crops go by line."""
    base = root / "RE_data"
    (base / "txt").mkdir(parents=True)
    (base / "ours_rel2id.json").write_text(json.dumps({name: i for i, name in enumerate(RELATIONS)}))
    for at, (split, times) in enumerate(SPLITS.items()):
        lines, crops = [], {}
        for i, (text, head, tail, relation) in enumerate(PAIRS * times):
            image = f"{at}{i // 2}.jpg"
            ends = {key: {"name": "x", "pos": list(span)} for key, span in (("h", head), ("t", tail))}
            lines.append(repr({"token": text.split(" "), **ends, "img_id": image, "relation": RELATIONS[relation]}))
            write_picture(base / f"img_org/{split}/{image}", 300 * at + i)
            crops[i] = [f"{i}_crop_{k}.png" for k in range(2)]
            write_crops(base / f"img_vg/{split}/crops", crops[i], 2000 + 10 * i)
        (base / f"txt/ours_{split}.txt").write_text("\n".join(lines) + "\n")
        torch.save(crops, base / f"txt/mre_{'dev' if split == 'val' else split}_dict.pth")


def write_all(root: Path) -> None:
    """Data below root/data, encoders beside it."""
    for corpus in ("twitter2015", "twitter2017"):
        write_twitter(root / "data", corpus)
    write_relations(root / "data")
    write_bert(root / "bert")
    write_resnet(root / "resnet.pth")
