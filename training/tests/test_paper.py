"""Parts of the paper's commands: rows, pictures, scores, rates."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from training import checkpoint, data, images
from training.bert import Size
from training.paper import datasets, metrics
from training.paper.layout import split_of
from training.paper.optimise import schedule
from training.paper.pictures import Album, DriftingPictures, FixedPictures
from training.tests import paper_data
from training.tokenizer import Tokenizer


torch.set_num_threads(1)


class RowTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        paper_data.write_twitter(self.root, "twitter2015")
        paper_data.write_relations(self.root)
        paper_data.write_bert(self.root / "bert")
        self.tokenizer = Tokenizer(self.root / "bert/vocab.txt")

    def rows(self, dataset: str, text: str | None = None, max_seq: int = 32) -> list[dict]:
        """Test rows, of the file's own text or another."""
        split = split_of(dataset, self.root, "test")
        if text is not None:
            split.text.write_text(text)
        return datasets.Reader(dataset, self.root, self.tokenizer, max_seq, True).rows(split)

    def ids(self, text: str) -> list[int]:
        """Ids of pieces; the markers are numbered behind the vocabulary."""
        extra = {name: len(self.tokenizer.pieces) + i for i, name in enumerate(["<s>", "</s>", "<o>", "</o>"])}
        return [{**self.tokenizer.pieces, **extra}[piece] for piece in text.split(" ")]

    def test_a_post(self):
        row = self.rows("twitter15", "IMGID:9\nThe\tO\n\ufe0f\tO\nsings\tI-OTHER\nhttp://t.co\tB-PER")[0]
        self.assertEqual(row["ids"], self.ids("[CLS] the sing ##s http : / / t . co [SEP]"))
        tags = ["[CLS]", "O", "I-MISC", "X", "B-PER", *["X"] * 6, "[SEP]"]
        self.assertEqual([data.NER_LABELS[tag] for tag in row["tags"]], tags)
        self.assertEqual((row["firsts"], row["gold"]), ([1, -1, 2, 4], ["O", "I-MISC", "B-PER"]))

    def test_words_beyond_max_seq_are_not_scored(self):
        row = self.rows("twitter15", "IMGID:9\nThe\tO\nHarbour\tB-ORG\nChoir\tI-ORG\n", max_seq=4)[0]
        self.assertEqual(row["ids"], self.ids("[CLS] the harbour [SEP]"))
        self.assertEqual(row["gold"], ["O", "B-ORG"])

    def test_posts_are_kept_apart_without_blank_lines(self):
        rows = self.rows("twitter15", "IMGID:1\nMira\tB-PER\nIMGID:2\nTove\tB-PER")
        self.assertEqual([row["pictures"][0].name for row in rows], ["1.jpg", "2.jpg"])

    def test_a_pair_keeps_its_argument_order_and_loses_a_last_end_marker(self):
        row = self.rows("MRE")[3]
        self.assertEqual(row["ids"], self.ids("[CLS] a bakery in <o> lindholm </o> opens for <s> mira [SEP]"))
        self.assertEqual((row["head"], row["tail"], row["gold"]), (9, 4, 1))

    def test_adjacent_entities_cross(self):
        line = {"token": ["Mira", "Tove", "sings"], "h": {"pos": [1, 2]}, "t": {"pos": [0, 1]}, "relation": "None"}
        row = self.rows("MRE", repr(line))[0]
        self.assertEqual(row["ids"], self.ids("[CLS] <o> mira <s> </o> tove </s> sing ##s [SEP]"))

    def test_markers_are_never_read_from_text(self):
        line = {"token": ["<s>", "Mira", "Tove"], "h": {"pos": [1, 2]}, "t": {"pos": [2, 3]}, "img_id": 7, "relation": "None"}
        row = self.rows("MRE", repr(line))[0]
        self.assertEqual(row["ids"].count(len(self.tokenizer.pieces)), 1)

    def test_pictures_come_in_the_order_of_the_table(self):
        names = lambda row: [path.name for path in row["pictures"]]
        rows = self.rows("twitter15")
        self.assertEqual(names(rows[3]), ["203.jpg", "203_crop_1.png", "203_crop_0.png", "203_crop_2.png"])
        self.assertEqual(names(rows[4]), ["204.jpg", "204_crop_1.png", "204_crop_0.png", "204_crop_2.png"])
        # Both pairs are of one post; their crops are those of their lines.
        expected = [["20.jpg", f"{i}_crop_0.png", f"{i}_crop_1.png"] for i in (0, 1)]
        self.assertEqual([names(row) for row in self.rows("MRE")[:2]], expected)


class PictureTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for seed, name in enumerate(("a.jpg", "b.jpg", "c.png")):
            paper_data.write_picture(self.root / name, seed)
        torch.manual_seed(1)
        small = {"trunk": "resnet", "blocks": (1, 1, 1, 1), "channels": (8, 16, 32, 64), "prompt_hidden": 8}
        self.model = checkpoint.create("ner", Size(**{**vars(paper_data.SIZE), "words": 50, **small}), 13)
        self.rows = [{"pictures": [self.root / "a.jpg", self.root / "c.png"]}, {"pictures": [self.root / "b.jpg"]}]

    def pixels(self, name: str | None) -> torch.Tensor:
        """The shared transform; zeros for no picture."""
        return torch.from_numpy(images.pixels(Image.open(self.root / name))) if name else torch.zeros(3, 224, 224)

    def test_slots_hold_the_picture_its_crops_and_nothing(self):
        slots = [["a.jpg", "c.png", None, None], ["b.jpg", None, None, None]]
        with torch.no_grad():
            self.model.eval()
            expected = [[self.model.prefix(self.model.image_model(self.pixels(n)[None]))[0] for n in row] for row in slots]
            for kind in (FixedPictures, DriftingPictures):
                pictures = kind(Album(), "cpu")
                pictures.read(self.model.train() if kind is FixedPictures else self.model, self.rows)
                self.model.eval()
                prefix, index = pictures.prefix(self.model, self.rows)
                for row in range(2):
                    for slot in range(4):
                        torch.testing.assert_close(prefix[index[row, slot]], expected[row][slot])

    def test_each_file_is_read_once_and_features_do_not_depend_on_training_mode(self):
        before = self.model.image_model.resnet.bn1.running_mean.clone()
        pictures = FixedPictures(Album(), "cpu")
        pictures.read(self.model.train(), self.rows)
        self.assertTrue(torch.equal(before, self.model.image_model.resnet.bn1.running_mean))
        for path in self.root.iterdir():
            path.unlink()
        pictures.read(self.model, self.rows)
        self.assertEqual((len(pictures.features), pictures.album.summary()), (4, {}))

    def test_a_lost_picture_has_a_stand_in_a_lost_crop_has_not(self):
        album = Album()
        self.assertEqual(float(np.abs(album.pixels(self.root / "x.jpg", True)).max()), 0)
        paper_data.write_picture(self.root / "inf.png", 9)
        np.testing.assert_array_equal(album.pixels(self.root / "x.jpg", True), self.pixels("inf.png").numpy())
        self.assertEqual(float(np.abs(album.pixels(self.root / "y.png", False)).max()), 0)
        self.assertEqual(album.summary(), {"missing crops": 1, "missing pictures": 1})


class ScoreTest(unittest.TestCase):
    def test_entities_as_seqeval_reads_raw_tags(self):
        cases = {
            "I-PER I-PER O B-PER B-PER": {("PER", 0, 1), ("PER", 3, 3), ("PER", 4, 4)},
            "B-PER I-LOC": {("PER", 0, 0), ("LOC", 1, 1)},
            "[SEP] O [CLS] PAD": {("SEP]", 0, 0), ("CLS]", 2, 2), ("AD", 3, 3)},
            "X X O X": set(),
            "B-PER X O": {("PER", 0, 0)},
            "B-PER X B-LOC": {("PER", 0, 0), ("_", 1, 1), ("LOC", 2, 2)},
        }
        for tags, expected in cases.items():
            self.assertEqual(metrics.entities(tags.split(" ")), expected, tags)

    def test_spurious_entities_cost_precision(self):
        result = metrics.entity_scores([["B-PER", "O", "O"]], [["B-PER", "[SEP]", "O"]])
        self.assertEqual((result["precision"], result["recall"], result["f1"]), (50.0, 100.0, 66.67))
        self.assertEqual(result["types"]["SEP]"]["predicted"], 1)
        self.assertIn("micro", metrics.report(result))

    def test_relations_without_none(self):
        result = metrics.relation_scores([0, 1, 1, 2], [0, 1, 0, 1], ["/a", "None", "/b"], 1)
        self.assertEqual(result["accuracy"], 50.0)
        self.assertEqual((result["correct"], result["predicted"], result["gold"]), (1, 2, 2))
        self.assertEqual({name: row["gold"] for name, row in result["types"].items()}, {"/a": 1, "/b": 1})
        self.assertIn("accuracy 50.00", metrics.report(result))


class RateTest(unittest.TestCase):
    def test_rates_rise_then_fall_to_nothing(self):
        optim = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        plan, rates = schedule(optim, 10, 0.2), []
        for _ in range(11):
            rates.append(round(plan.get_last_lr()[0], 3))
            optim.step()
            plan.step()
        self.assertEqual(rates, [0.0, 0.5, 1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0.0])


if __name__ == "__main__":
    unittest.main()
