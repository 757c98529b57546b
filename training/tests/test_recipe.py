"""Checks of what a bundle is trained with."""

import argparse
import itertools
import random
import unittest
from pathlib import Path

import torch

from training import data, hidden, paired, retrain, rows, teach
from training.average import RunningMean, average
from training.crf import Crf
from training.letter_case import CASE_STEP, LOWER, UPPER, letter_case, recased
from training.objective import Objective


class CrfTest(unittest.TestCase):
    """Against sums over every path."""

    def setUp(self):
        torch.manual_seed(5)
        self.crf = Crf(3)
        with torch.no_grad():
            for weights in self.crf.parameters():
                weights.mul_(20)
        self.emissions, self.mask = 3 * torch.randn(2, 4, 3), torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])

    def paths(self, row: int):
        """Every path of a row, and its probability."""
        size = int(self.mask[row].sum())
        every = [torch.tensor([*p, *[0] * (4 - size)]) for p in itertools.product(range(3), repeat=size)]
        score = [self.crf.path_score(self.emissions[row][None], p[None], self.mask[row][None])[0] for p in every]
        return [p[:size] for p in every], torch.softmax(torch.stack(score), 0)

    def test_marginals(self):
        unary, pairs = self.crf.marginals(self.emissions, self.mask)
        for row in range(2):
            expected, joint = torch.zeros(4, 3), torch.zeros(3, 3, 3)
            for path, chance in zip(*self.paths(row), strict=True):
                for t, label in enumerate(path):
                    expected[t, label] += chance
                    if t:
                        joint[t - 1, path[t - 1], label] += chance
            torch.testing.assert_close(unary[row], expected)
            torch.testing.assert_close(pairs[row], joint)

    def test_a_label_that_may_hide_another_counts_both(self):
        allowed = torch.zeros(2, 4, 3, dtype=torch.bool)
        allowed[:, :, 0] = True
        allowed[:, 1, 2] = True
        loss = self.crf.partial_loss(self.emissions, allowed, self.mask)
        total = 0.0
        for row in range(2):
            paths, chances = self.paths(row)
            fit = sum(c for p, c in zip(paths, chances, strict=True) if all(allowed[row, t, label] for t, label in enumerate(p)))
            total -= torch.log(fit) / 2
        torch.testing.assert_close(loss, total)

    def test_soft_targets_of_one_path_are_that_path(self):
        tags = torch.tensor([[0, 2, 1, 1], [2, 0, 0, 0]])
        unary = torch.nn.functional.one_hot(tags, 3).float() * self.mask[:, :, None]
        pairs = unary[:, :-1].unsqueeze(3) * unary[:, 1:].unsqueeze(2)
        soft = self.crf.soft_loss(self.emissions, unary, pairs, self.mask)
        torch.testing.assert_close(soft, self.crf.loss(self.emissions, tags, self.mask))


class LetterCaseTest(unittest.TestCase):
    def test_rules(self):
        found = [letter_case(word) for word in ("12:30", "harbour", "Lisbon", "I", "NATO", "iPhone", "\u6771\u4eac")]
        self.assertEqual(found, [0, 1, 2, 2, 3, 4, 0])

    def test_noise_keeps_pieces_and_special_ids(self):
        ids = [101, 2000 + 2 * CASE_STEP, 2001 + 2 * CASE_STEP, 1010, 102]
        for share, case in ((1.0, LOWER), (0.0, 2)):
            self.assertEqual(recased(ids, share, random.Random(1)), [101, 2000 + case * CASE_STEP, 2001 + case * CASE_STEP, 1010, 102])
        made = {tuple(recased(ids, 0.4, random.Random(seed))) for seed in range(40)}
        self.assertEqual({i // CASE_STEP for row in made for i in row}, {0, LOWER, 2, UPPER})
        self.assertEqual({tuple(i % CASE_STEP for i in row) for row in made}, {(101, 2000, 2001, 1010, 102)})


class HiddenTest(unittest.TestCase):
    ROW = {"ids": [101, 11, 12 + CASE_STEP, 13 + CASE_STEP, 14, 102], "firsts": [1, 2, -1, 4], "gold": ["O", "B-PER", "I-PER", "O"]}

    def test_all_pieces_of_a_mention(self):
        self.assertEqual(hidden.hide(self.ROW, [(1, 3, "PER")])["ids"], [101, 11, 103 + CASE_STEP, 103 + CASE_STEP, 14, 102])
        self.assertEqual(hidden.hide(self.ROW, [(3, 4, "PER")])["ids"], [101, 11, 12 + CASE_STEP, 13 + CASE_STEP, 103, 102])

    def test_annotated_rows_never_see_a_picture(self):
        made = [row for seed in range(8) for row in hidden.hide_annotated([self.ROW], random.Random(seed))]
        self.assertTrue(made and all(row["blind"] for row in made))
        drawn = Objective(argparse.Namespace(own_rate=1.0, picture_rate=1.0), [7])
        self.assertEqual([drawn.picture(row) for row in (made[0], {"picture": 3}, {})], [0, 3, 7])

    def test_both_mentions_of_a_pair(self):
        ids = [101, 30522, 11, 12, 30523, 13, 30524, 14, 30525, 102]
        self.assertEqual(hidden.hide_marked(ids, 1, 6), [101, 30522, 103, 103, 30523, 13, 30524, 103, 30525, 102])


class RowsTest(unittest.TestCase):
    def test_types_follow_the_direction(self):
        pair = lambda relation, inverse: data.Pair(["a", "b"], (0, 1), (1, 2), relation, inverse)
        self.assertEqual(rows.types_of(pair("/per/org/member_of", False)), [0, 1])
        self.assertEqual(rows.types_of(pair("/per/org/member_of", True)), [1, 0])
        self.assertEqual(rows.types_of(pair("None", False)), [rows.UNKNOWN_TYPE] * 2)

    def test_what_a_corpus_does_not_annotate_may_be_there(self):
        row = {"tags": [11, 1, 4, 12], "hidden": rows.unannotated("btc.dev.txt")}
        self.assertEqual([sorted(torch.where(ok)[0].tolist()) for ok in rows.allowed([row])[0]], [[11], [1, 2, 3], [4], [12]])
        self.assertEqual(rows.unannotated("tweebank.dev.txt"), [])

    def test_a_text_is_in_one_part(self):
        parts = {rows.fold_of({"text": f"post {i}"}, 5) for i in range(60)}
        self.assertEqual(parts, set(range(5)))

    def test_targets_are_half_annotation_half_teachers(self):
        unary = torch.tensor([[0.0, 1.0], [0.5, 0.5]])
        row = teach.settle({"tags": [0, 0], "annotated": True, "judged": [(unary.half(), torch.full((1, 2, 2), 0.25).half())]})
        torch.testing.assert_close(row["unary"].float(), torch.tensor([[0.5, 0.5], [0.75, 0.25]]))
        self.assertAlmostEqual(float(row["pairs"].sum()), 1.0, places=3)

    def test_about_a_tenth_of_the_paired_posts_is_held_out(self):
        held = [post for post in map(str, range(2000)) if paired.is_held(post)]
        self.assertTrue(150 < len(held) < 250)


class AverageTest(unittest.TestCase):
    def test_what_is_frozen_stays_bit_for_bit(self):
        frozen = torch.randn(200)
        states = [{"image_model.a": frozen.clone(), "fc.weight": torch.full((3,), float(i))} for i in (1, 2, 6)]
        mean = average(states)
        self.assertTrue(torch.equal(mean["image_model.a"], frozen))
        self.assertFalse(torch.equal(torch.stack([frozen] * 3).mean(0), frozen), "a mean of equal numbers would not do")
        self.assertEqual(mean["fc.weight"].tolist(), [3.0, 3.0, 3.0])

    def test_a_running_mean_is_applied_and_taken_back(self):
        model = torch.nn.Linear(1, 1, bias=False)
        mean = RunningMean(model, 0.5)
        first = model.weight.item()
        with torch.no_grad():
            model.weight.fill_(first + 1)
        mean.step()
        with mean.applied():
            self.assertAlmostEqual(model.weight.item(), first + 0.5, places=5)
        self.assertAlmostEqual(model.weight.item(), first + 1, places=5)


class RetrainTest(unittest.TestCase):
    def test_every_step_is_a_command_that_takes_its_options(self):
        a = retrain.arguments(["--data", "D", "--out", "R", "--bundle", "B"])
        todo = retrain.steps(a)
        self.assertEqual(len({step.done for step in todo}), len(todo))
        for step in todo:
            module = __import__(f"training.{step.module}", fromlist=["arguments"])
            module.arguments(step.options)
        made: set[Path] = set()
        for step in todo:
            folder = Path(step.options[step.options.index("--out") + 1])
            read = {Path(option) for option in step.options if option.startswith("R/")} - {folder, folder.parent}
            self.assertEqual({path for path in read if path not in made}, set(), f"{step} reads what no earlier step makes")
            made |= {step.done, folder, folder / "final.pth"}


if __name__ == "__main__":
    unittest.main()
