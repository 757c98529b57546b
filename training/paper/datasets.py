"""Rows of the paper's data sets: what the model reads, what is right, and which pictures belong to it."""

import json
import random
from pathlib import Path

from .. import data
from ..checkpoint import unpickle
from ..data import DataError
from ..tokenizer import Tokenizer
from . import layout
from .layout import Split

NONE = "None"
CROPS = 3


class Reader:
    """Reads the splits of one data set."""

    def __init__(self, dataset: str, root: Path, tokenizer: Tokenizer, max_seq: int, pictures: bool):
        self.task = "re" if dataset == "MRE" else "ner"
        self.tokenizer = tokenizer
        self.max_seq = max_seq
        self.pictures = pictures
        self.labels = relation_names(layout.relation_file(root)) if self.task == "re" else data.NER_LABELS

    def rows(self, split: Split) -> list[dict]:
        """Rows in the order of the file."""
        rows = self.pairs(split) if self.task == "re" else self.posts(split)
        if not rows:
            raise DataError(f"reading {split.text}: it has no rows")
        return rows

    def posts(self, split: Split) -> list[dict]:
        """A row per post: `gold` has the tags of the words that are fed, which is all the paper scores."""
        crops = crop_lists(split.crops) if self.pictures else {}
        rows = []
        for number, post in enumerate(data.read_conll(split.text), 1):
            ids, firsts = data.piece_row(self.tokenizer, self.pieces(post.words), self.max_seq)
            image = f"{post.image}.jpg" if post.image else f"(post {number} names none)"
            row = {"ids": ids, "firsts": firsts, "tags": data.ner_tags(len(ids), firsts, post.tags)}
            row["gold"] = [tag for tag, first in zip(post.tags, firsts, strict=True) if first >= 0]
            row["source"] = {"image": image, "words": post.words, "gold": post.tags}
            rows.append({**row, "pictures": pictures_of(split, image, crops.get(image, []))})
        return rows

    def pairs(self, split: Split) -> list[dict]:
        """A row per entity pair, its arguments in the order of the file."""
        crops = crop_lists(split.crops) if self.pictures else {}
        rows = []
        for found in data.mnre_rows(split.text):
            where = f"reading {split.text}, line {found['line'] + 1}"
            ids, head, tail = self.marked(found, where)
            if found["relation"] not in self.labels:
                raise DataError(f"{where}: unknown relation {found['relation']!r}; ours_rel2id.json has {', '.join(self.labels)}")
            image = str(found.get("img_id", f"(line {found['line'] + 1} names none)"))
            row = {"ids": ids, "head": head, "tail": tail, "gold": self.labels.index(found["relation"])}
            row["source"] = {"line": found["line"] + 1, "image": image, "gold": found["relation"]}
            # Crops were cut per pair, so their table goes by line: two pairs of one post have different ones.
            rows.append({**row, "pictures": pictures_of(split, image, crops.get(found["line"], []))})
        return rows

    def marked(self, found: dict, where: str) -> tuple[list[int], int, int]:
        """Ids with markers, and the places of `<s>` and `<o>`; as in the paper, no end marker ends a sentence."""
        (head, head_end), (tail, tail_end) = found["h"]["pos"], found["t"]["pos"]
        words = self.pieces(found["token"])
        edges = [(head, data.HEAD_START), (head_end, data.HEAD_END), (tail, data.TAIL_START), (tail_end, data.TAIL_END)]
        ids, at = data.marked_row(self.tokenizer, words, [(word, marker) for word, marker in edges if word < len(words)])
        needed = max(at[data.HEAD_START], at[data.TAIL_START]) + 2
        if needed > self.max_seq:
            raise DataError(f"{where}: its second entity begins beyond --max_seq {self.max_seq}; it needs at least {needed}")
        return [*ids[: self.max_seq - 1], self.tokenizer.sep], at[data.HEAD_START], at[data.TAIL_START]

    def pieces(self, words: list[str]) -> list[list[int]]:
        """Piece ids word by word; web addresses are spelt out, as in the paper."""
        return [self.tokenizer.encode(word) for word in words]


def pictures_of(split: Split, image: str, crops: list[str]) -> list[Path]:
    """The whole picture and its first crops, in the order of the table: each place feeds attention heads of its own."""
    return [split.pictures / image, *(split.crop_folder / name for name in crops[:CROPS])]


def crop_lists(path: Path) -> dict:
    """A table of crops: picture name or line index -> file names."""
    table = unpickle(path, "file names", "expected a dict of lists of file names, written by torch.save")
    if not isinstance(table, dict):
        raise DataError(f"reading {path}: expected a dict of lists of file names, found {type(table).__name__}")
    for key, names in table.items():
        if not isinstance(key, (str, int)) or not isinstance(names, list) or not all(isinstance(n, str) for n in names):
            raise DataError(f"reading {path}: expected a list of file names at {key!r}, found {str(names)[:60]}")
    return table


def relation_names(path: Path) -> list[str]:
    """Relations in the order of their numbers."""
    try:
        numbers = json.loads(data.read_text(path))
        names = sorted(numbers, key=numbers.get)
        whole = [numbers[name] for name in names] == list(range(len(names)))
    except (ValueError, TypeError, AttributeError) as error:
        raise DataError(f"reading {path}: expected a JSON object of relations and numbers ({error})") from None
    if not whole or NONE not in names:
        raise DataError(f"reading {path}: expected the numbers 0, 1, 2 ... and a relation {NONE}, found {numbers}")
    return names


def sample(rows: list[dict], ratio: float, seed: int) -> list[dict]:
    """A seeded share of the rows, each at most once, in the order of the file."""
    count = max(1, int(len(rows) * ratio))
    return [rows[i] for i in sorted(random.Random(seed).sample(range(len(rows)), count))]
