"""8-bit arithmetic: exact integers, rows that depend on themselves alone, and bundles that are not good enough."""

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from training import agreement, export, generate, quantise
from training.compensate import compensated
from training.probe import text_graph, text_inputs
from training.rowwise import SIGNED_ZERO, quantise_rowwise
from training.rounding import to_int8


def session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """The graph in onnxruntime, on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


class IntegerTest(unittest.TestCase):
    def test_sums_are_exact_on_this_processor_at_the_very_ends_of_the_range(self):
        inner, outer = 3072, 64
        draw = np.random.default_rng(1)
        values = draw.choice(np.array([-63, 63, 62, 1], np.int8), (inner, outer))
        values[:, 0], values[:, 1] = 63, -63
        rows = draw.choice(np.array([0, 1, 254, 255], np.uint8), (9, inner))
        rows[0], rows[1] = 255, 0
        node = helper.make_node("MatMulInteger", ["x", "w", "zero"], ["y"])
        stored = [numpy_helper.from_array(values, "w"), numpy_helper.from_array(np.uint8(SIGNED_ZERO), "zero")]
        value = helper.make_tensor_value_info
        graph = helper.make_graph([node], "g", [value("x", TensorProto.UINT8, ["r", inner])], [value("y", TensorProto.INT32, ["r", outer])], stored)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        exact = (rows.astype(np.int64) - SIGNED_ZERO) @ values.astype(np.int64)
        self.assertTrue(np.array_equal(session(model).run(None, {"x": rows})[0], exact))


class RowTest(unittest.TestCase):
    """The quantised text graphs of made-up weights."""

    def setUp(self):
        self.model = {}
        for task in ("ner", "re"):
            size = generate.size_named("small", 404, text_only=False)
            state = generate.generate(task, size, 13, 1)
            from training import checkpoint

            self.model[task] = checkpoint.from_state(task, state)

    def test_a_row_has_the_same_bits_alone_mixed_and_beside_one_that_is_not_a_number(self):
        for task, model in self.model.items():
            runner = session(quantise_rowwise(text_graph(model, 400), {}))
            feed = {k: v.numpy() for k, v in text_inputs(model, 400, 5, 40).items()}
            together = runner.run(None, feed)[0]
            for i in range(5):
                length = int(feed["attention_mask"][i].sum())
                one = {k: v if k == "prefix" else v[i : i + 1] for k, v in feed.items()}
                short = {k: v[:, :length] if k in ("input_ids", "attention_mask") else v for k, v in one.items()}
                alone = runner.run(None, short)[0][0]
                got = together[i][: len(alone)] if task == "ner" else together[i]
                self.assertTrue(np.array_equal(alone.view(np.uint32), got.view(np.uint32)), task)
            bad = {**feed, "prefix": feed["prefix"].copy()}
            bad["prefix"][2] = np.nan
            bad["prefix_index"] = np.array([[0] * 4, [2] * 4, [1] * 4, [0] * 4, [1] * 4], np.int32)
            good = {**bad, "prefix": feed["prefix"]}
            beside, clean = runner.run(None, bad)[0], runner.run(None, good)[0]
            for i in (0, 2, 3, 4):
                self.assertTrue(np.array_equal(beside[i].view(np.uint32), clean[i].view(np.uint32)))
            self.assertTrue(np.isnan(beside[1]).any())

    def test_it_computes_what_the_float_graph_does_up_to_rounding(self):
        model = self.model["ner"]
        graph = text_graph(model, 400)
        feed = {k: v.numpy() for k, v in text_inputs(model, 400, 5, 40).items()}
        exact, quick = (session(g).run(None, feed)[0] for g in (graph, quantise_rowwise(graph, {})))
        self.assertLess(np.abs(exact - quick).max(), 0.15 * np.abs(exact).max())
        self.assertGreater(np.abs(exact - quick).max(), 0)

    def test_layers_that_stay_float32_are_nearer(self):
        model = self.model["ner"]
        graph = text_graph(model, 400)
        feed = {k: v.numpy() for k, v in text_inputs(model, 400, 5, 40).items()}
        exact = session(graph).run(None, feed)[0]
        off = [np.abs(session(quantise_rowwise(graph, {}, first)).run(None, feed)[0] - exact).mean() for first in (0, 2)]
        self.assertLess(off[1], off[0])


class CompensateTest(unittest.TestCase):
    def test_errors_cancel_on_inputs_that_occur_together(self):
        draw = np.random.default_rng(2)
        x = (draw.normal(size=(400, 8)) @ draw.normal(size=(8, 96)) + 0.1 * draw.normal(size=(400, 96))).astype(np.float32)
        weight = draw.normal(size=(96, 40)).astype(np.float32)
        values, scale = compensated(weight, x.T @ x, 63)
        plain, plain_scale = to_int8(weight, 1, 63)
        self.assertLessEqual(np.abs(values).max(), 63)
        off = [np.linalg.norm(x @ (v * s - weight)) for v, s in ((values, scale), (plain, plain_scale))]
        self.assertLess(off[0], 0.5 * off[1])


class RefusalTest(unittest.TestCase):
    """The whole command on a small bundle."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        size = generate.size_named("small", generate.VOCABULARY, text_only=False)
        torch.save(generate.generate("ner", size, 13, 1), self.folder / "ner.pth")
        with contextlib.redirect_stdout(io.StringIO()):
            export.main(["--ner", str(self.folder / "ner.pth"), "--vocab", "models/default/vocab.txt", "--out", str(self.folder / "fp32")])
        pictures = self.folder / "pictures"
        pictures.mkdir()
        for i in range(4):
            Image.fromarray(np.random.default_rng(i).integers(0, 256, (60, 80, 3), np.uint8)).save(pictures / f"{i}.png")
        (self.folder / "valid.txt").write_text("IMGID:1\nMaya\tB-PER\nleft\tO\nLisbon\tB-LOC\n")

    def quantise(self) -> str:
        """Runs the command; returns what it printed."""
        flags = ["--bundle", str(self.folder / "fp32"), "--out", str(self.folder / "int8"), "--pictures", str(self.folder / "pictures")]
        flags += ["--calibration", "2", "--held-out", "2", "--ner", str(self.folder / "valid.txt"), "--ner-texts", str(self.folder / "valid.txt")]
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            quantise.main(flags)
        return out.getvalue()

    def test_a_bundle_that_agrees_is_sealed_with_what_was_measured(self):
        with mock.patch.object(agreement, "LEAST_EQUAL", 0.0):
            self.quantise()
        made = json.loads((self.folder / "int8/manifest.json").read_text())
        self.assertEqual(made["precision"], "int8")
        self.assertEqual(len(made["agreement"]), 2)
        self.assertEqual((self.folder / "int8/empty.bin").read_bytes(), (self.folder / "fp32/empty.bin").read_bytes())

    def test_one_that_does_not_is_not(self):
        with mock.patch.object(agreement, "LEAST_EQUAL", 100.1), self.assertRaises(SystemExit) as caught:
            self.quantise()
        self.assertEqual(caught.exception.code, 1)
        self.assertFalse((self.folder / "int8/manifest.json").exists())


if __name__ == "__main__":
    unittest.main()
