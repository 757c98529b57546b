"""Readers for the research data, and what a model is fed for a post or a pair."""

import ast
import json
from dataclasses import dataclass
from pathlib import Path

from .letter_case import with_case
from .tokenizer import Tokenizer
from .tweet_words import Rules, decode_entities, forms

NER_LABELS = ["PAD", "O", "B-MISC", "I-MISC", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "X", "[CLS]", "[SEP]"]
# The labels that files give to words; the others are for pieces.
WORD_TAGS = NER_LABELS[1:10]
SYMMETRIC = {
    "/per/per/siblings",
    "/per/per/couple",
    "/per/per/neighbor",
    "/per/per/peer",
    "/per/per/alumi",
    "/per/per/alternate_names",
    "/org/org/alternate_names",
}
# How the default bundle reads words.
RULES = Rules(url="http", hashtags="whole")
MAX_SEQ = 128
# Offsets of the markers behind the vocabulary: <s>, </s>, <o>, </o>.
HEAD_START, HEAD_END, TAIL_START, TAIL_END = range(4)


class DataError(ValueError):
    """Data that cannot be used; the message says which file, which line and what was expected."""


@dataclass(frozen=True)
class Post:
    """Words of a post, one BIO tag per word, and the id of its picture where the file names one."""

    words: list[str]
    tags: list[str]
    image: str = ""


@dataclass(frozen=True)
class Pair:
    """Two spans [start, end) of words in text order, and the directed label between them."""

    words: list[str]
    first: tuple[int, int]
    second: tuple[int, int]
    relation: str
    inverse: bool


def read_text(path: Path) -> str:
    """A whole text file."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"reading {path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise DataError(f"reading {path}: {error.strerror}") from None


def read_conll(path: Path) -> list[Post]:
    """Posts of a CoNLL file; OTHER is MISC. Words are not trimmed, and the last blank line may be missing."""
    posts, words, tags, image = [], [], [], ""
    for number, line in enumerate([*read_text(path).split("\n"), ""], 1):
        if line.strip() and not line.startswith("IMGID:"):
            word, tag = word_and_tag(line, f"reading {path}, line {number}")
            words.append(word)
            tags.append(tag)
            continue
        if words:
            posts.append(Post(words, tags, image))
            words, tags, image = [], [], ""
        if line.startswith("IMGID:"):
            image = line.removeprefix("IMGID:").strip()
    return posts


def word_and_tag(line: str, where: str) -> tuple[str, str]:
    """The two columns of a CoNLL line."""
    word, tab, rest = line.partition("\t")
    if not tab:
        raise DataError(f"{where}: expected a word, a tab and a tag, found {line.strip()!r}")
    tag = rest.split("\t")[0].strip().replace("OTHER", "MISC")
    if tag not in WORD_TAGS:
        raise DataError(f"{where}: unknown tag {tag!r} of {word!r}; known are {', '.join(WORD_TAGS)} and B-OTHER, I-OTHER")
    return word, tag


def mnre_rows(path: Path) -> list[dict]:
    """Rows of an MNRE file, one Python literal per line, each with the index of its line as `line`."""
    rows = []
    for index, line in enumerate(read_text(path).split("\n")):
        if line.strip():
            rows.append({**mnre_row(line, f"reading {path}, line {index + 1}"), "line": index})
    return rows


def mnre_row(line: str, where: str) -> dict:
    """One row, its spans checked."""
    try:
        row = ast.literal_eval(line.strip())
        spans = [row[key]["pos"] for key in ("h", "t")]
        words, _ = row["token"], row["relation"]
        valid = all(isinstance(word, str) for word in words) and all(0 <= start < end <= len(words) for start, end in spans)
    except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError):
        raise DataError(f"{where}: expected a dict with token, h, t (each with pos) and relation, found {line[:60]!r}") from None
    if not valid:
        raise DataError(f"{where}: positions {spans[0]} and {spans[1]} are no spans [start, end) of a list of {len(words)} words")
    return row


def read_mnre(path: Path, text_order: bool = True) -> list[Pair]:
    """Rows of an MNRE file, brought into text order or left with the head first."""
    order = to_pair if text_order else lambda words, head, tail, relation: Pair(words, head, tail, relation, False)
    return [order(row["token"], tuple(row["h"]["pos"]), tuple(row["t"]["pos"]), row["relation"]) for row in mnre_rows(path)]


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


def ner_row(
    tokenizer: Tokenizer, words: list[str], max_seq: int = MAX_SEQ, rules: Rules = RULES, letter_case: bool = False
) -> tuple[list[int], list[int]]:
    """Ids [CLS] pieces [SEP], and for each word the index of its first piece (-1: none, or cut off)."""
    return piece_row(tokenizer, word_pieces(tokenizer, words, rules, letter_case), max_seq)


def word_pieces(tokenizer: Tokenizer, words: list[str], rules: Rules, letter_case: bool) -> list[list[int]]:
    """Piece ids of each word; with `letter_case` they carry how it is written."""
    pieces = [tokenizer.encode(form) for form in forms(words, rules)]
    if not letter_case:
        return pieces
    return [with_case(of_word, decode_entities(word)[0]) for of_word, word in zip(pieces, words, strict=True)]


def piece_row(tokenizer: Tokenizer, words: list[list[int]], max_seq: int) -> tuple[list[int], list[int]]:
    """`ner_row` of words that are piece ids already."""
    ids, firsts = [tokenizer.cls], []
    for word in words:
        pieces = word[: max_seq - 1 - len(ids)]
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


def re_row(
    tokenizer: Tokenizer,
    pair: Pair,
    max_seq: int = MAX_SEQ,
    close_last: bool = True,
    rules: Rules = RULES,
    letter_case: bool = False,
) -> tuple[list[int], int, int] | None:
    """Ids with the four markers, and the positions of `<s>` and `<o>`; None where a marker would be cut off.

    Without `close_last` a closing marker at the end of the text is left out, as the paper's code does.
    """
    edges = [(pair.first[0], HEAD_START), (pair.first[1], HEAD_END), (pair.second[0], TAIL_START), (pair.second[1], TAIL_END)]
    if not close_last:
        edges = [(word, marker) for word, marker in edges if word < len(pair.words)]
    ids, at = marked_row(tokenizer, word_pieces(tokenizer, pair.words, rules, letter_case), edges)
    if max(at.values()) >= max_seq - 1:
        return None
    return [*ids[: max_seq - 1], tokenizer.sep], at[HEAD_START], at[TAIL_START]


def marked_row(tokenizer: Tokenizer, words: list[list[int]], edges: list[tuple[int, int]]) -> tuple[list[int], dict[int, int]]:
    """[CLS] and all pieces with each marker of `edges` (word, marker) before its word, and where each marker went."""
    base = len(tokenizer.pieces)
    ids, at = [tokenizer.cls], {}
    for i in range(len(words) + 1):
        for edge, marker in edges:
            if edge == i:
                at[marker] = len(ids)
                ids.append(base + marker)
        if i < len(words):
            ids += words[i]
    return ids, at
