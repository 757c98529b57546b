"""How a word is written: what an uncased vocabulary loses and a name often shows.

src/model/tokenizer/letter-case.ts holds the same rule; a fixture of `python -m training.golden` keeps them together.
"""

import random

import regex

# None (no letters of a script that has cases), lower, capitalised, upper, mixed.
NONE, LOWER, CAPITALISED, UPPER, MIXED = range(5)
LETTER_CASES = 5
# A piece with its letter case is one number: the id below this step, the case in steps of it.
CASE_STEP = 1 << 16

LETTERS = regex.compile(r"\p{L}")
UPPER_LETTER = regex.compile(r"\p{Lu}")
LOWER_LETTER = regex.compile(r"\p{Ll}")


def letter_case(word: str) -> int:
    """The letter case of a word; what is no letter does not count."""
    letters = LETTERS.findall(word)
    if not any(map(UPPER_LETTER.match, letters)):
        return LOWER if any(map(LOWER_LETTER.match, letters)) else NONE
    if all(map(UPPER_LETTER.match, letters)):
        return UPPER if len(letters) > 1 else CAPITALISED
    first, *rest = letters
    return CAPITALISED if UPPER_LETTER.match(first) and all(map(LOWER_LETTER.match, rest)) else MIXED


def with_case(pieces: list[int], word: str) -> list[int]:
    """Piece ids that carry the letter case of their word."""
    step = letter_case(word) * CASE_STEP
    return [piece + step for piece in pieces]


def recased(ids: list[int], share: float, draw: random.Random) -> list[int]:
    """Ids as of a text written in small letters throughout, with chance `share`, or in capitals, with half that chance."""
    chance = draw.random()
    if chance >= 1.5 * share:
        return ids
    case = LOWER if chance < share else UPPER
    return [i if i < CASE_STEP else i % CASE_STEP + case * CASE_STEP for i in ids]
