"""WordPiece of bert-base-uncased: lower case, no accents, punctuation split, special tokens never read from text."""

import unicodedata
from pathlib import Path

MAX_WORD_CHARS = 100
# CJK blocks that the uncased vocabulary spells one character at a time.
CJK = [
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
]


def is_space(char: str) -> bool:
    """True for tab, line ends and every space separator."""
    return char in " \t\n\r" or unicodedata.category(char) == "Zs"


def is_control(char: str) -> bool:
    """True for characters that vanish: control, format, surrogate, private use and unassigned ones."""
    return char not in "\t\n\r" and unicodedata.category(char).startswith("C")


def is_punctuation(char: str) -> bool:
    """True for Unicode punctuation and all ASCII that is neither letter, digit nor space."""
    code = ord(char)
    if 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126:
        return True
    return unicodedata.category(char).startswith("P")


def clean(text: str) -> str:
    """Drops control characters, NUL and U+FFFD, makes every space a blank and sets CJK characters apart."""
    out = []
    for char in text:
        code = ord(char)
        if code in (0, 0xFFFD) or is_control(char):
            continue
        if is_space(char):
            out.append(" ")
        elif any(lo <= code <= hi for lo, hi in CJK):
            out.append(f" {char} ")
        else:
            out.append(char)
    return "".join(out)


def basic_tokens(text: str, lower_case: bool = True) -> list[str]:
    """Words with every punctuation character as a word of its own; in lower case, without accents, unless told otherwise."""
    tokens = []
    for word in clean(text).split():
        bare = fold(word) if lower_case else word
        current = ""
        for char in bare:
            if is_punctuation(char):
                if current:
                    tokens.append(current)
                tokens.append(char)
                current = ""
            else:
                current += char
        if current:
            tokens.append(current)
    return tokens


def fold(word: str) -> list[str]:
    """Lower case, accents dropped."""
    return [c for c in unicodedata.normalize("NFD", word.lower()) if unicodedata.category(c) != "Mn"]


class Tokenizer:
    """Text -> piece ids. Ids of [CLS], [SEP] and the markers are added by the callers, never found in text."""

    def __init__(self, vocab: Path, lower_case: bool = True):
        self.lower_case = lower_case
        lines = vocab.read_text(encoding="utf-8").split("\n")
        self.pieces = {piece: i for i, piece in enumerate(lines[:-1] if lines[-1] == "" else lines)}
        self.unk, self.cls, self.sep = (self.pieces[t] for t in ("[UNK]", "[CLS]", "[SEP]"))
        self.cache: dict[str, list[int]] = {}

    def encode(self, text: str) -> list[int]:
        """Piece ids of a word or a sentence, without [CLS] and [SEP]; may be empty."""
        found = self.cache.get(text)
        if found is None:
            found = [i for token in basic_tokens(text, self.lower_case) for i in self.word_pieces(token)]
            self.cache[text] = found
        return found

    def word_pieces(self, token: str) -> list[int]:
        """Longest match first; [UNK] for the whole token when a rest has no piece."""
        if len(token) > MAX_WORD_CHARS:
            return [self.unk]
        ids, start = [], 0
        while start < len(token):
            for end in range(len(token), start, -1):
                piece = ("##" if start else "") + token[start:end]
                if piece in self.pieces:
                    ids.append(self.pieces[piece])
                    start = end
                    break
            else:
                return [self.unk]
        return ids


