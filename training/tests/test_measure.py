"""Measurements: intervals, mentions with their probabilities, and what a picture is worth."""

import itertools
import unittest

import numpy as np

from training import bootstrap, calibrate, mentions, paired, picture_worth, reliability, served, shipped

LABELS = ["O", "B-PER", "I-PER", "B-LOC"]


def field(draw: np.random.Generator) -> list[np.ndarray]:
    return [draw.normal(size=4), draw.normal(size=4), draw.normal(size=(4, 4))]


class BootstrapTest(unittest.TestCase):
    def test_interval_holds_the_value_and_shrinks_with_posts(self):
        counts = np.tile([[1, 1, 1], [0, 1, 1]], (20, 1))
        low, high = bootstrap.interval(counts, bootstrap.f1)
        self.assertTrue(low < 50 < high)
        closer = bootstrap.interval(np.tile(counts, (20, 1)), bootstrap.f1)
        self.assertLess(closer[1] - closer[0], (high - low) / 3)
        self.assertEqual(bootstrap.interval(np.zeros((5, 3)), bootstrap.f1), [0.0, 0.0])

    def test_rows_of_one_post_are_added_up(self):
        sums = bootstrap.by_key(["a", "b", "a"], np.array([[1, 0], [2, 2], [3, 1]]))
        self.assertEqual(sums.tolist(), [[4, 1], [2, 2]])


class MentionsTest(unittest.TestCase):
    def test_marginals_against_every_path(self):
        draw = np.random.default_rng(5)
        emissions, crf, temperature = draw.normal(size=(3, 4)), field(draw), 1.7
        start, end, steps = crf
        expected = np.zeros((3, 4))
        for path in itertools.product(range(4), repeat=3):
            score = start[path[0]] + end[path[-1]] + sum(emissions[t, tag] for t, tag in enumerate(path))
            score += sum(steps[a, b] for a, b in itertools.pairwise(path))
            for t, tag in enumerate(path):
                expected[t, tag] += np.exp(score / temperature)
        expected /= expected.sum(1, keepdims=True)
        np.testing.assert_allclose(mentions.marginals(emissions, crf, temperature), expected, rtol=1e-10)

    def test_mentions_are_as_sure_as_their_weakest_word(self):
        zero = [np.zeros(4), np.zeros(4), np.zeros((4, 4))]
        emissions = np.zeros((6, 4))
        for position, (label, margin) in enumerate([(0, 9), (1, 4), (2, 2), (2, 3), (3, 5)]):
            emissions[position, label] = margin
        # The fourth word has no pieces and parts the two persons; [CLS] is position 0.
        found = mentions.find(emissions, [1, 2, -1, 3, 4], LABELS, zero)
        self.assertEqual([(m.start, m.end, m.kind) for m in found], [(0, 2, "PER"), (3, 4, "PER"), (4, 5, "LOC")])
        self.assertAlmostEqual(found[0].p, (np.exp(2) + 1) / (np.exp(2) + 3))
        cooler = mentions.find(emissions, [1, 2, -1, 3, 4], LABELS, zero, temperature=2.0)
        self.assertLess(cooler[0].p, found[0].p)


class ReliabilityTest(unittest.TestCase):
    def test_error_is_the_gap_weighted_by_numbers(self):
        confidence = np.array([0.9] * 10 + [0.55] * 10)
        right = np.array([True] * 8 + [False] * 2 + [True] * 5 + [False] * 5)
        self.assertAlmostEqual(reliability.expected_error(confidence, right), (0.1 + 0.05) / 2)
        found = reliability.report(confidence, right)
        self.assertEqual([(b["from"], b["n"], b["accuracy"]) for b in found["bins"]], [(0.5, 10, 0.5), (0.9, 10, 0.8)])
        self.assertGreater(found["errorByChance"], 0)

    def test_bins_of_equal_numbers(self):
        place = reliability.places(np.linspace(0.9, 1.0, 40), equal_mass=True)
        self.assertEqual(np.bincount(place).tolist(), [4] * 10)

    def test_temperature_that_was_put_in_is_found(self):
        draw = np.random.default_rng(2)
        honest = draw.normal(0, 2, size=20000)
        right = draw.random(len(honest)) < 1 / (1 + np.exp(-honest))
        sure = lambda t: 1 / (1 + np.exp(-honest * 1.8 / t))
        self.assertAlmostEqual(reliability.fit(sure, right, reliability.TEMPERATURES), 1.8, delta=0.15)

    def test_halves_depend_on_the_text_alone(self):
        half = reliability.halves([str(i) for i in range(500)])
        self.assertTrue(200 < half.sum() < 300)
        self.assertTrue((reliability.halves(["7"]) == half[7]).all())


class ChancesTest(unittest.TestCase):
    LABELS = [{"type": "None"}, {"type": "a"}, {"type": "b"}]

    def test_bias_of_none_moves_the_probability_and_not_the_label(self):
        logits = np.array([[0.0, 1.0, -np.inf], [1.0, 0.9, -np.inf]])
        best, p = shipped.chances({"temperature": 2.0, "noneBias": 1.5}, logits)
        self.assertEqual(best.tolist(), [1, 0])
        np.testing.assert_allclose(p, [1 / (1 + np.exp(0.25)), 1 / (1 + np.exp(-0.8))])
        part = {"temperature": 2.0, "noneBias": 1.5, "labels": self.LABELS, "thresholds": {"default": 0.5}}
        self.assertEqual([shipped.decide(part, row) for row in logits], [0, 0])
        self.assertEqual(shipped.decide({**part, "noneBias": 0.0}, logits[0]), 1)

    def test_each_half_is_measured_with_what_suits_the_other(self):
        half = np.array([True, False, True])
        found = calibrate.Findings(np.array([True, True, False]), half)
        p = found.crossed(lambda t: np.full(3, t), {True: 0.2, False: 0.7})
        self.assertEqual(p.tolist(), [0.7, 0.2, 0.7])


class ServedTest(unittest.TestCase):
    LABELS = [{"type": "None"}, {"type": "/per/org/member_of", "inverse": False}, {"type": "/per/org/member_of", "inverse": True}]

    def test_signs_are_no_part_of_a_mention(self):
        words = ["#", "Porto", "@", "#"]
        self.assertEqual(served.trim(words, mentions.Mention(0, 4, "LOC", 0.9)), mentions.Mention(1, 2, "LOC", 0.9))
        self.assertIsNone(served.trim(words, mentions.Mention(2, 4, "LOC", 0.9)))

    def test_pairs_are_those_whose_types_fit_in_text_order(self):
        person, place, club = (mentions.Mention(i, i + 1, kind, 0.9) for i, kind in enumerate(("PER", "LOC", "ORG")))
        found = served.pairs(["Ana", "Porto", "FC"], [person, place, club], self.LABELS)
        self.assertEqual(found, [(person, club)])

    def test_of_too_many_pairs_the_closest_stay(self):
        row = [mentions.Mention(i, i + 1, ("PER", "ORG")[i % 2], 0.9) for i in range(20)]
        found = served.pairs(["word"] * 20, row, self.LABELS)
        self.assertEqual(len(found), served.MAX_PAIRS)
        self.assertEqual(max(b.start - a.start for a, b in found), 5)

    def test_a_mention_below_its_types_threshold_is_not_passed_on(self):
        row = [mentions.Mention(0, 1, "PER", 0.6), mentions.Mention(1, 2, "LOC", 0.6)]
        self.assertEqual(served.sure(row, {"default": 0.5, "LOC": 0.7}), row[:1])


class PairedTest(unittest.TestCase):
    def test_about_a_tenth_is_held_and_the_id_alone_decides(self):
        ids = [str(i) for i in range(4000)]
        train, held = paired.split(ids)
        self.assertEqual(sorted(train + held), sorted(ids))
        self.assertTrue(350 < len(held) < 450)
        self.assertEqual(paired.split(held), ([], held))


class PictureWorthTest(unittest.TestCase):
    def test_every_post_is_given_another_picture(self):
        contents = [b"a", b"a", b"b", b"c", b"c", b"d"]
        for seed in range(20):
            order = picture_worth.derangement(contents, np.random.default_rng(seed))
            self.assertEqual(sorted(order), list(range(6)))
            self.assertTrue(all(contents[i] != contents[j] for i, j in enumerate(order)))
        with self.assertRaises(ValueError):
            picture_worth.derangement([b"a", b"a", b"b"], np.random.default_rng(1))

    def test_worth_is_the_share_of_right_types_and_its_difference(self):
        hidden = [picture_worth.Hidden(post, {}, 1, kind) for post, kind in ((0, 0), (0, 1), (1, 1))]
        sure = np.array([[0.9, 0.1], [0.1, 0.9], [0.2, 0.8]])
        blind = np.array([[0.6, 0.4]] * 3)
        found = picture_worth.worth(hidden, {"right": [sure], "none": [blind], "wrong": [blind, blind]})
        self.assertEqual(found["right"]["accuracy"]["value"], 100.0)
        self.assertEqual(found["none"]["accuracy"]["value"], 33.33)
        self.assertEqual(found["right - none"]["accuracy"]["value"], 66.67)
        self.assertEqual(found["wrong - none"]["accuracy"], {"value": 0.0, "interval": [0.0, 0.0]})
        self.assertAlmostEqual(found["none"]["logLikelihood"]["value"], round((np.log(0.6) + 2 * np.log(0.4)) / 3, 2))


if __name__ == "__main__":
    unittest.main()
