"""Rows whose mentions are hidden, so that a type has to come from what is around them and from the picture."""

import random
from collections.abc import Callable

from . import scores
from .letter_case import CASE_STEP

MASK = 103
FIRST_MARKER = 30522
# Share of annotated rows that also come with hidden mentions.
ANNOTATED_SHARE = 0.5
# Most rows made from one post with a picture.
VARIANTS = 3
# From which probability a mention that nobody annotated is hidden on its own.
SURE = 0.6

Span = tuple[int, int, str]


def hide(row: dict, spans: list[Span]) -> dict:
    """The row with all pieces of some mentions replaced; letter cases and targets stay."""
    ids, firsts = list(row["ids"]), row["firsts"]
    for start, stop, _ in spans:
        end = next((first for first in firsts[stop:] if first >= 0), len(ids) - 1)
        for place in range(firsts[start], end):
            ids[place] += MASK - ids[place] % CASE_STEP
    return {**row, "ids": ids}


def hide_named(rows: list[dict], named: Callable[[dict, float], list[Span]], draw: random.Random) -> list[dict]:
    """Rows of posts with pictures: all their mentions hidden, or a sure one."""
    made = []
    for row in rows:
        every = named(row, 0.0)
        choices = [every, *([span] for span in named(row, SURE))] if every else []
        draw.shuffle(choices)
        made += [hide(row, spans) for spans in choices[:VARIANTS]]
    return made


def hide_annotated(rows: list[dict], draw: random.Random) -> list[dict]:
    """Some annotated rows with all or one of their mentions hidden, never with a picture."""
    made = []
    for row in rows:
        spans = [span for span in sorted(scores.spans(row["gold"])) if row["firsts"][span[0]] >= 0]
        if spans and draw.random() < ANNOTATED_SHARE:
            made.append({**hide(row, spans if draw.random() < 0.5 else [draw.choice(spans)]), "blind": True})
    return made


def hide_marked(ids: list[int], head: int, tail: int) -> list[int]:
    """Ids of a pair with its two mentions hidden: what stands behind an opening marker, up to the next marker."""
    hidden = list(ids)
    for start in (head, tail):
        place = start + 1
        while place < len(ids) - 1 and ids[place] % CASE_STEP < FIRST_MARKER:
            hidden[place] += MASK - hidden[place] % CASE_STEP
            place += 1
    return hidden
