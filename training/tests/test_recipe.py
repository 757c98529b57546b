"""Checks of what a bundle is trained with."""

import argparse
import contextlib
import io
import itertools
import random
import re
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import torch
from PIL import Image

from training import checkpoint, data, hidden, images, paired, prior, retrain, rows, teach, train
from training.average import RunningMean, average
from training.bert import Bert, Size
from training.crf import Crf
from training.letter_case import CASE_STEP, LOWER, UPPER, letter_case, recased
from training.objective import Objective
from training.tokenizer import Tokenizer


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
        row = {"tags": [11, 1, 4, 12], "unannotated": rows.unannotated("btc.dev.txt")}
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
        self.assertEqual(len({step.record for step in todo}), len(todo))
        for step in todo:
            module = __import__(f"training.{step.module}", fromlist=["arguments"])
            module.arguments(step.options)
        made: set[Path] = set()
        for step in todo:
            folder = Path(step.options[step.options.index("--out") + 1])
            read = {Path(option) for option in step.options if option.startswith("R/")} - {folder, folder.parent}
            self.assertEqual({path for path in read if path not in made}, set(), f"{step} reads what no earlier step makes")
            made |= {step.made, folder}

    def test_another_seed_moves_every_seed(self):
        seeds = lambda seed: [
            int(step.options[at + 1])
            for step in retrain.steps(retrain.arguments(["--data", "D", "--out", "R", "--bundle", "B", "--seed", str(seed)]))
            for at, option in enumerate(step.options)
            if option in ("--seed", "--order")
        ]
        self.assertEqual([seed + 100 for seed in seeds(2)], seeds(102))
        self.assertGreater(len(seeds(2)), 15)

    def test_a_step_is_done_for_its_options_and_inputs_only(self):
        with tempfile.TemporaryDirectory() as folder:
            given, made, record = Path(folder) / "in.pth", Path(folder) / "run/final.pth", Path(folder) / "run/step.json"
            given.write_text("one")
            step = lambda *more: retrain.Step("train", ["--init", str(given), *more], made, record)
            self.assertFalse(step().is_done())
            step().begin()
            made.write_text("weights")
            (made.parent / "last.pt").write_text("half")
            self.assertFalse(step().is_done(), "begun is not done")
            step().begin()
            self.assertTrue((made.parent / "last.pt").exists(), "the same training goes on")
            step().write(step().recipe(), done=True)
            self.assertTrue(step().is_done())
            self.assertFalse(step("--epochs", "9").is_done(), "other options")
            step("--epochs", "9").begin()
            self.assertFalse((made.parent / "last.pt").exists(), "another training begins anew")
            step().write(step().recipe(), done=True)
            given.write_text("two")
            self.assertFalse(step().is_done(), "another input")

    def test_a_trial_has_a_folder_of_its_own(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as told:
            retrain.main(["--data", "D", "--out", folder, "--bundle", f"{folder}/bundle", "--max-steps", "1", "--dry-run"])
        self.assertIn(f"--out {folder}/trial/ner --resume", told.getvalue())
        self.assertNotIn(f"--out {folder}/bundle", told.getvalue())


class OptionsTest(unittest.TestCase):
    def test_what_would_be_ignored_is_refused(self):
        common = ["--data", "D", "--out", "R", "--task"]
        for options in (
            ["ner", "--case-noise", "0.1"],
            ["ner", "--smooth", "0.1"],
            ["ner", "--hide", "0.1"],
            ["ner", "--type-loss", "0.3"],
            ["ner", "--tagger", "T"],
            ["ner", "--targets", "T", "--extra", "x"],
            ["re", "--targets", "T", "--fold", "0/5"],
            ["re", "--targets", "T", "--smooth", "0.1"],
            ["re", "--tagger", "T"],
        ):
            with self.subTest(options), contextlib.redirect_stderr(io.StringIO()) as told, self.assertRaises(SystemExit):
                train.arguments([*common, *options])
            self.assertIn(options[-2] if options[-2] != "x" else "--extra", told.getvalue())

    def test_commands_of_the_log_are_commands(self):
        log = (Path(train.__file__).parent / "EXPERIMENTS.md").read_text()
        named = set(re.findall(r"--[a-z][a-z-]+", log))
        known = {option for module in (train, teach, prior, retrain) for option in re.findall(r"--[a-z][a-z-]+", Path(module.__file__).read_text())}
        self.assertEqual(named - known, set())


class PicturesTest(unittest.TestCase):
    def test_kept_features_are_those_of_the_files(self):
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / f"{i}.png" for i in range(2)]
            for i, file in enumerate(files):
                Image.new("RGB", (8, 8), (i * 90, 0, 0)).save(file)
            calls = []
            model = lambda pixels: calls.append(len(pixels)) or pixels.mean((2, 3))[:, None]
            cache = Path(folder) / "pictures.pt"
            first = images.features(files, model, cache)
            self.assertTrue(torch.equal(images.features(files, model, cache), first))
            self.assertEqual(calls, [2])
            Image.new("RGB", (8, 8), (255, 255, 0)).save(files[0])
            self.assertFalse(torch.equal(images.features(files, model, cache), first))

    def test_near_copies_have_one_gist(self):
        self.assertEqual(paired.gist("RT @ana: Big NEWS, in Lisbon! https://t.co/x1"), paired.gist("big news in lisbon @bo"))
        self.assertNotEqual(paired.gist("big news in lisbon"), paired.gist("big news in porto"))


class LetterCaseModelTest(unittest.TestCase):
    SIZE = Size(layers=1, hidden=24, heads=4, feed_forward=32, words=40, positions=16, trunk="", token_types=5, letter_case=True)

    def test_the_way_a_word_is_written_is_read(self):
        torch.manual_seed(1)
        model = Bert(self.SIZE, 0.0).eval()
        plain, mask = torch.tensor([[1, 7, 8, 2]]), torch.ones(1, 4, dtype=torch.int64)
        cased = plain + CASE_STEP * torch.tensor([[0, 3, 1, 0]])
        one, other = model(plain, mask), model(cased, mask)
        self.assertFalse(torch.allclose(one, other))
        torch.testing.assert_close(model(plain + 0 * CASE_STEP, mask), one)

    def test_a_checkpoint_says_whether_it_reads_it(self):
        state = checkpoint.to_state(checkpoint.create("ner", self.SIZE, 3))
        self.assertTrue(checkpoint.from_state("ner", state, heads=4).size.letter_case)
        del state["bert.embeddings.reads_letter_case"]
        foreign = checkpoint.from_state("ner", state, heads=4).size
        self.assertEqual((foreign.letter_case, foreign.token_types), (False, 5))

    def test_a_vocabulary_without_room_is_refused(self):
        with self.assertRaisesRegex(ValueError, "room for 65536 ids"):
            Size(words=65_537, token_types=5, letter_case=True)


class TeachingTest(unittest.TestCase):
    def test_targets_must_be_of_the_same_rows(self):
        task = rows.Task.__new__(rows.Task)
        task.base = [{"label": 0}, {"label": 1}]
        with self.assertRaisesRegex(ValueError, "1 targets for 2 rows"):
            task.learn({"soft": torch.zeros(1, 3)})
        task.learn({"soft": torch.eye(3)[:2]})
        self.assertEqual([row["soft"].argmax().item() for row in task.base], [0, 1])

    def test_training_pairs_leave_out_texts_of_the_validation_set(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "mnre").mkdir()
            row = lambda words: {"token": words, "h": {"name": "a", "pos": [0, 1]}, "t": {"name": "b", "pos": [1, 2]}, "relation": "None", "img_id": "1.jpg"}
            lines = lambda *texts: "".join(f"{row(text.split())}\n" for text in texts)
            (Path(folder) / "mnre/train.txt").write_text(lines("Ana Lisbon x", "Bo Porto y"))
            (Path(folder) / "mnre/val.txt").write_text(lines("Bo Porto y"))
            self.assertEqual([pair.words[0] for pair in rows.mnre_training_pairs(Path(folder))], ["Ana"])

    def test_a_tagger_fills_in_types_it_is_sure_of(self):
        vocabulary = ["[PAD]", *(f"[unused{i}]" for i in range(99)), "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ana", "lisbon", "and"]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "vocab.txt"
            file.write_text("\n".join(vocabulary) + "\n")
            tokenizer = Tokenizer(file)
        person = data.NER_LABELS.index("B-PER")

        class Sure:
            size = self.size_without_case()
            crf = type("C", (), {"marginals": staticmethod(lambda emissions, mask: (emissions, None))})()

        def judged(model, task, todo):
            chance = torch.zeros(len(todo), max(len(row["ids"]) for row in todo), len(data.NER_LABELS))
            chance[:, 1, person] = 0.9
            chance[:, 3, person] = 0.5
            yield todo, chance, None

        row = {"text": "ana and lisbon", "words": ["ana", "and", "lisbon"], "spans": ((0, 1), (2, 3)), "types": [rows.UNKNOWN_TYPE] * 2}
        with mock.patch.object(teach, "outputs", judged):
            teach.type_rows(Sure(), tokenizer, [row])
        self.assertEqual(row["types"], [rows.TYPES.index("PER"), rows.UNKNOWN_TYPE])

    @staticmethod
    def size_without_case():
        return Size(words=40)

    def test_a_prior_is_scored_on_posts_it_was_not_chosen_on(self):
        todo = [{"text": str(i), "label": i % 2} for i in range(400)]
        logits = torch.zeros(400, 2)
        logits[:, 0] = 1.0
        logits[[i for i in range(400) if i % 2], 1] = 1.5
        self.assertEqual(prior.crossed(logits, todo), 100.0)
        self.assertLess(prior.smoothed_best(logits, [row["label"] for row in todo]), 0.5)


if __name__ == "__main__":
    unittest.main()
