"""Makes a bundle from the data, step by step: python -m training.retrain --data ../shared/data --out ../runs --bundle models/new

Every step leaves a file and is skipped when that is there, so that the same command goes on where it was stopped; a training
goes on after its last finished epoch. On two cores no step takes 90 minutes; all take about seven hours.
"""

import argparse
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

FOLDS = 5
ORDERS = (6, 7, 8)
TWEETS = [f"ner/{name}.txt" for name in ("wnut17.train", "wnut17.dev", "wnut17.test", "tweebank.train", "tweebank.dev", "tweebank.test")]
BTC = [f"ner/btc.{part}.txt" for part in ("train", "dev", "test")]
NER = ["--letter-case", "--case-noise", "0.1", "--extra-epochs", "3"]
RE = ["--epochs", "7", "--lr", "1.5e-4", "--head-lr", "1e-3", "--type-loss", "0.3", "--hide", "0.1"]


@dataclass(frozen=True)
class Step:
    """A command `python -m training.NAME`, and the file that shows that it was done."""

    module: str
    options: list[str]
    done: Path

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
    p.add_argument("--max-steps", type=int, default=0, help="so many steps and rows of everything (a trial run)")
    return p.parse_args(argv)


def steps(a: argparse.Namespace) -> list[Step]:
    """Everything from the data to a bundle."""
    run, data = (lambda name: a.out / name), ["--data", str(a.data)]
    trial = ["--max-steps", str(a.max_steps), "--epochs", "1"] if a.max_steps else []
    rows = ["--max-rows", str(a.max_steps)] if a.max_steps else []
    extra = ["--extra", *TWEETS, *BTC]

    def train(name: str, task: str, *options: str) -> Step:
        fixed = ["--task", task, *data, "--out", str(run(name)), "--resume"]
        return Step("train", [*fixed, *options, *trial], run(f"{name}/done"))

    made = []
    for part in range(FOLDS):
        fold = ["--fold", f"{part}/{FOLDS}", "--seed", str(10 + part)]
        made.append(train(f"ner-teacher-{part}", "ner", "--epochs", "8", *NER, *extra, *fold))
    teachers = [str(run(f"ner-teacher-{part}/final.pth")) for part in range(FOLDS)]
    made.append(Step("teach", ["--task", "ner", "--teachers", *teachers, *data, *extra, "--out", str(run("ner.pt")), *rows], run("ner.pt")))
    targets = ["--targets", str(run("ner.pt")), "--prefix-lr", "2e-3"]
    made.append(train("ner", "ner", "--epochs", "7", *NER, *targets, "--seed", str(a.seed)))
    ner = run("ner/final.pth")
    tagger = ["--tagger", str(ner)]
    for part in range(FOLDS):
        fold = ["--fold", f"{part}/{FOLDS}", "--seed", str(30 + part)]
        made.append(train(f"re-teacher-{part}", "re", *RE, *tagger, "--smooth", "0.1", *fold))
    teachers = [str(run(f"re-teacher-{part}/final.pth")) for part in range(FOLDS)]
    made.append(Step("teach", ["--task", "re", "--teachers", *teachers, *data, "--out", str(run("re-1.pt")), *rows], run("re-1.pt")))
    made.append(train("re-1", "re", *RE, *tagger, "--targets", str(run("re-1.pt")), "--seed", "1"))
    # The student teaches three others, which start from the tagger, read letter case as that does, and become one by their mean.
    made.append(Step("teach", ["--task", "re", "--teachers", str(run("re-1/final.pth")), *data, "--out", str(run("re-2.pt")), *rows], run("re-2.pt")))
    last = ["--epochs", "5", "--letter-case", "--init", str(ner), "--mean", "0.996", "--targets", str(run("re-2.pt")), "--seed", "6"]
    for order in ORDERS:
        made.append(train(f"re-order-{order}", "re", *RE, *tagger, *last, "--order", str(order)))
    finals = [str(run(f"re-order-{order}/final.pth")) for order in ORDERS]
    made.append(Step("average", [*finals, "--out", str(run("re-mean.pth"))], run("re-mean.pth")))
    prior = ["--checkpoint", str(run("re-mean.pth")), *data, "--out", str(run("re.pth"))]
    made.append(Step("prior", prior, run("re.pth")))
    return [*made, *bundle_steps(a, ner, run("re.pth"))]


def bundle_steps(a: argparse.Namespace, ner: Path, re: Path) -> list[Step]:
    """From two checkpoints to the 8-bit bundle."""
    exact, sets = a.out / "fp32", lambda *names: [str(a.data / name) for name in names]
    about = ["--max-seq", "128", "--url", "http", "--license", "Apache-2.0", "--name", a.name, "--generation", str(a.generation)]
    export = ["--ner", str(ner), "--re", str(re), "--vocab", str(a.data / "bert-base-uncased-vocab.txt"), *about, "--out", str(exact)]
    texts = ["--texts", str(a.max_steps or 3000), "--max-bytes", str(a.max_bytes), "--pictures", str(a.data / "paired/images")]
    valid = ["--ner", *sets("twitter2015/valid.txt", "twitter2017/valid.txt"), "--re", *sets("mnre/val.txt")]
    train = ["--ner-texts", *sets("twitter2015/train.txt", "twitter2017/train.txt"), "--re-texts", *sets("mnre/train.txt")]
    return [
        Step("export", export, exact / "manifest.json"),
        Step("quantise", ["--bundle", str(exact), "--out", str(a.bundle), *texts, *valid, *train], a.bundle / "manifest.json"),
    ]


def main(argv: list[str] | None = None) -> None:
    """Runs what is left; a step that fails ends the run with its exit code."""
    a = arguments(argv)
    a.out.mkdir(parents=True, exist_ok=True)
    todo = steps(a)
    for number, step in enumerate(todo, 1):
        if step.done.exists():
            continue
        print(f"step {number} of {len(todo)}: {step}", flush=True)
        if a.dry_run:
            continue
        began = time.time()
        code = subprocess.run([sys.executable, "-m", f"training.{step.module}", *step.options], check=False).returncode
        if code:
            sys.exit(code)
        step.done.touch()
        print(f"step {number} of {len(todo)}: done in {(time.time() - began) / 60:.1f} min", flush=True)
    print(f"{a.bundle}: measure it with: bash training/measure.sh {a.bundle} {a.data}")


if __name__ == "__main__":
    main()
