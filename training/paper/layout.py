"""Where the paper's data lies below its root, under the names its archives have."""

from dataclasses import dataclass
from pathlib import Path

from ..data import DataError

TWITTER = {"twitter15": "twitter2015", "twitter17": "twitter2017"}
DATASETS = (*TWITTER, "MRE")


@dataclass(frozen=True)
class Split:
    """Files of one of train, dev and test; `crops` maps a picture (of MRE: a line) to file names in `crop_folder`."""

    text: Path
    crops: Path
    pictures: Path
    crop_folder: Path


def split_of(dataset: str, root: Path, name: str) -> Split:
    """Paths of train, dev or test."""
    val = "val" if name == "dev" else name
    if dataset == "MRE":
        base = root / "RE_data"
        # Only the table of crops says dev, everything else of it says val.
        return Split(
            base / f"txt/ours_{val}.txt",
            base / f"txt/mre_{name}_dict.pth",
            base / f"img_org/{val}",
            base / f"img_vg/{val}/crops",
        )
    corpus = TWITTER[dataset]
    base = root / "NER_data"
    return Split(
        base / corpus / ("valid.txt" if name == "dev" else f"{name}.txt"),
        base / corpus / f"{corpus}_{val}_dict.pth",
        base / f"{corpus}_images",
        base / f"{corpus}_aux_images/{val}/crops",
    )


def relation_file(root: Path) -> Path:
    """The relations of MRE and their numbers."""
    return root / "RE_data/ours_rel2id.json"


def require(dataset: str, root: Path, names: list[str], pictures: bool) -> dict[str, Split]:
    """The splits, once everything they need is there; of a text-only run that is the text."""
    splits = {name: split_of(dataset, root, name) for name in names}
    files = [s.text for s in splits.values()] + ([relation_file(root)] if dataset == "MRE" else [])
    folders = []
    if pictures:
        files += [s.crops for s in splits.values()]
        folders = [f for s in splits.values() for f in (s.pictures, s.crop_folder)]
    missing = [f"the file {f.relative_to(root)}" for f in files if not f.is_file()]
    missing += [f"the folder {f.relative_to(root)}" for f in dict.fromkeys(folders) if not f.is_dir()]
    if missing:
        advice = "--data_root names the folder with NER_data and RE_data"
        raise DataError(f"reading {dataset} below {root}: {', '.join(missing)} not found; {advice}")
    return splits
