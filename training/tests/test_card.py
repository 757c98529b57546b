"""The model card: every figure from what was measured."""

import copy
import json
import tempfile
import unittest
from pathlib import Path

from training import card, card_tables
from training.bundle import Bundle

DEFAULT = card.ROOT / "models/default"
RECORDED = {
    "bundle": "tiny",
    "generation": 3,
    "rates": {"plain": {"cases": 4, "mentions": 3, "relations": 2}, "all": {"cases": 4, "mentions": 3, "relations": 2}},
    "wrong": [{"id": "plain-1", "mentions": ["LOC Ana"], "relations": []}, {"id": "plain-2", "mentions": [], "relations": []}],
}
MENTIONS = [{"text": "Ana", "type": "PER"}, {"text": "Labs", "type": "ORG"}, {"text": "Rui", "type": "PER", "optional": True}]
CASES = [
    {
        "id": f"plain-{i}",
        "group": "plain",
        "text": f"Ana of Labs {i}",
        "mentions": MENTIONS,
        "relations": [{"type": "/per/org/member_of", "head": 0, "tail": 1}],
    }
    for i in (1, 2)
]


def manifest() -> dict:
    described = json.loads((DEFAULT / "manifest.json").read_text())
    score = {"precision": 60.0, "recall": 50.0, "f1": 54.55, "interval": [50.1, 58.2]}
    return {**described, "name": "tiny", "generation": 3, "metrics": {"ner valid": score, "re end to end": {**score, "others": 7}}}


class CardTest(unittest.TestCase):
    def render(self, template: str, described: dict | None = None) -> str:
        return card.render(template, described or manifest(), RECORDED, CASES)

    def test_figures_are_those_of_the_manifest(self):
        text = self.render("{{name}} {{generation}}: {{entityTypes}}\n{{scores}}")
        self.assertIn("tiny 3: MISC, PER, ORG, LOC", text)
        self.assertIn("| ner valid | 60.00 | 50.00 | 54.55 | 50.10 to 58.20 |", text)
        self.assertIn("| re end to end (7 more between other spans) |", text)

    def test_what_was_not_measured_says_so(self):
        for place in ("calibration", "pictures", "speed"):
            self.assertEqual(self.render(f"{{{{{place}}}}}"), card_tables.NOT_MEASURED)

    def test_calibration_pictures_and_speed_once_measured(self):
        described = manifest()
        bins = [{"from": 0.9, "n": 5, "confidence": 0.95, "accuracy": 0.8}]
        report = {"n": 5, "error": 0.15, "errorEqualMass": 0.16, "errorByChance": 0.08, "bins": bins}
        value = {"accuracy": {"value": 44.4, "interval": [40, 50]}, "logLikelihood": {"value": -1.2, "interval": [-1.3, -1.1]}}
        described["metrics"] |= {
            "calibration": {"entities": report},
            "pictures": {"posts": 2, "mentions": 3, "sure": 0.8, "right": value},
            "speed": {"machine": "a machine", "workers": 2, "postsPerSecond": 57.4, "cachedPostsPerSecond": 219, "textPostsPerSecond": 280},
        }
        text = self.render("{{calibration}}\n{{pictures}}\n{{speed}}", described)
        self.assertIn("| entities | 5 | 0.150 | 0.160 | 0.080 |", text)
        self.assertIn("| 0.9 to 1.0 | 0.95 / 0.80 (5) |", text)
        self.assertIn("| right | 44.40 (40.00 to 50.00) | -1.20 (-1.30 to -1.10) |", text)
        self.assertIn("| a new picture each | 57 |", text)

    def test_one_failure_of_each_group_with_what_was_expected(self):
        text = self.render("{{behaviour}}\n{{failures}}")
        self.assertIn("| plain | 3 of 4 (75 %) | 2 of 4 (50 %) |", text)
        self.assertEqual(text.count("- plain: "), 1)
        self.assertIn("found `LOC Ana`; expected `PER Ana`, `ORG Labs`, `Ana /per/org/member_of Labs`.", text)

    def test_the_record_of_another_bundle_is_left_out(self):
        other = manifest() | {"generation": 4}
        self.assertEqual(self.render("{{behaviour}}", other), card_tables.NOT_MEASURED)
        self.assertEqual(self.render("{{failures}}", other), card_tables.NOT_MEASURED)

    def test_an_unknown_place_is_refused(self):
        with self.assertRaisesRegex(ValueError, "nothingSuch"):
            self.render("{{nothingSuch}}")

    def test_every_place_of_the_template_has_a_value(self):
        text = self.render(card.TEMPLATE.read_text(encoding="utf-8"))
        self.assertNotIn("{{", text)

    def test_the_default_card_is_what_its_figures_make(self):
        described = json.loads((DEFAULT / "manifest.json").read_text())
        if "calibration" not in described["metrics"]:
            self.skipTest("models/default was made before training/measure.sh")
        self.assertTrue(card.is_record_of(json.loads((card.BEHAVIOUR / "recorded.json").read_text()), described), "npm run behaviour -- --write")
        self.assertEqual((DEFAULT / card.CARD).read_text(encoding="utf-8"), card.card(described))


class WriteMetricsTest(unittest.TestCase):
    def test_figures_stand_beside_those_that_are_there(self):
        with tempfile.TemporaryDirectory() as folder:
            described = copy.deepcopy(manifest())
            (Path(folder) / "manifest.json").write_text(json.dumps(described))
            (Path(folder) / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n")
            Bundle(Path(folder)).write_metrics({"pictures": {"posts": 1}})
            written = json.loads((Path(folder) / "manifest.json").read_text())
            self.assertEqual(written["metrics"], {**described["metrics"], "pictures": {"posts": 1}})


if __name__ == "__main__":
    unittest.main()
