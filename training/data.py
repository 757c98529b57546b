"""Readers for the research data, and what a model is fed for a post or a pair."""

import ast
import json
from dataclasses import dataclass
from pathlib import Path

from .tokenizer import Tokenizer

NER_LABELS = ["PAD", "O", "B-MISC", "I-MISC", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "X", "[CLS]", "[SEP]"]
SYMMETRIC = {
    "/per/per/siblings",
    "/per/per/couple",
    "/per/per/neighbor",
    "/per/per/peer",
    "/per/per/alumi",
    "/per/per/alternate_names",
    "/org/org/alternate_names",
}
URL_WORD = "http"
MAX_SEQ = 128
# Offsets of the markers behind the vocabulary: <s>, </s>, <o>, </o>.
HEAD_START, HEAD_END, TAIL_START, TAIL_END = range(4)


@dataclass(frozen=True)
class Post:
    """Words of a post and one BIO tag per word."""

    words: list[str]
    tags: list[str]


@dataclass(frozen=True)
class Pair:
    """Two spans [start, end) of words in text order, and the directed label between them."""

    words: list[str]
    first: tuple[int, int]
    second: tuple[int, int]
    relation: str
    inverse: bool


def read_conll(path: Path) -> list[Post]:
    """Posts of a CoNLL file; OTHER is MISC. Words are not trimmed, and the last blank line may be missing."""
    posts, words, tags = [], [], []
    for line in [*path.read_text(encoding="utf-8").split("\n"), ""]:
        if line.startswith("IMGID:"):
            continue
        if "\t" in line:
            word, tag = line.split("\t")[:2]
            words.append(word)
            tags.append(tag.strip().replace("OTHER", "MISC"))
        elif words:
            posts.append(Post(words, tags))
            words, tags = [], []
    return posts


def read_mnre(path: Path, text_order: bool = True) -> list[Pair]:
    """Rows of an MNRE file (one Python literal per line), brought into text order or left with the head first."""
    rows = [ast.literal_eval(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    order = to_pair if text_order else lambda words, head, tail, relation: Pair(words, head, tail, relation, False)
    return [order(row["token"], tuple(row["h"]["pos"]), tuple(row["t"]["pos"]), row["relation"]) for row in rows]


def read_jsonl(path: Path) -> list[Pair]:
    """Rows of an auxiliary relation file (JSON lines), brought into text order."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [to_pair(row["token"], tuple(row["h"]["pos"]), tuple(row["t"]["pos"]), row["relation"]) for row in rows]


def to_pair(words: list[str], head: tuple[int, int], tail: tuple[int, int], relation: str) -> Pair:
    """Text order: the argument order of the corpora gives the label away, a service does not know it."""
    directed = relation != "None" and relation not in SYMMETRIC
    swap = tail < head
    return Pair(words, *((tail, head) if swap else (head, tail)), relation, directed and swap)


def relation_labels(relations: list[str]) -> list[dict]:
    """The label list of a bundle: None, then each relation forward and, where direction matters, inverse."""
    labels: list[dict] = [{"type": "None"}]
    for name in relations:
        if name == "None":
            continue
        symmetric = name in SYMMETRIC
        labels.append({"type": name, "inverse": False, "symmetric": symmetric})
        if not symmetric:
            labels.append({"type": name, "inverse": True, "symmetric": False})
    return labels


def undirected_labels(relations: list[str]) -> list[dict]:
    """The label list of a bundle whose pairs come with the head first, as the paper's do."""
    return [{"type": n} if n == "None" else {"type": n, "inverse": False, "symmetric": n in SYMMETRIC} for n in relations]


def label_index(labels: list[dict], relation: str, inverse: bool) -> int:
    """Place of a directed relation in the label list."""
    return next(i for i, l in enumerate(labels) if l["type"] == relation and l.get("inverse", False) == inverse)


def is_url(word: str) -> bool:
    """True for a word that is a web address."""
    return word.lower().startswith(("http://", "https://", "www."))


def word_ids(tokenizer: Tokenizer, word: str) -> list[int]:
    """Piece ids of one word; a web address is fed as `URL_WORD`."""
    return tokenizer.encode(URL_WORD if is_url(word) else word)


def ner_row(tokenizer: Tokenizer, words: list[str], max_seq: int = MAX_SEQ) -> tuple[list[int], list[int]]:
    """Ids [CLS] pieces [SEP], and for each word the index of its first piece (-1: none, or cut off)."""
    ids, firsts = [tokenizer.cls], []
    for word in words:
        pieces = word_ids(tokenizer, word)[: max_seq - 1 - len(ids)]
        firsts.append(len(ids) if pieces else -1)
        ids += pieces
    return [*ids, tokenizer.sep], firsts


def ner_tags(length: int, firsts: list[int], tags: list[str]) -> list[int]:
    """Label ids of a row: the word's tag on its first piece, X on the others."""
    labels = [NER_LABELS.index("X")] * length
    labels[0], labels[-1] = NER_LABELS.index("[CLS]"), NER_LABELS.index("[SEP]")
    for first, tag in zip(firsts, tags, strict=True):
        if first >= 0:
            labels[first] = NER_LABELS.index(tag)
    return labels


def re_row(tokenizer: Tokenizer, pair: Pair, max_seq: int = MAX_SEQ, close_last: bool = True) -> tuple[list[int], int, int] | None:
    """Ids with the four markers, and the positions of `<s>` and `<o>`; None where a marker would be cut off.

    Without `close_last` a closing marker at the end of the text is left out, as the paper's code does.
    """
    base = len(tokenizer.pieces)
    edges = [(pair.first[0], HEAD_START), (pair.first[1], HEAD_END), (pair.second[0], TAIL_START), (pair.second[1], TAIL_END)]
    ids, at = [tokenizer.cls], {}
    for i in range(len(pair.words) + close_last):
        for edge, marker in edges:
            if edge == i:
                at[marker] = len(ids)
                ids.append(base + marker)
        if i < len(pair.words):
            ids += word_ids(tokenizer, pair.words[i])
    if max(at.values()) >= max_seq - 1:
        return None
    return [*ids[: max_seq - 1], tokenizer.sep], at[HEAD_START], at[TAIL_START]
