"""Exporter and checkpoints: what is shared, what is refused, and with which words."""

import contextlib
import io
import json
import pickle
import tempfile
import unittest
from pathlib import Path

import torch

from training import checkpoint, export, generate

VOCAB = Path("models/default/vocab.txt")


class Folder(unittest.TestCase):
    """A folder with checkpoints of made-up weights; exports in-process."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def state(self, task: str, text_only: bool = False, seed: int = 1) -> dict[str, torch.Tensor]:
        """A generated checkpoint's tensors."""
        size = generate.size_named("small", generate.VOCABULARY + (4 if task == "re" else 0), text_only)
        return generate.generate(task, size, generate.LABELS[task], seed)

    def save(self, name: str, state) -> str:
        """Writes a checkpoint; returns its path."""
        torch.save(state, self.folder / name)
        return str(self.folder / name)

    def export(self, *flags: str) -> tuple[dict, str]:
        """The manifest and what was printed."""
        out = io.StringIO()
        (self.folder / "rel2id.json").write_text(json.dumps({"None": 0, **{f"/per/org/r{i}": i for i in range(1, 23)}}))
        with contextlib.redirect_stdout(out):
            export.main([*flags, "--vocab", str(VOCAB), "--relations", str(self.folder / "rel2id.json"), "--out", str(self.folder / "out")])
        return json.loads((self.folder / "out/manifest.json").read_text()), out.getvalue()

    def refusal(self, *flags: str) -> str:
        """What export says when it ends with 2."""
        said = io.StringIO()
        with contextlib.redirect_stderr(said), self.assertRaises(SystemExit) as caught:
            self.export(*flags)
        self.assertEqual(caught.exception.code, 2)
        self.assertNotIn("Traceback", said.getvalue())
        return said.getvalue()


class ExportTest(Folder):
    def test_one_task_alone_with_the_papers_defaults(self):
        made, said = self.export("--ner", self.save("ner.pth", self.state("ner")))
        self.assertNotIn("re", made)
        self.assertEqual((made["ner"]["maxSeq"], len(made["ner"]["labels"]), made["precision"]), (80, 13, "fp32"))
        self.assertEqual(made["text"], {"normaliser": 1, "url": None, "hashtags": "whole"})
        self.assertRegex(said, r"text\.ner\.onnx: \d+ bytes, off by \d\.\d\de-\d\d from PyTorch")
        self.assertIn("golden.json", made["files"])

    def test_picture_graph_is_shared_when_the_statistics_are_equal_and_only_then(self):
        ner, re = self.state("ner"), self.state("re")
        trunk = {name: value for name, value in ner.items() if name.startswith("image_model.")}
        flags = ["--ner", self.save("ner.pth", ner), "--re", self.save("re.pth", {**re, **trunk})]
        made, _ = self.export(*flags)
        self.assertEqual((made["ner"]["visual"], made["re"]["visual"]), ("visual.onnx", "visual.onnx"))
        drifted = dict(trunk)
        drifted["image_model.resnet.bn1.running_mean"] = trunk["image_model.resnet.bn1.running_mean"] + 0.01
        made, _ = self.export("--ner", flags[1], "--re", self.save("re.pth", {**re, **drifted}))
        self.assertEqual((made["ner"]["visual"], made["re"]["visual"]), ("visual.ner.onnx", "visual.re.onnx"))
        self.assertNotIn("visual.onnx", made["files"])
        self.assertEqual(made["re"]["pairs"], "canonical")
        self.assertFalse(made["re"]["closeLast"])

    def test_counters_of_batchnorm_do_not_part_the_picture_graphs(self):
        ner, re = self.state("ner"), self.state("re")
        trunk = {name: value for name, value in ner.items() if name.startswith("image_model.")}
        counted = {name: value + 9 if name.endswith("num_batches_tracked") else value for name, value in trunk.items()}
        made, _ = self.export("--ner", self.save("ner.pth", ner), "--re", self.save("re.pth", {**re, **counted}))
        self.assertEqual(made["re"]["visual"], "visual.onnx")

    def test_a_model_without_pictures(self):
        made, _ = self.export("--re", self.save("re.pth", self.state("re", text_only=True)))
        self.assertNotIn("visual", made["re"])
        self.assertEqual([f for f in made["files"] if f.startswith(("visual", "prefix", "empty", "golden.png"))], [])


class RefusalTest(Folder):
    def test_every_key_that_does_not_fit_is_named(self):
        state = self.state("ner")
        del state["gates.1.bias"]
        state["extra.weight"] = torch.zeros(2)
        state["encoder_conv.2.bias"] = torch.zeros(7)
        said = self.refusal("--ner", self.save("ner.pth", state))
        self.assertIn("1 missing: gates.1.bias", said)
        self.assertIn("1 unexpected: extra.weight", said)
        self.assertIn("1 wrongly shaped: encoder_conv.2.bias [7] instead of [768]", said)

    def test_long_lists_are_cut(self):
        state = {k: v for k, v in self.state("ner").items() if "attention.self" not in k}
        self.assertRegex(self.refusal("--ner", self.save("ner.pth", state)), r"12 missing: |and \d+ more")

    def test_the_other_tasks_checkpoint(self):
        said = self.refusal("--ner", self.save("re.pth", self.state("re")))
        self.assertIn("it has classifier.weight, so give it as --re", said)

    def test_nothing_but_tensors_is_unpickled(self):
        ran = self.folder / "ran"
        (self.folder / "evil.pth").write_bytes(pickle.dumps(Evil(str(ran))))
        self.assertIn("holds more than weights", self.refusal("--ner", str(self.folder / "evil.pth")))
        torch.save({"model": Evil(str(ran))}, self.folder / "evil2.pth")
        self.assertIn("holds more than weights", self.refusal("--ner", str(self.folder / "evil2.pth")))
        self.assertFalse(ran.exists())

    def test_what_is_no_checkpoint(self):
        self.assertIn("there is no such file", self.refusal("--ner", str(self.folder / "none.pth")))
        (self.folder / "text.pth").write_text("hello")
        self.assertIn("damaged", self.refusal("--ner", str(self.folder / "text.pth")))
        self.assertIn("expected a dictionary of tensors", self.refusal("--ner", self.save("list.pth", [1, 2])))
        self.assertIn("no HVPNeT checkpoint", self.refusal("--ner", self.save("odd.pth", {"fc.weight": torch.zeros(13, 4)})))

    def test_labels_vocabulary_and_lengths_that_do_not_fit(self):
        ner, re = self.save("ner.pth", self.state("ner")), self.save("re.pth", self.state("re"))
        self.assertIn("--max-seq asks for 600", self.refusal("--ner", ner, "--max-seq", "600"))
        (self.folder / "labels.txt").write_text("O\nB-X\n")
        self.assertIn("it has 13 labels, expected 2", self.refusal("--ner", ner, "--labels", str(self.folder / "labels.txt")))
        self.assertIn("classifier has 23 labels", self.refusal("--re", re, "--pairs", "text"))
        self.assertIn("cannot be shared by 7 heads", self.refusal("--re", re, "--heads", "7"))
        short = self.state("ner")
        short["bert.embeddings.word_embeddings.weight"] = short["bert.embeddings.word_embeddings.weight"][:-1]
        self.assertIn("word table has 30521 rows", self.refusal("--ner", self.save("short.pth", short)))


class Evil:
    """What a hostile checkpoint would run."""

    def __init__(self, path: str):
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


class StateTest(unittest.TestCase):
    def test_generated_checkpoints_have_the_papers_keys(self):
        size = generate.size_named("paper", 30522, text_only=False)
        with torch.device("meta"):
            model = checkpoint.create("ner", size, 13)
        unused = ["bert.embeddings.position_ids", "bert.pooler.dense.weight", "bert.pooler.dense.bias"]
        unused += ["image_model.resnet.fc.weight", "image_model.resnet.fc.bias"]
        self.assertEqual(len(model.state_dict()) + len(unused), 553)


if __name__ == "__main__":
    unittest.main()
