"""Makes a bundle from the data, step by step: python -m training.retrain --data ../shared/data --out ../runs --bundle models/new

Every step leaves a record of its options and of the files it read, and is skipped when it would be run on the same again, so that
the same command goes on where it was stopped; a training goes on after its last finished epoch. Another seed moves the seeds of all
steps. A trial run (--max-steps) has a folder of its own in OUT and never touches the bundle. On two cores no step takes 90 minutes;
all take about seven hours.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

FOLDS = 5
# What is added to the seed by each of the last three relation students, and its epochs.
ORDERS = ((4, 6), (5, 5), (6, 4))
TWEETS = [f"ner/{name}.txt" for name in ("wnut17.train", "wnut17.dev", "wnut17.test", "tweebank.train", "tweebank.dev", "tweebank.test")]
BTC = [f"ner/btc.{part}.txt" for part in ("train", "dev", "test")]
NER = ["--letter-case", "--case-noise", "0.1", "--extra-epochs", "3"]
RE = ["--epochs", "7", "--lr", "1.5e-4", "--head-lr", "1e-3", "--type-loss", "0.3", "--hide", "0.1"]


@dataclass(frozen=True)
class Step:
    """A command `python -m training.NAME`, what it makes, and the record of how it was made."""

    module: str
    options: list[str]
    made: Path
    record: Path

    def recipe(self) -> dict:
        """Its options, and the hashes of the files among them."""
        # Of a bundle its manifest, which holds the hashes of all else.
        named = [path for option in self.options for path in (Path(option), Path(option) / "manifest.json")]
        files = sorted({path for path in named if path.is_file() and path != self.made})
        hashes = {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
        return {"module": self.module, "options": self.options, "files": hashes}

    def recorded(self) -> dict:
        """What the record says; empty without one."""
        return json.loads(self.record.read_text()) if self.record.exists() else {}

    def is_done(self) -> bool:
        """Whether it was run to its end on just this, and what it made is there."""
        return self.made.exists() and self.recorded() == {**self.recipe(), "done": True}

    def begin(self) -> None:
        """Takes note of what it runs on; a training that was begun otherwise is not gone on with."""
        recipe = self.recipe()
        if {**self.recorded(), "done": False} != {**recipe, "done": False}:
            (self.record.parent / "last.pt").unlink(missing_ok=True)
        self.write(recipe, done=False)

    def write(self, recipe: dict, done: bool) -> None:
        """Writes the record."""
        self.record.parent.mkdir(parents=True, exist_ok=True)
        self.record.write_text(json.dumps({**recipe, "done": done}, indent=2) + "\n")

    def __str__(self) -> str:
        return f"python -m training.{self.module} {' '.join(self.options)}"


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True, help="folder laid out as training/README.md says")
    p.add_argument("--out", type=Path, required=True, help="checkpoints, targets and logs")
    p.add_argument("--bundle", type=Path, required=True)
    p.add_argument("--name", default="grapevine-small-en")
    p.add_argument("--generation", type=int, default=1)
    p.add_argument("--seed", type=int, default=2)
    p.add_argument("--max-bytes", type=int, default=40_000_000)
    p.add_argument("--dry-run", action="store_true", help="print the commands that are left to run")
    p.add_argument("--max-steps", type=int, default=0, help="so many steps and rows of everything (a trial run, in OUT/trial)")
    return p.parse_args(argv)


def steps(a: argparse.Namespace) -> list[Step]:
    """Everything from the data to a bundle."""
    run, data = (lambda name: a.out / name), ["--data", str(a.data)]
    trial = ["--max-steps", str(a.max_steps), "--epochs", "1"] if a.max_steps else []
    rows = ["--max-rows", str(a.max_steps)] if a.max_steps else []
    extra = ["--extra", *TWEETS, *BTC]

    def train(name: str, task: str, *options: str) -> Step:
        fixed = ["--task", task, *data, "--out", str(run(name)), "--resume"]
        return Step("train", [*fixed, *options, *trial], run(f"{name}/final.pth"), run(f"{name}/step.json"))

    def other(module: str, name: str, *options: str) -> Step:
        return Step(module, [*options, "--out", str(run(name))], run(name), run(f"{name}.step.json"))

    seed = lambda offset: ["--seed", str(a.seed + offset)]
    made = []
    for part in range(FOLDS):
        fold = ["--fold", f"{part}/{FOLDS}", *seed(8 + part)]
        made.append(train(f"ner-teacher-{part}", "ner", "--epochs", "8", *NER, *extra, *fold))
    teachers = [str(run(f"ner-teacher-{part}/final.pth")) for part in range(FOLDS)]
    made.append(other("teach", "ner.pt", "--task", "ner", "--teachers", *teachers, *data, *extra, *seed(5), *rows))
    targets = ["--targets", str(run("ner.pt")), "--prefix-lr", "2e-3"]
    made.append(train("ner", "ner", "--epochs", "7", *NER, *targets, *seed(0)))
    ner = run("ner/final.pth")
    tagger = ["--tagger", str(ner)]
    for part in range(FOLDS):
        fold = ["--fold", f"{part}/{FOLDS}", *seed(28 + part)]
        made.append(train(f"re-teacher-{part}", "re", *RE, *tagger, "--smooth", "0.1", *fold))
    teachers = [str(run(f"re-teacher-{part}/final.pth")) for part in range(FOLDS)]
    made.append(other("teach", "re-1.pt", "--task", "re", "--teachers", *teachers, *data, *rows))
    made.append(train("re-1", "re", *RE, *tagger, "--targets", str(run("re-1.pt")), *seed(1)))
    # The student teaches three others, which start from the tagger, read letter case as that does, and become one by their mean.
    made.append(other("teach", "re-2.pt", "--task", "re", "--teachers", str(run("re-1/final.pth")), *data, *rows))
    last = ["--letter-case", "--init", str(ner), "--mean", "0.996", "--targets", str(run("re-2.pt")), *seed(4)]
    for offset, epochs in ORDERS:
        order = ["--order", str(a.seed + offset), "--epochs", str(epochs)]
        made.append(train(f"re-order-{offset}", "re", *RE, *tagger, *last, *order))
    finals = [str(run(f"re-order-{offset}/final.pth")) for offset, _ in ORDERS]
    made.append(other("average", "re-mean.pth", *finals))
    made.append(other("prior", "re.pth", "--checkpoint", str(run("re-mean.pth")), *data))
    return [*made, *bundle_steps(a, ner, run("re.pth"))]


def bundle_steps(a: argparse.Namespace, ner: Path, re: Path) -> list[Step]:
    """From two checkpoints to the 8-bit bundle."""
    exact, sets = a.out / "fp32", lambda *names: [str(a.data / name) for name in names]
    about = ["--max-seq", "128", "--url", "http", "--license", "Apache-2.0", "--name", a.name, "--generation", str(a.generation)]
    export = ["--ner", str(ner), "--re", str(re), "--vocab", str(a.data / "bert-base-uncased-vocab.txt"), *about, "--out", str(exact)]
    export.append("--relations-without-pictures")
    texts = ["--texts", str(a.max_steps or 3000), "--max-bytes", str(a.max_bytes), "--paired", str(a.data / "paired")]
    valid = ["--ner", *sets("twitter2015/valid.txt", "twitter2017/valid.txt"), "--re", *sets("mnre/val.txt")]
    train = ["--ner-texts", *sets("twitter2015/train.txt", "twitter2017/train.txt"), "--re-texts", *sets("mnre/train.txt")]
    quantise = ["--bundle", str(exact), "--out", str(a.bundle), *texts, *valid, *train]
    return [
        Step("export", export, exact / "manifest.json", a.out / "fp32.step.json"),
        Step("quantise", quantise, a.bundle / "manifest.json", a.out / "bundle.step.json"),
    ]


def main(argv: list[str] | None = None) -> None:
    """Runs what is left; a step that fails ends the run with its exit code."""
    a = arguments(argv)
    if a.max_steps:
        a.out, a.bundle = a.out / "trial", a.out / "trial/bundle"
    a.out.mkdir(parents=True, exist_ok=True)
    todo = steps(a)
    for number, step in enumerate(todo, 1):
        if step.is_done():
            continue
        print(f"step {number} of {len(todo)}: {step}", flush=True)
        if a.dry_run:
            continue
        began = time.time()
        step.begin()
        code = subprocess.run([sys.executable, "-m", f"training.{step.module}", *step.options], check=False).returncode
        if code:
            sys.exit(code)
        step.write(step.recipe(), done=True)
        print(f"step {number} of {len(todo)}: done in {(time.time() - began) / 60:.1f} min", flush=True)
    print(f"{a.bundle}: measure it with: bash training/measure.sh {a.bundle} {a.data}")


if __name__ == "__main__":
    main()
