"""Measurements: intervals, mentions with their probabilities, and what a picture is worth."""

import itertools
import unittest

import numpy as np

from training import bootstrap, mentions, paired, picture_worth

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
