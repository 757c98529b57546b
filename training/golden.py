"""Golden fixtures for the runtime's tests: python -m training.golden --bundle models/default

Made-up texts and pictures, and what this side computes for them with the bundle.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from PIL import Image

from . import data, images
from .bundle import Bundle
from .crf import viterbi
from .golden_texts import CORPUS, HOSTILE, LIVE, PAIRS, PLAIN, POSTS, SENTENCES
from .letter_case import letter_case
from .tokenizer import Tokenizer
from .tweet_words import Rules, forms, tweet_words, word_form


def write(bundle: Path, out: Path) -> None:
    """Writes every fixture."""
    (out / "image-transform").mkdir(parents=True, exist_ok=True)
    made = Bundle(bundle)
    # What each graph gives, also where a service leaves the pictures out.
    made.manifest["re"]["pictures"] = True
    save(out / "tokenizer.json", tokenizer_cases(made.tokenizer))
    save(out / "words.json", word_cases())
    save(out / "image-transform/expected.json", {"cases": [image_case(out / "image-transform", *c) for c in pictures()]})
    save(out / "model.json", model_cases(made, out / "image-transform"))


def save(path: Path, value: dict) -> None:
    """JSON, ASCII only so that no tool normalises the hostile characters."""
    path.write_text(json.dumps(value, separators=(",", ":")).replace("},{", "},\n{") + "\n")


def tokenizer_cases(tokenizer: Tokenizer) -> dict:
    """Text and its piece ids, without [CLS] and [SEP]."""
    texts = [*PLAIN, *HOSTILE, *SENTENCES]
    return {"cases": [{"text": text, "ids": tokenizer.encode(text)} for text in texts]}


def word_cases() -> dict:
    """How posts are split: offsets in UTF-16, kinds, what the tokeniser is given under both rules for hashtags, and letter cases."""
    whole, camel = Rules("http", "whole"), Rules(None, "camel")
    units = lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2
    cases = []
    for text in [*PLAIN, *HOSTILE, *SENTENCES, *LIVE]:
        words = [
            [units(text[: w.start]), units(text[: w.end]), w.kind, w.text, word_form(w.kind, w.text, whole), word_form(w.kind, w.text, camel), letter_case(w.text)]
            for w in tweet_words(text)
        ]
        cases.append({"text": text, "words": words})
    corpus = {"words": CORPUS, "whole": forms(CORPUS, whole), "camel": forms(CORPUS, camel)}
    return {"cases": cases, "corpus": corpus}


def pictures() -> list[tuple[str, Image.Image]]:
    """Four small pictures of different modes and awkward sizes."""
    y, x = np.mgrid[0:507, 0:505]
    waves = np.stack([(x // 7 * 37 + y // 11 * 59) % 256, (x // 3) % 256, (y // 2 + x // 5) % 256], 2)
    y, x = np.mgrid[0:300, 0:411]
    alpha = np.stack([x * 255 // 410, y * 255 // 299, (x // 20 + y // 20) % 2 * 200, (x + y) % 256], 2)
    y, x = np.mgrid[0:900, 0:50]
    tall = (y // 9 * 23 + x // 5 * 71) % 256
    y, x = np.mgrid[0:256, 0:256]
    palette = Image.fromarray(((x // 16 + y // 16 * 16) % 256).astype(np.uint8), "L").convert("P")
    palette.putpalette([v for i in range(256) for v in (i, (i * 7) % 256, 255 - i)])
    return [
        ("waves.png", Image.fromarray(waves.astype(np.uint8), "RGB")),
        ("alpha.png", Image.fromarray(alpha.astype(np.uint8), "RGBA")),
        ("tall.png", Image.fromarray(tall.astype(np.uint8), "L")),
        ("palette.png", palette),
    ]


def image_case(folder: Path, name: str, image: Image.Image) -> dict:
    """Saves the picture; its crop's hash and some normalised values at [channel, row, column]."""
    image.save(folder / name, optimize=True)
    opened = Image.open(folder / name)
    cropped, values = images.crop(opened), images.pixels(opened)
    places = [(0, 0, 0), (1, 0, 223), (2, 223, 0), (0, 223, 223), (1, 111, 112), (2, 57, 190)]
    samples = [{"at": list(at), "value": round(float(values[at]), 6)} for at in places]
    digest = hashlib.sha256(cropped.tobytes()).hexdigest()
    return {"file": name, "width": image.width, "height": image.height, "mode": image.mode, "cropSha256": digest, "samples": samples}


def sample(tensor: np.ndarray, count: int = 64) -> dict:
    """Shape, and every n-th value of the flattened tensor, from the first on."""
    flat = tensor.reshape(-1)
    stride = len(flat) // count
    return {"shape": list(tensor.shape), "stride": stride, "values": numbers(flat[: stride * count : stride])}


def numbers(array: np.ndarray) -> list:
    """Nested lists of floats with five decimals."""
    return np.round(array.astype(np.float64), 5).tolist()


def model_cases(bundle: Bundle, folder: Path) -> dict:
    """What each graph gives for the made-up posts and pairs, one row at a time."""
    pixels = {name: images.pixels(Image.open(folder / name)) for name, _ in pictures()}
    hashes = {name: f["sha256"] for name, f in bundle.manifest["files"].items()}
    shown = []
    for name in (None, *pixels):
        features = bundle.empty("ner") if name is None else bundle.features("ner", pixels[name])
        prefix = {task: sample(bundle.run(bundle.manifest[task]["prefix"], features=features)) for task in ("ner", "re")}
        shown.append({"file": name, "features": sample(features), "prefix": prefix})
    return {
        "bundle": hashes,
        "pictures": shown,
        "ner": [ner_case(bundle, pixels, *case) for case in POSTS],
        "re": [re_case(bundle, pixels, *case) for case in PAIRS],
    }


def slots(images_of_row: list[str | None], pixels: dict[str, np.ndarray]) -> tuple[list[np.ndarray], np.ndarray, list]:
    """Distinct pictures of a row, its index row [1,4], and its four file names."""
    files = [*images_of_row, None, None, None, None][:4]
    used = [f for f in dict.fromkeys(files) if f is not None]
    index = np.array([[0 if f is None else used.index(f) + 1 for f in files]])
    return [pixels[f] for f in used], index, files


def ner_case(bundle: Bundle, pixels: dict, words: list[str], pictures_of_row: list[str | None]) -> dict:
    """One post through the tagger."""
    used, index, files = slots(pictures_of_row, pixels)
    ids, firsts = data.ner_row(bundle.tokenizer, words, letter_case=bundle.letter_case("ner"))
    emissions = bundle.text("ner", [{"ids": ids}], bundle.prefixes("ner", used), index)[0]
    path = viterbi(emissions, *bundle.crf())
    return {"words": words, "images": files, "ids": ids, "firsts": firsts, "emissions": numbers(emissions), "path": path}


def re_case(bundle: Bundle, pixels: dict, words: list[str], first: tuple, second: tuple, pictures_of_row: list) -> dict:
    """One pair through the relation classifier."""
    used, index, files = slots(pictures_of_row, pixels)
    pair, case = data.Pair(words, first, second, "None", False), bundle.letter_case("re")
    ids, head, tail = data.re_row(bundle.tokenizer, pair, letter_case=case)
    logits = bundle.text("re", [{"ids": ids, "head": head, "tail": tail}], bundle.prefixes("re", used), index)[0]
    spans = {"first": list(first), "second": list(second)}
    positions = {"headPosition": head, "tailPosition": tail}
    return {"words": words, **spans, "images": files, "ids": ids, **positions, "logits": numbers(logits)}


def main() -> None:
    """Writes the fixtures of the bundle that ships."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bundle", type=Path, required=True)
    p.add_argument("--out", type=Path, default=Path("test/fixtures/golden"))
    a = p.parse_args()
    write(a.bundle, a.out)


if __name__ == "__main__":
    main()
