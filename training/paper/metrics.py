"""The paper's scores: entities as seqeval counts them by default, relations without `None`."""

from collections import Counter

from .. import scores


def entities(tags: list[str]) -> set[tuple[str, int, int]]:
    """Spans (type, first, last) of raw tags, seqeval's default way.

    It takes any letters behind the first for a type, so a stray [SEP] or PAD is an entity of its own, and X is one where an
    entity follows at once. The service reads such tags as O; the paper's numbers count them, so they are counted here.
    """
    found, begin, before, kind_before = set(), 0, "O", "_"
    for i, tag in enumerate([*tags, "O"]):
        letter, kind = tag[0], tag[1:].removeprefix("-") or "_"
        turns = letter == "B" or kind != kind_before
        if before != "O" and turns:
            found.add((kind_before, begin, i - 1))
        if letter != "O" and turns:
            begin = i
        before, kind_before = letter, kind
    return found


def entity_scores(gold: list[list[str]], predicted: list[list[str]]) -> dict:
    """Micro scores over exact matches, and the same per type."""
    counts = {"correct": Counter(), "predicted": Counter(), "gold": Counter()}
    for right, guess in zip(gold, predicted, strict=True):
        right, guess = entities(right), entities(guess)
        for name, spans in (("correct", right & guess), ("predicted", guess), ("gold", right)):
            counts[name].update(kind for kind, _, _ in spans)
    row = lambda pick: scores.f1(*(pick(counts[name]) for name in ("correct", "predicted", "gold")))
    types = sorted(counts["gold"] | counts["predicted"])
    return {**row(Counter.total), "types": {kind: row(lambda counter: counter[kind]) for kind in types}}


def relation_scores(gold: list[int], predicted: list[int], names: list[str], none: int) -> dict:
    """Accuracy over all rows, micro scores over all relations but `none`, and the same per relation."""
    pairs = list(zip(gold, predicted, strict=True))
    result = {"accuracy": round(100 * sum(g == p for g, p in pairs) / len(pairs), 2), **scores.relation_f1(gold, predicted, none)}
    types = {}
    for label, name in enumerate(names):
        hits, guesses, golds = (sum(test) for test in zip(*((g == p == label, p == label, g == label) for g, p in pairs)))
        if label != none and guesses + golds:
            types[name] = scores.f1(hits, guesses, golds)
    return {**result, "types": types}


def report(result: dict) -> str:
    """A table: a line per type, the micro scores last, of relations the accuracy as well."""
    lines = [f"{'':28}{'P':>8}{'R':>8}{'F1':>8}{'gold':>8}"]
    for name, row in [*result["types"].items(), ("micro", result)]:
        lines.append(f"{name:28}{row['precision']:8.2f}{row['recall']:8.2f}{row['f1']:8.2f}{row['gold']:8}")
    return "\n".join([*lines, f"accuracy {result['accuracy']:.2f}"] if "accuracy" in result else lines)
