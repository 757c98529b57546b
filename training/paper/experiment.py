"""One run from flags to scores: read, train with the best epoch kept, test, write."""

import argparse
import json
import random
from pathlib import Path

import torch

from .. import checkpoint
from . import datasets, layout, loop, metrics, resume, settings, weights
from .optimise import optimiser, schedule
from .pictures import Album, DriftingPictures, FixedPictures


def run(a: argparse.Namespace) -> dict:
    """Does what the flags ask for and returns the summary it prints."""
    settings.check(a)
    root = Path(a.data_root)
    names = ["train", "dev", "test"] if a.do_train else ["test"]
    splits = layout.require(a.dataset_name, root, names, a.use_prompt)
    bert = weights.BertFolder(a.bert_name)
    reader = datasets.Reader(a.dataset_name, root, bert.tokenizer, a.max_seq, a.use_prompt)
    rows = {name: reader.rows(split) for name, split in splits.items()}
    seed(a.seed)
    saved = resume.read_last(a) if settings.will_resume(a) else None
    if saved:
        model = checkpoint.from_state(reader.task, saved["model"], bert.heads, str(Path(a.save_path) / settings.LAST))
    else:
        model = weights.build(a, bert, reader.task, len(reader.labels))
    album = Album()
    pictures = (DriftingPictures if a.authors_bugs else FixedPictures)(album, a.device) if a.use_prompt else None
    session = loop.Run(a, prepared(a, model), reader.labels, pictures)
    summary = {"dataset": a.dataset_name, "notes": a.notes}
    if a.do_train:
        chosen = datasets.sample(rows["train"], a.sample_ratio, a.seed)
        summary["train rows"] = len(chosen)
        summary["dev"] = train(session, chosen, rows["dev"], saved)
        best = Path(a.save_path) / settings.BEST
        session.model = prepared(a, checkpoint.load(reader.task, best, bert.heads))
    summary["test"] = test(session, rows["test"])
    if pictures:
        summary["lost pictures"] = album.summary()
        for path, kind in sorted(album.lost.items())[:5]:
            print(f"{kind}, for example {path}")
    print(json.dumps(summary))
    return summary


def seed(number: int) -> None:
    """One seed for everything random."""
    random.seed(number)
    torch.manual_seed(number)
    torch.backends.cudnn.deterministic = True


def prepared(a: argparse.Namespace, model):
    """On its device; the paper's relation head has no dropout."""
    if model.task == "re":
        model.dropout.p = 0.0
    return model.to(a.device)


def train(session: loop.Run, rows: list[dict], dev: list[dict], saved: dict | None) -> dict:
    """All epochs, or those left of a resumed run; the dev scores of the best one."""
    a, model = session.a, session.model
    Path(a.save_path).mkdir(parents=True, exist_ok=True)
    optim = optimiser(model, a)
    plan = schedule(optim, -(-len(rows) // a.batch_size) * a.num_epochs, a.warmup_ratio)
    if session.pictures:
        session.pictures.read(model, rows + dev)
    progress = resume.restore(saved, optim, plan) if saved else resume.Progress()
    if a.resume:
        print(f"resuming after epoch {progress.epoch}" if saved else "nothing to resume, starting at epoch 1")
    for epoch in range(progress.epoch + 1, a.num_epochs + 1):
        loop.train_epoch(session, optim, plan, rows, epoch)
        progress.epoch = epoch
        if epoch >= a.eval_begin_epoch:
            result = loop.score(session, dev, loop.predict(session, dev))
            print(f"epoch {epoch} dev\n{metrics.report(result)}", flush=True)
            if result["f1"] >= progress.best:
                progress.best, progress.best_epoch = result["f1"], epoch
                resume.save_best(a, model)
        resume.save_last(a, model, optim, plan, progress)
    return {"f1": progress.best, "epoch": progress.best_epoch}


def test(session: loop.Run, rows: list[dict]) -> dict:
    """Test scores; predictions are written on request."""
    if session.pictures:
        session.pictures.read(session.model, rows)
    found = loop.predict(session, rows)
    result = loop.score(session, rows, found)
    print(f"test\n{metrics.report(result)}", flush=True)
    if session.a.write_path:
        write_predictions(Path(session.a.write_path), session, rows, found)
    return result


def write_predictions(path: Path, session: loop.Run, rows: list[dict], found: list) -> None:
    """A JSON line per row; words that were not fed have the tag O."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for row, guess in zip(rows, found, strict=True):
            if session.model.task == "ner":
                tags = iter(guess)
                predicted = [next(tags) if first >= 0 else "O" for first in row["firsts"]]
            else:
                predicted = session.labels[guess]
            file.write(json.dumps({**row["source"], "predicted": predicted}, ensure_ascii=False) + "\n")
