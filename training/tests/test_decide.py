"""What counts as a right relation end to end, and how thresholds are chosen."""

import unittest
from types import SimpleNamespace

import numpy as np

from training import data, end_to_end, scores, shipped, thresholds
from training.end_to_end import Finding
from training.letter_case import CAPITALISED, CASE_STEP, LOWER, UPPER

MEMBER = "/per/org/member_of"


class EndToEndTest(unittest.TestCase):
    def test_rows_of_one_text_are_one_post(self):
        words = ["Ana", "of", "Labs", "in", "Porto"]
        pairs = [
            data.Pair(words, (0, 1), (2, 3), MEMBER, False),
            data.Pair(words, (0, 1), (4, 5), "None", False),
            data.Pair(["Rui"], (0, 1), (0, 1), "None", False),
        ]
        posts = end_to_end.gather(pairs)
        self.assertEqual(posts.words, [words, ["Rui"]])
        self.assertEqual(posts.relations[0][(0, 1), (2, 3)], (MEMBER, False))
        self.assertEqual(posts.gold.tolist(), [1, 0])

    def test_only_annotated_pairs_are_right_or_wrong(self):
        found = [Finding(0, MEMBER, 0.9, True, True), Finding(0, MEMBER, 0.8, True, False), Finding(1, MEMBER, 0.9, False, False)]
        self.assertEqual(end_to_end.counts(found, np.array([2, 1])).tolist(), [[1, 2, 2], [0, 0, 1]])
        self.assertEqual(len(end_to_end.passed(found, {"default": 0.5, MEMBER: 0.85})), 2)


class ThresholdsTest(unittest.TestCase):
    """Type A is right from 0.4 on, B from 0.8 on; C is rare."""

    def setUp(self):
        draw = np.random.default_rng(3)
        found, gold = [], []
        for post in range(400):
            p = float(draw.uniform(0.2, 1))
            kind, right = ("A", p > 0.4) if post % 2 else ("B", p > 0.8)
            found.append(Finding(post, kind, p, True, bool(right)))
            gold.append({kind: int(right)})
        found.append(Finding(0, "C", 0.99, True, False))
        gold[0]["C"] = 1
        self.evidence = thresholds.Evidence(found, gold, np.arange(400) % 4 < 2)

    def test_each_type_gets_its_own_and_a_rare_one_none(self):
        chosen = thresholds.choose(self.evidence, thresholds.Limits(0.5, 20))
        self.assertEqual((chosen.get("A", chosen["default"]), chosen.get("B", chosen["default"])), (0.4, 0.8))
        self.assertNotIn("C", chosen)

    def test_precision_is_kept_even_where_f1_falls(self):
        rows = [Finding(i, "A", 0.3 if i % 3 else 0.9, True, i % 3 == 0) for i in range(90)]
        gold = [{"A": 1} for _ in rows]
        evidence = thresholds.Evidence(rows, gold, np.arange(90) % 2 == 0)
        self.assertGreater(thresholds.choose(evidence, thresholds.Limits(0.9, 20))["default"], 0.3)

    def test_what_is_not_annotated_changes_nothing(self):
        limits = thresholds.Limits(0.5, 20)
        noise = [Finding(i, "A", 0.45, False, False) for i in range(300)]
        louder = thresholds.Evidence(self.evidence.found + noise, self.evidence.gold, self.evidence.half)
        self.assertEqual(thresholds.choose(louder, limits), thresholds.choose(self.evidence, limits))

    def test_halves_are_scored_under_the_thresholds_of_the_other(self):
        typed = thresholds.cross_scores(self.evidence, thresholds.Limits(0.5, 20), by_type=True)
        self.assertGreater(typed["f1"], 97)
        self.assertEqual(typed["gold"], sum(sum(g.values()) for g in self.evidence.gold))
        chosen, report = thresholds.decide(self.evidence, thresholds.Limits(0.5, 20), {"default": 0.95})
        self.assertEqual(report["thresholds"], chosen)
        self.assertLess(report["before"]["f1"], report["chosen, same posts"]["f1"])


class RowsTest(unittest.TestCase):
    """Rows say how words are written exactly where the bundle's graph is told so."""

    WORDS = ["Ana", "of", "LABS"]

    def bundle(self, case: bool) -> SimpleNamespace:
        words = SimpleNamespace(cls=1, sep=2, pieces=range(50), encode=lambda word: [10 + len(word)])
        part = {"maxSeq": 16, "closeLast": True}
        return SimpleNamespace(tokenizer=words, manifest={"ner": part, "re": part}, letter_case=lambda task: case)

    def test_of_the_tagger(self):
        plain, firsts = shipped.tagger_rows(self.bundle(False), [self.WORDS])
        self.assertEqual((plain, firsts), ([{"ids": [1, 13, 12, 14, 2]}], [[1, 2, 3]]))
        cased, _ = shipped.tagger_rows(self.bundle(True), [self.WORDS])
        steps = [0, CAPITALISED, LOWER, UPPER, 0]
        self.assertEqual(cased[0]["ids"], [i + CASE_STEP * step for i, step in zip(plain[0]["ids"], steps, strict=True)])

    def test_of_a_pair(self):
        pair = data.Pair(self.WORDS, (0, 1), (2, 3), "None", False)
        plain, cased = (shipped.pair_row(self.bundle(case), pair) for case in (False, True))
        self.assertEqual(plain, {"ids": [1, 50, 13, 51, 12, 52, 14, 53, 2], "head": 1, "tail": 5})
        self.assertEqual([i % CASE_STEP for i in cased["ids"]], plain["ids"])
        self.assertEqual(cased["ids"][2] // CASE_STEP, CAPITALISED)


class CountsTest(unittest.TestCase):
    def test_counts_add_up_to_the_scores(self):
        gold, found = [["B-PER", "O"], ["O"]], [["B-PER", "B-LOC"], ["O"]]
        self.assertEqual(scores.entity_counts(gold, found).tolist(), [[1, 2, 1], [0, 0, 0]])
        self.assertEqual(scores.entity_f1(gold, found), scores.f1(1, 2, 1))
        self.assertEqual(scores.relation_counts([1, 0, 2], [1, 3, 0]).tolist(), [[1, 1, 1], [0, 1, 0], [0, 0, 1]])


if __name__ == "__main__":
    unittest.main()
