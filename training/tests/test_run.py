"""The paper's commands, driven from the flags to the files they leave."""

import contextlib
import io
import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import torch

from training import checkpoint, run
from training.paper import datasets, experiment, layout, loop, settings
from training.tests import paper_data

TASKS = {"twitter15": "ner", "twitter17": "ner", "MRE": "re"}


class RunTest(unittest.TestCase):
    """Each test has data and encoders of its own, below `self.root`."""

    @classmethod
    def setUpClass(cls):
        torch.set_num_threads(1)
        cls.master = tempfile.TemporaryDirectory()
        paper_data.write_all(Path(cls.master.name))

    @classmethod
    def tearDownClass(cls):
        cls.master.cleanup()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        shutil.copytree(self.master.name, self.root, dirs_exist_ok=True)

    def run_it(self, dataset: str, *flags: str) -> dict:
        """The summary of a run; `self.out` has what it printed."""
        places = ["--data_root", f"{self.root}/data", "--bert_name", f"{self.root}/bert", "--device", "cpu"]
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            try:
                return run.main(["--dataset_name", dataset, *places, "--max_seq", "32", "--prompt_dim", "16", *flags])
            finally:
                self.out = out.getvalue()

    def train(self, dataset: str, name: str, *flags: str, pictures: bool = True, epochs: int = 2) -> dict:
        """Trains into root/name."""
        used = ["--use_prompt", "--resnet_path", f"{self.root}/resnet.pth"] if pictures else []
        shape = ["--num_epochs", str(epochs), "--eval_begin_epoch", "1", "--batch_size", "4", "--lr", "1e-3"]
        return self.run_it(dataset, "--do_train", "--save_path", f"{self.root}/{name}", *shape, *used, *flags)

    def message(self, dataset: str, *flags: str) -> str:
        """The one message of a run that cannot be."""
        with self.assertRaises(SystemExit) as caught:
            self.run_it(dataset, *flags)
        self.assertTrue(str(caught.exception).startswith("training.run: "), self.out)
        return str(caught.exception)

    def state(self, path: str) -> dict[str, torch.Tensor]:
        """A checkpoint below the root."""
        return torch.load(self.root / path, weights_only=True)


class TrainTest(RunTest):
    def test_each_dataset_trains_and_its_checkpoint_tests_the_same(self):
        for dataset, task in TASKS.items():
            with self.subTest(dataset):
                trained = self.train(dataset, dataset, "--write_path", f"{self.root}/{dataset}.jsonl", "--notes", "a try")
                self.assertEqual((trained["notes"], trained["train rows"]), ("a try", 12))
                best = self.root / dataset / settings.BEST
                tested = self.run_it(dataset, "--use_prompt", "--only_test", "--load_path", str(best))
                self.assertEqual(tested["test"], trained["test"])
                model = checkpoint.load(task, best, heads=4)
                self.assertEqual((model.size.trunk, model.size.prompt_hidden), ("resnet", 16))
                self.assertEqual(len((self.root / f"{dataset}.jsonl").read_text().splitlines()), 8)

    def test_training_learns(self):
        learnt = self.train("twitter15", "ner", epochs=20)
        self.assertGreater(learnt["test"]["f1"], 80)
        self.assertEqual(learnt["dev"]["f1"], learnt["test"]["f1"])
        self.assertGreater(self.train("MRE", "re", epochs=20)["test"]["f1"], 80)

    def test_keys_are_the_authors(self):
        self.train("twitter17", "ner", epochs=1)
        self.train("MRE", "re", epochs=1)
        layer = "bert.encoder.layer.1.attention.self.query.weight"
        shared = {layer, "image_model.resnet.layer4.0.downsample.1.running_var", "encoder_conv.2.bias", "gates.1.weight"}
        ner, re_ = self.state("ner/best_model.pth"), self.state("re/best_model.pth")
        parts = lambda state: {name.split(".")[0] for name in state}
        self.assertEqual(parts(ner), {"bert", "image_model", "encoder_conv", "gates", "fc", "crf"})
        self.assertEqual(parts(re_), {"bert", "image_model", "encoder_conv", "gates", "classifier"})
        self.assertLessEqual(shared | {"crf.start_transitions", "crf.transitions", "fc.bias"}, set(ner))
        words = "bert.embeddings.word_embeddings.weight"
        pieces = len((self.root / "bert/vocab.txt").read_text().splitlines())
        self.assertEqual((len(ner[words]), len(re_[words])), (pieces + paper_data.PADDING, pieces + 4))

    def test_predictions_are_those_scored(self):
        summary = self.train("MRE", "re", "--write_path", f"{self.root}/new/re.jsonl")
        written = [json.loads(line) for line in (self.root / "new/re.jsonl").read_text().splitlines()]
        self.assertEqual([row["line"] for row in written], list(range(1, 9)))
        right = sum(row["gold"] == row["predicted"] for row in written)
        self.assertEqual(round(100 * right / 8, 2), summary["test"]["accuracy"])
        self.train("twitter15", "ner", "--write_path", f"{self.root}/ner.jsonl", epochs=1)
        rows = [json.loads(line) for line in (self.root / "ner.jsonl").read_text().splitlines()]
        self.assertTrue(all(len(r["words"]) == len(r["gold"]) == len(r["predicted"]) for r in rows))
        self.assertEqual((rows[1]["image"], rows[1]["predicted"][1]), ("201.jpg", "O"))

    def test_text_only_needs_no_pictures(self):
        for folder in ("NER_data/twitter2015_images", "RE_data/img_org", "RE_data/img_vg"):
            shutil.rmtree(self.root / "data" / folder)
        for dataset, task in (("twitter15", "ner"), ("MRE", "re")):
            summary = self.train(dataset, dataset, pictures=False, epochs=1)
            self.assertNotIn("lost pictures", summary)
            self.assertEqual(checkpoint.load(task, self.root / dataset / settings.BEST, heads=4).size.trunk, "")

    def test_old_bert_files_give_the_same_start(self):
        self.train("twitter15", "new", pictures=False, epochs=1)
        shutil.rmtree(self.root / "bert")
        paper_data.write_bert(self.root / "bert", old_names=True)
        self.train("twitter15", "old", pictures=False, epochs=1)
        self.assert_same("new/best_model.pth", "old/best_model.pth")

    def assert_same(self, one: str, other: str) -> None:
        """Two checkpoints, bit for bit."""
        one, other = self.state(one), self.state(other)
        self.assertEqual(one.keys(), other.keys())
        self.assertEqual([name for name in one if not torch.equal(one[name], other[name])], [])

    def test_a_resumed_run_equals_an_uninterrupted_one(self):
        for dataset in ("twitter17", "MRE"):
            with self.subTest(dataset):
                whole = self.train(dataset, f"{dataset}-whole", epochs=4)
                epochs, real = [], loop.train_epoch

                def stopped(*given):
                    epochs.append(given[-1])
                    if epochs == [1, 2, 3]:
                        raise KeyboardInterrupt
                    real(*given)

                with mock.patch.object(loop, "train_epoch", stopped):
                    with self.assertRaises(KeyboardInterrupt):
                        self.train(dataset, f"{dataset}-parts", "--resume", epochs=4)
                    self.assertIn("nothing to resume", self.out)
                    shutil.move(self.root / "resnet.pth", self.root / "resnet-away.pth")
                    resumed = self.train(dataset, f"{dataset}-parts", "--resume", epochs=4)
                    shutil.move(self.root / "resnet-away.pth", self.root / "resnet.pth")
                self.assertEqual(epochs, [1, 2, 3, 3, 4])
                self.assertEqual(resumed, whole)
                self.assert_same(f"{dataset}-whole/best_model.pth", f"{dataset}-parts/best_model.pth")
                last = [self.state(f"{dataset}-{kind}/last.pt") for kind in ("whole", "parts")]
                for one, other in zip(*(saved["optim"]["state"].values() for saved in last), strict=True):
                    self.assertTrue(torch.equal(one["exp_avg"], other["exp_avg"]))

    def test_resuming_under_other_flags_is_refused(self):
        self.train("twitter17", "run", epochs=1)
        with self.assertRaisesRegex(SystemExit, r"--lr was 0.001, is 0.1; --sample_ratio was 1.0, is 0.5"):
            self.train("twitter17", "run", "--resume", "--lr", "0.1", "--sample_ratio", "0.5", epochs=1)

    def test_sample_ratio_draws_training_rows_only(self):
        summary = self.train("MRE", "re", "--sample_ratio", "0.5", epochs=1)
        self.assertEqual(summary["train rows"], 6)
        self.assertEqual(summary["test"]["gold"], 6)
        rows = [{"at": i} for i in range(100)]
        drawn = datasets.sample(rows, 0.2, 7)
        self.assertEqual(drawn, datasets.sample(rows, 0.2, 7))
        self.assertNotEqual(drawn, datasets.sample(rows, 0.2, 8))
        self.assertEqual(len({row["at"] for row in drawn}), 20)


class AuthorsTest(RunTest):
    def moved(self, dataset: str, *flags: str) -> set[str]:
        """Parts of the model that an epoch from a checkpoint changes."""
        self.train(dataset, "first", epochs=1)
        self.train(dataset, "second", "--load_path", f"{self.root}/first/best_model.pth", *flags, epochs=1)
        one, other = self.state("first/best_model.pth"), self.state("second/best_model.pth")
        part = lambda name: "statistics" if "running_" in name else name.split(".")[0]
        counted = re.compile("num_batches_tracked$")
        return {part(name) for name in one if not counted.search(name) and not torch.equal(one[name], other[name])}

    def test_by_default_all_but_the_picture_network_learns(self):
        body = {"bert", "encoder_conv", "gates"}
        self.assertEqual(self.moved("MRE"), body | {"classifier"})
        self.assertEqual(self.moved("twitter15"), body | {"fc", "crf"})

    def test_their_bugs_come_back_on_request(self):
        drifting = {"bert", "encoder_conv", "gates", "statistics"}
        self.assertEqual(self.moved("MRE", "--authors_bugs"), drifting)
        self.assertEqual(self.moved("twitter15", "--authors_bugs"), drifting)

    def test_only_the_tag_layer_has_dropout_before_it(self):
        self.train("MRE", "re", pictures=False, epochs=1)
        self.train("twitter15", "ner", pictures=False, epochs=1)
        a = run.arguments(["--device", "cpu"])
        rates = [experiment.prepared(a, checkpoint.load(t, self.root / t / settings.BEST, 4)).dropout.p for t in ("ner", "re")]
        self.assertEqual(rates, [0.1, 0.0])

    def test_the_picture_network_stays_as_given(self):
        self.train("twitter17", "ner", epochs=1)
        given, kept = self.state("resnet.pth"), self.state("ner/best_model.pth")
        for name, value in given.items():
            if not name.startswith("fc."):
                self.assertTrue(torch.equal(value, kept[f"image_model.resnet.{name}"]), name)


class MessageTest(RunTest):
    def flags(self, *more: str) -> list[str]:
        """A training run that would work."""
        pictures = ["--use_prompt", "--resnet_path", f"{self.root}/resnet.pth"]
        return ["--do_train", "--save_path", f"{self.root}/o", *pictures, *more]

    def test_what_is_missing_is_named(self):
        data = self.root / "data"
        (data / "NER_data/twitter2015/valid.txt").unlink()
        (data / "NER_data/twitter2015/twitter2015_val_dict.pth").unlink()
        shutil.rmtree(data / "NER_data/twitter2015_aux_images/test")
        found = self.message("twitter15", *self.flags())
        crops = "folder NER_data/twitter2015_aux_images/test/crops"
        for name in ("file NER_data/twitter2015/valid.txt", "twitter2015_val_dict.pth", crops):
            self.assertIn(name, found)
        self.assertIn("RE_data/txt/ours_test.txt", self.message("MRE", *self.flags("--data_root", f"{self.root}/elsewhere")))

    def test_unknown_labels_are_named_with_file_and_line(self):
        text = self.root / "data/NER_data/twitter2017/train.txt"
        text.write_text(text.read_text().replace("Lindholm\tB-LOC", "Lindholm\tB-TOWN", 1))
        found = self.message("twitter17", *self.flags())
        self.assertRegex(found, r"twitter2017/train.txt, line 8: unknown tag 'B-TOWN' of 'Lindholm'")
        text.write_text("IMGID:1\nMira B-PER\n")
        found = self.message("twitter17", *self.flags())
        self.assertRegex(found, r"line 2: expected a word, a tab and a tag, found 'Mira B-PER'")
        text = self.root / "data/RE_data/txt/ours_val.txt"
        good = text.read_text()
        text.write_text(good.replace("/per/org/member_of", "/per/org/owner_of"))
        self.assertRegex(self.message("MRE", *self.flags()), r"ours_val.txt, line 2: unknown relation '/per/org/owner_of'")
        text.write_text(good.replace("[6, 7]", "[6, 9]"))
        self.assertRegex(self.message("MRE", *self.flags()), r"ours_val.txt, line 1: positions")
        text.write_text("__import__('os')\n")
        self.assertRegex(self.message("MRE", *self.flags()), r"ours_val.txt, line 1: expected a dict")
        (self.root / "data/RE_data/ours_rel2id.json").write_text('{"None": 0, "/per/per/peer": 2}')
        self.assertIn("expected the numbers 0, 1, 2", self.message("MRE", *self.flags()))

    def test_a_table_of_crops_is_plain_data(self):
        table = self.root / "data/RE_data/txt/mre_train_dict.pth"
        torch.save({0: Path("x")}, table)
        self.assertIn("holds more than file names", self.message("MRE", *self.flags()))
        torch.save({0: "x.png"}, table)
        self.assertIn("expected a list of file names at 0", self.message("MRE", *self.flags()))

    def test_flags_that_cannot_be_honoured(self):
        cases = [
            (["--use_prompt"], "nothing to do"),
            (["--only_test"], "--only_test needs --load_path"),
            (["--do_train"], "--do_train needs --save_path"),
            (["--do_train", "--use_prompt", "--save_path", "o"], "--use_prompt needs --resnet_path"),
            (self.flags("--prompt_len", "10"), "--prompt_len 10"),
            (self.flags("--eval_begin_epoch", "40"), "--eval_begin_epoch 40"),
            (self.flags("--sample_ratio", "0"), "--sample_ratio 0.0"),
            (self.flags("--device", "nowhere"), "--device nowhere"),
            (self.flags("--max_seq", "500"), "this BERT has 48 positions"),
            (self.flags("--bert_name", "bert-base-cased"), "there is no such folder"),
            (self.flags("--bert_name", f"{self.root}/data"), "the folder has no config.json and no vocab.txt"),
            (self.flags("--resnet_path", f"{self.root}/none.pth"), "none.pth: there is no such file"),
            (self.flags("--resnet_path", f"{self.root}/data/RE_data/ours_rel2id.json"), "holds more than weights or is damaged"),
        ]
        for flags, expected in cases:
            with self.subTest(expected):
                self.assertIn(expected, self.message("twitter15", *flags))
        shutil.rmtree(self.root / "bert")
        paper_data.write_bert(self.root / "bert", heads=2)
        self.assertIn("2 heads cannot share", self.message("twitter15", *self.flags()))
        (self.root / "bert/model.safetensors").write_bytes(b"no weights")
        self.assertIn("no safetensors file", self.message("twitter15", *self.flags()))

    def test_a_checkpoint_that_is_not_the_one_meant(self):
        self.train("twitter17", "ner", epochs=1)
        best = f"{self.root}/ner/best_model.pth"
        only = ["--only_test", "--load_path", best]
        self.assertIn("reads a picture path, the flags ask for text only", self.message("twitter17", *only))
        found = self.message("twitter17", "--use_prompt", "--prompt_dim", "20", *only)
        self.assertIn("prompt_dim 16, the flags ask for 20", found)
        self.assertIn("it has no classifier.weight", self.message("MRE", "--use_prompt", *only))

    def test_a_second_entity_beyond_max_seq(self):
        found = self.message("MRE", *self.flags("--max_seq", "8"))
        self.assertRegex(found, r"ours_train.txt, line 1: its second entity begins beyond --max_seq 8; it needs at least 11")


class PictureTest(RunTest):
    def test_lost_pictures_are_counted(self):
        images = self.root / "data/NER_data/twitter2015_images"
        (images / "000.jpg").unlink()
        (images / "001.jpg").write_bytes(b"no picture")
        crops = self.root / "data/NER_data/twitter2015_aux_images/train/crops"
        (crops / "002_crop_1.png").write_bytes((crops / "002_crop_1.png").read_bytes()[:200])
        (crops / "003_crop_0.png").unlink()
        text = self.root / "data/NER_data/twitter2015/test.txt"
        text.write_text(text.read_text().replace("IMGID:200\n", ""))
        for flags in ([], ["--authors_bugs"]):
            summary = self.train("twitter15", "ner", *flags, epochs=1)
            expected = {"broken crops": 1, "broken pictures": 1, "missing crops": 1, "missing pictures": 2}
            self.assertEqual(summary["lost pictures"], expected)
            self.assertIn("missing pictures, for example", self.out)

    def test_layouts_differ_by_dataset(self):
        split = layout.split_of("MRE", Path("d"), "dev")
        names = [path.relative_to("d/RE_data").as_posix() for path in vars(split).values()]
        self.assertEqual(names, ["txt/ours_val.txt", "txt/mre_dev_dict.pth", "img_org/val", "img_vg/val/crops"])


class ScriptTest(unittest.TestCase):
    def test_scripts_give_the_papers_settings(self):
        folder = Path(run.__file__).parent
        with tempfile.TemporaryDirectory() as bin_folder:
            (Path(bin_folder) / "python").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
            (Path(bin_folder) / "python").chmod(0o755)
            for script, dataset, epochs, batch, max_seq in (
                ("run_twitter15.sh", "twitter15", 30, 8, 80),
                ("run_twitter17.sh", "twitter17", 30, 8, 128),
                ("run_re_task.sh", "MRE", 15, 16, 80),
            ):
                command = ["bash", str(folder / script), "--seed", "7"]
                path = {"PATH": f"{bin_folder}:/usr/bin:/bin"}
                words = subprocess.run(command, env=path, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
                self.assertEqual(words[:3], ["-u", "-m", "training.run"])
                a = run.arguments(words[3:])
                settings.check(a)
                found = (a.dataset_name, a.num_epochs, a.batch_size, a.max_seq, a.seed)
                self.assertEqual(found, (dataset, epochs, batch, max_seq, 7))


if __name__ == "__main__":
    unittest.main()
