"""Checks of the parts that nothing else would notice: python -m unittest discover -s training/tests -t ."""

import itertools
import unittest

import numpy as np
import torch

from training import data, images, rounding, scores
from training.bert import Size
from training.crf import Crf, viterbi
from training.model import NerModel, ReModel
from training.tokenizer import basic_tokens

TINY = Size(layers=2, hidden=24, heads=12, feed_forward=32, words=40, positions=16, prompt_hidden=8)


def inputs(rows: int = 2, length: int = 9):
    """Ids, mask, prefix and index for the tiny size."""
    s = TINY
    prefix = torch.randn(4, s.layers, 2, s.heads_per_image, s.prefix_slots, s.head_size)
    ids = torch.randint(1, 40, (rows, length))
    return ids, torch.ones(rows, length, dtype=torch.int64), prefix, torch.tensor([[0, 1, 2, 3]] * rows)


class PrefixTest(unittest.TestCase):
    def test_joining_images_equals_the_raw_reshape(self):
        s = TINY
        tokens = torch.randn(2, s.images, s.prompt_tokens, s.hidden)
        raw = tokens.reshape(2, s.heads, s.prefix_slots, s.head_size)
        parts = tokens.reshape(2, s.images, s.heads_per_image, s.prefix_slots, s.head_size)
        self.assertTrue(torch.equal(raw, parts.reshape(2, s.heads, s.prefix_slots, s.head_size)))

    def test_mean_over_levels_feeds_the_gates(self):
        model = NerModel(TINY, 13).eval().prefix
        features = torch.randn(3, 4, 496)
        whole = model(features)
        self.assertEqual(tuple(whole.shape), (3, 2, 2, 3, 16, 2))
        torch.testing.assert_close(model(features[1:2]), whole[1:2])

    def test_slot_order_matters_and_pads_do_not(self):
        model = NerModel(TINY, 13).eval()
        ids, mask, prefix, index = inputs()
        base = model(ids, mask, prefix, index)
        self.assertFalse(torch.allclose(base, model(ids, mask, prefix, index.flip(1)), atol=1e-6))
        padded = torch.nn.functional.pad(ids, (0, 5)), torch.nn.functional.pad(mask, (0, 5))
        torch.testing.assert_close(model(*padded, prefix, index)[:, :9], base)

    def test_last_layer_on_two_rows_is_exact(self):
        model = ReModel(TINY, 5).eval()
        ids, mask, prefix, index = inputs()
        full = model.bert(ids, mask, prefix, index)
        rows = torch.tensor([[1, 4], [2, 7]])
        few = model.bert(ids, mask, prefix, index, rows)
        torch.testing.assert_close(few, torch.stack([full[b, r] for b, r in enumerate(rows)]))


class CrfTest(unittest.TestCase):
    def test_against_every_path(self):
        torch.manual_seed(3)
        crf, labels, lengths = Crf(3), 3, [4, 2]
        emissions = torch.randn(2, 4, labels)
        mask = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])
        tags = torch.tensor([[0, 2, 1, 1], [2, 0, 0, 0]])
        expected = []
        for b, n in enumerate(lengths):
            paths = {p: self.score(crf, emissions[b], p) for p in itertools.product(range(labels), repeat=n)}
            total = torch.logsumexp(torch.stack(list(paths.values())), 0)
            expected.append(total - paths[tuple(tags[b, :n].tolist())])
            arrays = [p.detach().numpy() for p in (crf.start_transitions, crf.end_transitions, crf.transitions)]
            self.assertEqual(tuple(viterbi(emissions[b, :n].numpy(), *arrays)), max(paths, key=paths.get))
        torch.testing.assert_close(crf.loss(emissions, tags, mask), torch.stack(expected).mean())

    def score(self, crf: Crf, emissions: torch.Tensor, path: tuple[int, ...]) -> torch.Tensor:
        steps = sum((crf.transitions[i, j] for i, j in itertools.pairwise(path)), torch.tensor(0.0))
        local = sum(emissions[t, tag] for t, tag in enumerate(path))
        return crf.start_transitions[path[0]] + local + steps + crf.end_transitions[path[-1]]


class TextTest(unittest.TestCase):
    def test_basic_tokens(self):
        self.assertEqual(basic_tokens("Zoë's café"), ["zoe", "'", "s", "cafe"])
        self.assertEqual(basic_tokens("a\u200bb\ufe0f 東京"), ["ab", "東", "京"])
        self.assertEqual(basic_tokens("\ufe0f"), [])
        self.assertEqual(basic_tokens("[SEP]<s>"), ["[", "sep", "]", "<", "s", ">"])

    def test_pairs_come_in_text_order(self):
        pair = data.to_pair(["a", "b", "c"], (2, 3), (0, 1), "/org/loc/locate_at")
        self.assertEqual((pair.first, pair.second, pair.inverse), ((0, 1), (2, 3), True))
        self.assertFalse(data.to_pair(["a", "b"], (1, 2), (0, 1), "/per/per/peer").inverse)

    def test_spans(self):
        tags = ["I-PER", "I-PER", "B-PER", "O", "B-LOC", "I-ORG"]
        self.assertEqual(scores.spans(tags), {(0, 2, "PER"), (2, 3, "PER"), (4, 5, "LOC"), (5, 6, "ORG")})


class WeightTest(unittest.TestCase):
    def test_rounding_twice_changes_nothing(self):
        once = rounding.rounded(torch.randn(7, 33))
        torch.testing.assert_close(rounding.rounded(once), once, rtol=0, atol=1e-7)


class ImageTest(unittest.TestCase):
    def test_crop_rounds_halves_to_even(self):
        from PIL import Image

        ramp = np.arange(505, dtype=np.uint16) % 256
        wide = Image.fromarray(np.tile(ramp.astype(np.uint8), (256, 1)), "L")
        # 505 - 224 = 281, half of it 140.5: the crop starts at column 140.
        self.assertEqual(int(images.crop(wide)[0, 0, 0]), 140)


if __name__ == "__main__":
    unittest.main()
