"""What a picture tells about a hidden word: python -m training.picture_worth --bundle models/default --data ../shared/data

On posts that training never saw, a mention that the tagger is sure of in the whole text is replaced by [MASK], and its type is
asked for with the post's own picture, with none, and with other posts' pictures.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from . import bootstrap, data, images, mentions, paired
from .bundle import Bundle
from .letter_case import CASE_STEP, with_case
from .shipped import outputs
from .tweet_words import Rules, tweet_words, word_form

MASK = "[MASK]"


@dataclass(frozen=True)
class Hidden:
    """A row in which one mention is hidden: its post, the position of its first piece, and its type's place."""

    post: int
    row: dict
    position: int
    kind: int


def word_pieces(bundle: Bundle, text: str) -> list[list[int]]:
    """Pieces of each word of a live post."""
    about = bundle.manifest["text"]
    rules = Rules(url=about["url"], hashtags=about["hashtags"])
    words = [(word.text, bundle.tokenizer.encode(word_form(word.kind, word.text, rules))) for word in tweet_words(text)]
    return [with_case(pieces, word) if bundle.letter_case("ner") else pieces for word, pieces in words]


def hide(bundle: Bundle, texts: list[str], sure: float) -> list[Hidden]:
    """A row for each mention that the tagger finds with probability `sure` or more, without a picture.

    Probabilities are those at temperature 1, so that calibration does not decide which mentions are asked for.
    """
    part, mask = bundle.manifest["ner"], bundle.tokenizer.pieces[MASK]
    words = [word_pieces(bundle, text) for text in texts]
    fed = [data.piece_row(bundle.tokenizer, w, part["maxSeq"]) for w in words]
    emissions = outputs(bundle, "ner", [{"ids": ids} for ids, _ in fed], bundle.prefixes("ner", []))
    kinds = list(mentions.types_of(part["labels"]))
    hidden = []
    for post, (scores, (ids, firsts)) in enumerate(zip(emissions, fed, strict=True)):
        for m in mentions.find(scores[: len(ids)], firsts, part["labels"], bundle.crf()):
            if m.p < sure:
                continue
            # How the word is written stays, as in training.
            cover = lambda pieces: [piece - piece % CASE_STEP + mask for piece in pieces]
            gone = [cover(pieces) if m.start <= i < m.end else pieces for i, pieces in enumerate(words[post])]
            masked, _ = data.piece_row(bundle.tokenizer, gone, part["maxSeq"])
            hidden.append(Hidden(post, {"ids": masked}, firsts[m.start], kinds.index(m.kind)))
    return hidden


def type_chances(bundle: Bundle, hidden: list[Hidden], prefix: np.ndarray | None, first: list[int] | None) -> np.ndarray:
    """Probability of each type at each hidden word, given that it is an entity."""
    part = bundle.manifest["ner"]
    kinds = mentions.types_of(part["labels"]).values()
    found = []
    for h, scores in zip(hidden, outputs(bundle, "ner", [h.row for h in hidden], prefix, first), strict=True):
        chance = mentions.marginals(scores[: len(h.row["ids"])], bundle.crf(), part.get("temperature", 1.0))[h.position]
        sums = np.array([chance[labels].sum() for labels in kinds])
        found.append(sums / sums.sum())
    return np.stack(found)


def derangement(contents: list[bytes], draw: np.random.Generator) -> list[int]:
    """Another post for each post, with another picture; every post is given once where that is possible."""
    order = draw.permutation(len(contents))
    for i in range(len(order)):
        if contents[order[i]] == contents[i]:
            free = [j for j in range(len(order)) if contents[order[i]] != contents[j] and contents[order[j]] != contents[i]]
            if not free:
                raise ValueError("too few different pictures to give every post another one")
            j = int(draw.choice(free))
            order[i], order[j] = order[j], order[i]
    return [int(i) for i in order]


def worth(hidden: list[Hidden], chances: dict[str, list[np.ndarray]]) -> dict:
    """Type accuracy in percent and mean log-likelihood of each condition, and their differences from `none`, by post."""
    gold, posts = np.array([h.kind for h in hidden]), [h.post for h in hidden]
    each = {}
    for name, runs in chances.items():
        right = np.mean([chance.argmax(1) == gold for chance in runs], axis=0)
        likely = np.mean([np.log(chance[np.arange(len(gold)), gold] + 1e-12) for chance in runs], axis=0)
        each[name] = np.stack([100 * right, likely], 1)
    each |= {f"{name} - none": each[name] - each["none"] for name in chances if name != "none"}
    result = {}
    for name, values in each.items():
        sums = bootstrap.by_key(posts, np.column_stack([values, np.ones(len(gold))]))
        for column, measure in enumerate(("accuracy", "logLikelihood")):
            bounds = bootstrap.interval(sums, lambda s, c=column: s[:, c] / np.maximum(s[:, 2], 1))
            result.setdefault(name, {})[measure] = {
                # Adding 0 makes 0 of -0.
                "value": round(float(values[:, column].mean()), 2) + 0.0,
                "interval": bounds,
            }
    return result


def measure(bundle: Bundle, folder: Path, sure: float, shuffles: int, seed: int) -> dict:
    """Worth of the pictures of DATA/paired on its held-out posts."""
    if "visual" not in bundle.manifest["ner"]:
        raise ValueError(f"{bundle.folder}: the model reads text only")
    posts = paired.held_posts(folder)
    hidden = hide(bundle, [post.text for post in posts], sure)
    prefix = bundle.prefixes("ner", [images.pixels(Image.open(post.picture)) for post in posts])
    contents = [post.picture.read_bytes() for post in posts]
    draw = np.random.default_rng(seed)
    # Prefix 0 is the empty slot.
    own = list(range(len(posts)))
    others = [derangement(contents, draw) for _ in range(shuffles)]
    run = lambda order: type_chances(bundle, hidden, prefix, order and [order[h.post] + 1 for h in hidden])
    chances = {"right": [run(own)], "none": [run(None)], "wrong": [run(order) for order in others]}
    return {
        "posts": len({h.post for h in hidden}),
        "mentions": len(hidden),
        "sure": sure,
        "shuffles": shuffles,
        **worth(hidden, chances),
    }


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--bundle", type=Path, required=True)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--sure", type=float, default=0.8, help="probability from which a mention is hidden")
    p.add_argument("--shuffles", type=int, default=3, help="how often every post gets another post's picture")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--json", action="store_true", help="print the figures as JSON")
    p.add_argument("--write", action="store_true", help="put the figures into the manifest")
    return p.parse_args(argv)


def main() -> None:
    """Prints, and stores on request, what a picture is worth."""
    a = arguments()
    bundle = Bundle(a.bundle, a.threads)
    result = measure(bundle, a.data / "paired", a.sure, a.shuffles, a.seed)
    print(json.dumps(result, indent=2) if a.json else table(result))
    if a.write:
        bundle.write_metrics({"pictures": result})


def table(result: dict) -> str:
    """The figures as text."""
    lines = [
        f"{result['mentions']} hidden mentions in {result['posts']} held-out posts; 95 % intervals by post",
        f"{'':16}{'type accuracy':>28}{'log-likelihood':>28}",
    ]
    for name, values in result.items():
        if isinstance(values, dict):
            cells = (f"{v['value']:.2f} ({v['interval'][0]:.2f} to {v['interval'][1]:.2f})" for v in values.values())
            lines.append(f"{name:16}" + "".join(f"{cell:>28}" for cell in cells))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
