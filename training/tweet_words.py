"""How a post becomes words, and what is read for a word: the rules of the service, once more for training.

src/model/tokenizer/tweet-words.ts, html-entities.ts and word-form.ts hold the same rules under the same version; a fixture of
`python -m training.golden` that both sides' tests read keeps them together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import regex

NORMALISER_VERSION = 1

# What Twitter, Mastodon and Bluesky write; anything else stays as it is.
NAMED = {
    "amp": "&",
    "lt": "<",
    "gt": ">",
    "quot": '"',
    "apos": "'",
    "nbsp": "\u00a0",
    "hellip": "\u2026",
    "mdash": "\u2014",
    "ndash": "\u2013",
    "lsquo": "\u2018",
    "rsquo": "\u2019",
    "ldquo": "\u201c",
    "rdquo": "\u201d",
}
ENTITY = regex.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,6}));")

# The white space of ECMAScript.
SPACE = r"[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"
SKIP = regex.compile(f"{SPACE}+")
URL_WORD = regex.compile(r"(?:[hH][tT][tT][pP][sS]?://|[wW]{3}\.)" + SPACE.replace("[", "[^", 1) + "+")
NAME = "[A-Za-z0-9_]"
HANDLE = regex.compile(rf"@{NAME}+(?:@{NAME}[A-Za-z0-9_-]*(?:\.{NAME}[A-Za-z0-9_-]*)+|(?:\.[a-z0-9][A-Za-z0-9_-]*)+)?")
ACRONYM = regex.compile(r"\p{L}(?:\.\p{L}(?![\p{L}\p{N}\p{M}_]))+\.?")
NUMBER = regex.compile(r"\p{Nd}+(?:[.,/:]\p{Nd}+)+(?![\p{L}\p{N}_])")
POSSESSIVE = regex.compile(r"['\u2019][sS](?![\p{L}\p{N}\p{M}_])")
WORD = regex.compile(
    r"[\p{L}\p{N}_][\p{L}\p{N}\p{M}_]*"
    r"(?:(?!['\u2019][sS](?![\p{L}\p{N}\p{M}_]))['\u2019&-][\p{L}\p{N}_][\p{L}\p{N}\p{M}_]*)*"
)
PICTOGRAPH = (
    "[\u203c\u2049\u2139\u2194-\u21aa\u231a-\u23ff\u25aa-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
)
MODIFIER = "[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
EMOJI = regex.compile(
    "[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3" f"|{PICTOGRAPH}{MODIFIER}*(?:\u200d{PICTOGRAPH}{MODIFIER}*)*"
)
TRAILING = set(".,;:!?'\"\u2019\u201d)]}>\u2026")
HASHES = ("#", "\uff03")


@dataclass(frozen=True)
class Word:
    """A word: a range of characters of the original text, what it is, and its text with HTML entities decoded."""

    start: int
    end: int
    kind: str
    text: str


@dataclass(frozen=True)
class Rules:
    """What a bundle says about words that are not read as they are written."""

    url: str | None = None
    hashtags: str = "whole"


def decode_entities(text: str) -> tuple[str, list[int]]:
    """The text with its entities decoded once, and the original offset of each of its characters and of its end."""
    out, offsets, at = [], [], 0
    for match in ENTITY.finditer(text):
        decoded = character_of(match)
        if decoded is None:
            continue
        out.append(text[at : match.start()])
        offsets += [*range(at, match.start()), match.start()]
        out.append(decoded)
        at = match.end()
    out.append(text[at:])
    offsets += range(at, len(text) + 1)
    return "".join(out), offsets


def character_of(match: regex.Match) -> str | None:
    """What an entity stands for; None for one that is none."""
    decimal, hexadecimal, name = match.groups()
    if name is not None:
        return NAMED.get(name)
    code = int(decimal) if decimal is not None else int(hexadecimal, 16)
    valid = 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if valid else None


def tweet_words(post: str) -> Iterator[Word]:
    """The words of a post, in order."""
    text, offsets = decode_entities(post)
    at, hash_end = 0, -1
    while at < len(text):
        gap = SKIP.match(text, at)
        if gap:
            at = gap.end()
            continue
        end, kind = word_at(text, at)
        tagged = kind == "word" and hash_end == at
        yield Word(offsets[at], offsets[end], "hashtag" if tagged else kind, text[at:end])
        if text[at:end] in HASHES:
            hash_end = end
        at = end


def word_at(text: str, start: int) -> tuple[int, str]:
    """End and kind of the word that begins at `start`."""
    url = URL_WORD.match(text, start)
    if url:
        end = url.end()
        while end > start + 1 and text[end - 1] in TRAILING:
            end -= 1
        return end, "url"
    for pattern, kind in ((HANDLE, "handle"), (EMOJI, "emoji"), (ACRONYM, "word"), (NUMBER, "word"), (POSSESSIVE, "word"), (WORD, "word")):
        found = pattern.match(text, start)
        if found:
            return found.end(), kind
    return start + 1, "word"


def kind_of(word: str, previous: str | None) -> str:
    """The kind of a word that is split already; `previous` is the word before it."""
    if URL_WORD.match(word):
        return "url"
    if (word.startswith(HASHES) and len(word) > 1) or (previous in HASHES and regex.match(r"[\p{L}\p{N}_]", word)):
        return "hashtag"
    if HANDLE.fullmatch(word):
        return "handle"
    return "emoji" if EMOJI.fullmatch(word) else "word"


def word_form(kind: str, text: str, rules: Rules) -> str:
    """What the tokeniser is given for a word."""
    if kind == "url":
        return rules.url if rules.url is not None else text
    if kind != "hashtag" or rules.hashtags == "whole":
        return text
    return f"{text[0]} {humps(text[1:])}" if text.startswith(HASHES) else humps(text)


def forms(words: list[str], rules: Rules) -> list[str]:
    """What the tokeniser is given for words that are split already."""
    made, previous = [], None
    for word in words:
        text, _ = decode_entities(word)
        made.append(word_form(kind_of(text, previous), text, rules))
        previous = word
    return made


def humps(tag: str) -> str:
    """Parts a tag where a new word seems to begin."""
    kinds = [kind_of_char(char) for char in tag]
    out, begin = [], 0
    for i, char in enumerate(tag):
        after = kinds[i + 1] if i + 1 < len(tag) else ""
        lone = begin == 0 and i == 1 and kinds[0] == "lower"
        if i > begin and parts(kinds[i - 1], kinds[i], after) and not lone:
            out.append(" ")
            begin = i
        out.append(" " if char == "_" else char)
    return "".join(out)


def kind_of_char(char: str) -> str:
    """Upper, lower, digit or other."""
    for kind, pattern in (("upper", r"\p{Lu}"), ("lower", r"\p{Ll}"), ("digit", r"\p{Nd}")):
        if regex.match(pattern, char):
            return kind
    return "other"


def parts(before: str, here: str, after: str) -> bool:
    """True where a new word begins at `here`."""
    letters = ("upper", "lower")
    if here == "digit":
        return before in letters
    if before == "digit":
        return here in letters
    return here == "upper" and (before == "lower" or (before == "upper" and after == "lower"))
