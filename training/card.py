"""Writes the model card of a bundle: python -m training.card --bundle models/default

Words come from card_template.md, every figure from what the commands left in the manifest and in the behaviour record.
"""

import argparse
import json
import re
import sys
from pathlib import Path

from . import card_tables as tables
from .bundle import Bundle

ROOT = Path(__file__).parent.parent
TEMPLATE = Path(__file__).parent / "card_template.md"
BEHAVIOUR = ROOT / "test/fixtures/behaviour"
CARD = "MODEL_CARD.md"


def render(template: str, manifest: dict, recorded: dict, cases: list[dict]) -> str:
    """The card. Raises ValueError for a place without a value."""
    values = {**facts(manifest), **measured(manifest, recorded, cases)}

    def value(place: re.Match) -> str:
        if place[1] not in values:
            raise ValueError(f"card_template.md names {place[1]}; known are {', '.join(values)}")
        return values[place[1]]

    return re.sub(r"\{\{([a-zA-Z]+)\}\}", value, template)


def facts(manifest: dict) -> dict[str, str]:
    """What the manifest says about the bundle itself."""
    kinds = dict.fromkeys(label[2:] for label in manifest["ner"]["labels"] if label[:2] == "B-")
    relations = {label["type"] for label in manifest["re"]["labels"]} - {"None"}
    return {
        "name": manifest["name"],
        "generation": str(manifest["generation"]),
        "license": manifest.get("license", "not stated"),
        "precision": manifest["precision"],
        "languages": ", ".join(manifest["languages"]) or "any",
        "megabytes": f"{sum(file['bytes'] for file in manifest['files'].values()) / 1e6:.1f}",
        "entityTypes": ", ".join(kinds),
        "relationTypes": str(len(relations)),
        "relationLabels": str(len(manifest["re"]["labels"])),
        "nerTemperature": str(manifest["ner"].get("temperature", 1.0)),
        "reTemperature": str(manifest["re"]["temperature"]),
        "noneBias": str(manifest["re"].get("noneBias", 0.0)),
    }


def measured(manifest: dict, recorded: dict, cases: list[dict]) -> dict[str, str]:
    """Tables of what was measured."""
    metrics = manifest.get("metrics", {})
    own = is_record_of(recorded, manifest)
    return {
        "scores": tables.scores(metrics),
        "agreement": tables.agreement(manifest),
        "calibration": tables.calibration(metrics),
        "thresholds": tables.thresholds(manifest),
        "pictures": tables.pictures(metrics),
        "behaviour": tables.behaviour(recorded) if own else tables.NOT_MEASURED,
        "failures": tables.failures(recorded, cases) if own else tables.NOT_MEASURED,
        "speed": tables.speed(metrics),
    }


def is_record_of(recorded: dict, manifest: dict) -> bool:
    """Whether behaviour was recorded with this bundle and not with another one."""
    return (recorded["bundle"], recorded["generation"]) == (manifest["name"], manifest["generation"])


def card(manifest: dict) -> str:
    """The card of a bundle with the repository's template and behaviour record."""
    recorded = json.loads((BEHAVIOUR / "recorded.json").read_text(encoding="utf-8"))
    lines = (BEHAVIOUR / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    return render(TEMPLATE.read_text(encoding="utf-8"), manifest, recorded, [json.loads(line) for line in lines])


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--bundle", type=Path, required=True)
    p.add_argument("--speed", type=Path, help="what `grapevine model bench DIR --json` printed; goes into the manifest")
    p.add_argument("--machine", help="what it was measured on, with --speed")
    p.add_argument("--check", action="store_true", help="write nothing; exit 1 where the card is not what would be written")
    a = p.parse_args(argv)
    if bool(a.speed) != bool(a.machine) or (a.speed and a.check):
        p.error("--speed needs --machine, and --check goes with neither")
    return a


def main() -> None:
    """Writes the card, or says whether it is what would be written."""
    a = arguments()
    bundle = Bundle(a.bundle)
    if a.speed:
        bundle.write_metrics({"speed": {**json.loads(a.speed.read_text()), "machine": a.machine}})
    file, text = a.bundle / CARD, card(bundle.manifest)
    if not a.check:
        file.write_text(text, encoding="utf-8")
    elif not file.exists() or file.read_text(encoding="utf-8") != text:
        sys.exit(f"{file} is not what its figures make; run: python -m training.card --bundle {a.bundle}")


if __name__ == "__main__":
    main()
