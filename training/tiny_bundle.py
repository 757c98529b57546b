"""A bundle with made-up weights that is small enough for a test fixture: python -m training.tiny_bundle FOLDER

What it finds means nothing. It has both tasks, pictures, the paper's labels and a vocabulary of its own, in float32.
"""

import argparse
import json
import string
import tempfile
from pathlib import Path

import torch

from . import export, generate
from .graphs import WORDS

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
COMMON = """
the a an of in on at to for from with and or is was will be has have had this that it he she they we you i not no new old
first last one two three day today week year time night morning city town river harbour bridge street park station market
festival match team club band school company group council film song book game news photo live open opens join joins joined
meet meets met visit visits visited win wins won play plays played sing sings sang said says see sees saw go goes went come
comes came great good big small red blue green white black north south east west http rt maria ana ida daniel jonas lima
berg okafor robotics lisbon bergen rotterdam porto
""".split()
PARTS = ["##s", "##ed", "##ing", "##er", "##ly", "##al", "##ist", "##land", "##ton", "##burg", "##son", "##berg"]
PAIRS = ["per/per", "per/org", "per/loc", "org/loc", "per/misc"]


def vocabulary() -> list[str]:
    """Words, their parts, and every character that makes the rest readable piece by piece."""
    characters = [*string.ascii_lowercase, *string.digits]
    pieces = [*SPECIAL, *string.punctuation, *characters, *("##" + c for c in characters), *PARTS, *COMMON]
    return list(dict.fromkeys(pieces))


def relations() -> dict[str, int]:
    """As many classes as the paper has."""
    names = ["None", *(f"/{pair}/made_up_{i}" for pair in PAIRS for i in range(5))]
    return {name: i for i, name in enumerate(names[: generate.LABELS["re"]])}


def checkpoints(words: int, seed: int) -> dict[str, dict[str, torch.Tensor]]:
    """States of both tasks; they share the picture network and the words, as those of the default bundle do."""
    sizes = {"ner": words, "re": words + 4}
    made = {task: generate.generate(task, generate.size_named("tiny", n, False), generate.LABELS[task], seed) for task, n in sizes.items()}
    made["ner"][WORDS] = made["re"][WORDS]
    return {task: state | {k: v for k, v in made["ner"].items() if k.startswith("image_model.")} for task, state in made.items()}


def write(out: Path, seed: int) -> None:
    """Checkpoints, then what the exporter makes of them."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        pieces = vocabulary()
        (made / "vocab.txt").write_text("".join(f"{piece}\n" for piece in pieces))
        (made / "rel2id.json").write_text(json.dumps(relations()))
        options = ["--vocab", str(made / "vocab.txt"), "--relations", str(made / "rel2id.json")]
        for task, state in checkpoints(len(pieces), seed).items():
            torch.save(state, made / f"{task}.pth")
            options += [f"--{task}", str(made / f"{task}.pth")]
        export.main([*options, "--out", str(out), "--name", "tiny", "--license", "Apache-2.0"])


def main() -> None:
    """Writes the bundle."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("out", type=Path)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(1)
    write(a.out, a.seed)


if __name__ == "__main__":
    main()
