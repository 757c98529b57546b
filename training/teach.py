"""What an ensemble makes of texts, as targets for one model:

python -m training.teach --task ner --teachers T0.pth T1.pth ... --data ../shared/data --out targets.pt

Teacher i was trained without part i of the annotated rows (`training.train --fold i/N`). It alone judges that part, so that no
such row is judged by a model that learnt it; a single teacher judges rows that it learnt. Auxiliary texts (`--extra`), which every teacher
may have learnt, and texts without annotation are judged by all. The targets of an annotated row are half its annotation, half what
the teacher says.
"""

import argparse
import json
import random
from pathlib import Path

import torch

from . import checkpoint, data, hidden, paired, rows, scores
from .rows import batches, padding_mask, stack
from .tokenizer import Tokenizer
from .tweet_words import tweet_words

# What annotation weighs against the teacher.
GOLD = 0.5


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--task", choices=["ner", "re"], required=True)
    p.add_argument("--teachers", type=Path, nargs="+", required=True)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--extra", nargs="*", default=[], help="auxiliary files below DATA/extra whose texts the teachers judge, too")
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--seed", type=int, default=7)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--max-rows", type=int, default=0, help="judge so many rows of each kind only (a trial run)")
    return p.parse_args(argv)


@torch.no_grad()
def outputs(model, task: str, todo: list[dict]):
    """Rows of a batch, their scores and mask, batch by batch, with empty picture slots."""
    empty = model.prefix(model.image_model(torch.zeros(1, 3, 224, 224)))
    for batch in batches(todo, 64, shuffle=False):
        ids, mask = stack(batch, "ids"), padding_mask(batch)
        index = torch.zeros(len(batch), model.size.images, dtype=torch.int64)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            ends = () if task == "ner" else tuple(torch.tensor([row[end] for row in batch]) for end in ("head", "tail"))
            made = model(ids, mask, *ends, empty, index)
        yield batch, made.float(), mask


def judge_texts(model, todo: list[dict]) -> None:
    """Adds a teacher's probabilities of labels and pairs of labels to each row."""
    for batch, emissions, mask in outputs(model, "ner", todo):
        unary, pairs = model.crf.marginals(emissions, mask)
        for i, row in enumerate(batch):
            size = len(row["ids"])
            row.setdefault("judged", []).append((unary[i, :size].half(), pairs[i, : size - 1].half()))


def settle(row: dict) -> dict:
    """A row with its targets: what all its teachers say, and its annotation if it has one."""
    judged = row.pop("judged")
    unary, pairs = (sum(part.float() for part in parts) / len(judged) for parts in zip(*judged, strict=True))
    if row.get("annotated"):
        one = torch.nn.functional.one_hot(torch.tensor(row["tags"]), unary.shape[1]).float()
        both = one[:-1].unsqueeze(2) * one[1:].unsqueeze(1)
        unary, pairs = GOLD * one + (1 - GOLD) * unary, GOLD * both + (1 - GOLD) * pairs
    return {**row, "unary": unary.half(), "pairs": pairs.half()}


def named(row: dict, least: float) -> list[tuple[int, int, str]]:
    """Mentions in what the teachers think of a row, by their likeliest labels."""
    unary = row["unary"].float()
    found = sorted(scores.spans(scores.word_tags(unary.argmax(1).tolist(), row["firsts"])))
    return [span for span in found if row["firsts"][span[0]] >= 0 and unary[row["firsts"][span[0]]].max() >= least]


def unlabelled(tokenizer: Tokenizer, root: Path, known: set[str]) -> list[dict]:
    """Posts without annotation: those with pictures that training may see, and the texts of MNRE."""
    posts = paired.read_posts(root / "paired")
    made = []
    for place, post in enumerate(posts):
        if not paired.is_held(post.id):
            words = [word.text for word in tweet_words(post.text)]
            made.append({**plain_row(tokenizer, words), "picture": place + 1})
    texts = dict.fromkeys(tuple(row["token"]) for row in data.mnre_rows(root / "mnre/train.txt"))
    held = {tuple(row["token"]) for row in data.mnre_rows(root / "mnre/val.txt")}
    made += [plain_row(tokenizer, list(words)) for words in texts if words not in held and " ".join(words) not in known]
    return made


def plain_row(tokenizer: Tokenizer, words: list[str], letter_case: bool = True) -> dict:
    """A row of a text nobody annotated."""
    ids, firsts = data.ner_row(tokenizer, words, letter_case=letter_case)
    return {"text": " ".join(words), "ids": ids, "firsts": firsts}


def teach_ner(a: argparse.Namespace, tokenizer: Tokenizer) -> dict:
    """Targets for the tagger."""
    read = lambda path: rows.ner_rows(tokenizer, data.read_conll(path), letter_case=True)
    gold = [{**row, "annotated": True} for s in rows.NER_SETS for row in read(a.data / s / "train.txt")]
    valid = {row["text"] for s in rows.NER_SETS for row in read(a.data / s / "valid.txt")}
    other = unlabelled(tokenizer, a.data, valid)
    more = [row for name in a.extra for row in read(a.data / "extra" / name)]
    if a.max_rows:
        gold, other, more = gold[: a.max_rows], other[: a.max_rows], more[: a.max_rows]
    for part, path in enumerate(a.teachers):
        model = checkpoint.load("ner", path)
        mine = [row for row in gold if rows.fold_of(row, len(a.teachers)) == part]
        judge_texts(model, mine + other + more)
        print(f"{path}: judged {len(mine)} annotated rows and {len(other) + len(more)} others", flush=True)
    gold, other, more = ([settle(row) for row in group] for group in (gold, other, more))
    draw = random.Random(a.seed)
    pictured = [row for row in other if "picture" in row]
    blanked = hidden.hide_named(pictured, named, draw) + hidden.hide_annotated(gold, draw)
    return {"rows": gold + other + blanked, "more": more}


def teach_re(a: argparse.Namespace, tokenizer: Tokenizer) -> dict:
    """Targets for the relation classifier, in the order of the rows."""
    labels = data.relation_labels(list(json.loads((a.data / "mnre/rel2id.json").read_text())))
    pairs = rows.mnre_training_pairs(a.data)
    soft = None
    for part, path in enumerate(a.teachers):
        model = checkpoint.load("re", path)
        todo = rows.re_rows(tokenizer, pairs, labels, model.size.letter_case)
        if soft is None:
            soft = torch.nn.functional.one_hot(torch.tensor([row["label"] for row in todo]), len(labels)).float()
        mine = [{**row, "place": i} for i, row in enumerate(todo) if rows.fold_of(row, len(a.teachers)) == part]
        for batch, logits, _ in outputs(model, "re", mine[: a.max_rows or None]):
            places = [row["place"] for row in batch]
            soft[places] = GOLD * soft[places] + (1 - GOLD) * torch.softmax(logits, 1)
        print(f"{path}: judged {len(mine)} rows", flush=True)
    return {"soft": soft}


def type_rows(tagger, tokenizer: Tokenizer, todo: list[dict], least: float = 0.6) -> None:
    """Fills in unknown types of mentions with what a tagger is sure of."""
    texts = {row["text"]: row["words"] for row in todo if rows.UNKNOWN_TYPE in row["types"]}
    fed = [{**plain_row(tokenizer, words, tagger.size.letter_case), "text": text} for text, words in texts.items()]
    found = {}
    for batch, emissions, mask in outputs(tagger, "ner", fed):
        unary, _ = tagger.crf.marginals(emissions, mask)
        found |= {row["text"]: (row["firsts"], chance) for row, chance in zip(batch, unary, strict=True)}
    edges = [[data.NER_LABELS.index(f"{edge}-{kind}") for edge in "BI"] for kind in rows.TYPES]
    for row in todo:
        for end, (start, _) in enumerate(row["spans"]):
            if row["types"][end] != rows.UNKNOWN_TYPE:
                continue
            firsts, chance = found[row["text"]]
            sums = [float(chance[firsts[start]][kind].sum()) for kind in edges] if firsts[start] >= 0 else [0.0]
            if max(sums) >= least:
                row["types"][end] = sums.index(max(sums))


def main(argv: list[str] | None = None) -> None:
    """Judges and saves."""
    a = arguments(argv)
    torch.set_num_threads(a.threads)
    tokenizer = Tokenizer(a.data / "bert-base-uncased-vocab.txt")
    made = (teach_ner if a.task == "ner" else teach_re)(a, tokenizer)
    part = a.out.with_suffix(".part")
    torch.save(made, part)
    part.replace(a.out)
    print(f"{a.out}: {', '.join(f'{len(group)} {name}' for name, group in made.items())}")


if __name__ == "__main__":
    main()
