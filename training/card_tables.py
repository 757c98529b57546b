"""Tables of a model card, each from what a command measured."""

NOT_MEASURED = "Not measured; run the command."


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown: first column left, the others right."""
    line = lambda cells: "| " + " | ".join(cells) + " |"
    return "\n".join([line(head), "|---|" + "---:|" * (len(head) - 1), *(line(row) for row in rows)])


def between(interval: list[float] | None) -> str:
    """A confidence interval."""
    return f"{interval[0]:.2f} to {interval[1]:.2f}" if interval else ""


def scores(metrics: dict) -> str:
    """Precision, recall and F1 of every set."""
    rows = []
    for name, r in metrics.items():
        if "f1" in r:
            others = f" ({r['others']} more between other spans)" if "others" in r else ""
            rows.append([f"{name}{others}", *(f"{r[k]:.2f}" for k in ("precision", "recall", "f1")), between(r.get("interval"))])
    return table(["set", "P", "R", "F1", "95 % interval"], rows) if rows else NOT_MEASURED


def calibration(metrics: dict) -> str:
    """Calibration errors, then the reliability tables."""
    reports = metrics.get("calibration")
    if not reports:
        return NOT_MEASURED
    rows = [[name, str(r["n"]), *(f"{r[k]:.3f}" for k in ("error", "errorEqualMass", "errorByChance"))] for name, r in reports.items()]
    head = ["confidence of", "findings", "error, equal width", "error, equal numbers", "by chance alone"]
    starts = sorted({b["from"] for r in reports.values() for b in r["bins"]})
    bins = {name: {b["from"]: b for b in r["bins"]} for name, r in reports.items() if "," not in name}
    cell = lambda b: f"{b['confidence']:.2f} / {b['accuracy']:.2f} ({b['n']})" if b else ""
    reliability = [[f"{start:.1f} to {start + 0.1:.1f}", *(cell(r.get(start)) for r in bins.values())] for start in starts]
    return "\n\n".join(
        [
            table(head, rows),
            "Mean confidence / share that is right (findings), by confidence:",
            table(["confidence", *bins], reliability),
        ]
    )


def thresholds(manifest: dict) -> str:
    """What is passed on, and what that choice is worth on posts it was not made on."""
    lines = []
    for task, title in (("ner", "Entities"), ("re", "Relations")):
        limits = manifest.get(task, {}).get("thresholds", {})
        named = ", ".join(f"{kind} {limits[kind]}" for kind in limits if kind != "default")
        lines.append(f"- {title}: {limits.get('default')}" + (f"; {named}" if named else "") + ".")
    chosen = manifest["metrics"].get("thresholds", {})
    rows = []
    for task, report in chosen.items():
        for name, r in report.items():
            if name != "thresholds":
                rows.append([f"{task}, {name}", *(f"{r[k]:.2f}" for k in ("precision", "recall", "f1"))])
    return "\n".join(lines) + "\n\n" + (table(["thresholds", "P", "R", "F1"], rows) if rows else NOT_MEASURED)


def pictures(metrics: dict) -> str:
    """What a picture tells about a hidden word."""
    found = metrics.get("pictures")
    if not found:
        return NOT_MEASURED
    rows = []
    for name, values in found.items():
        if isinstance(values, dict):
            cells = (f"{v['value']:.2f} ({between(v['interval'])})" for v in values.values())
            rows.append([name, *cells])
    head = [f"{found['mentions']} mentions in {found['posts']} posts", "type accuracy, %", "log-likelihood"]
    return table(head, rows)


def behaviour(recorded: dict) -> str:
    """Pass rates on posts of our own."""
    share = lambda part, of: f"{part} of {of} ({100 * part / of:.0f} %)"
    rows = [[g, share(r["mentions"], r["cases"]), share(r["relations"], r["cases"])] for g, r in recorded["rates"].items()]
    return table(["posts", "all mentions right", "all relations right"], rows)


def failures(recorded: dict, cases: list[dict]) -> str:
    """The first wrong post of each group: what is found, and what a person finds."""
    known = {case["id"]: case for case in cases}
    lines, groups = [], set()
    for wrong in recorded["wrong"]:
        case = known[wrong["id"]]
        if case["group"] not in groups and len(case["text"]) <= 140:
            groups.add(case["group"])
            found = listed([*wrong["mentions"], *wrong["relations"]])
            lines.append(f"- {case['group']}: *{case['text']}*: found {found}; expected {listed(expected(case))}.")
    return "\n".join(lines) or "None of the posts is read wrong."


def expected(case: dict) -> list[str]:
    """What has to be found in a case."""
    name = lambda i: case["mentions"][i]["text"]
    mentions = [f"{m['type']} {m['text']}" for m in case["mentions"] if not m.get("optional")]
    relations = [f"{name(r['head'])} {r['type']} {name(r['tail'])}" for r in case["relations"] if not r.get("optional")]
    return mentions + relations


def listed(items: list[str]) -> str:
    """Findings in a sentence."""
    return ", ".join(f"`{item}`" for item in items) or "nothing"


def agreement(manifest: dict) -> str:
    """How far the shipped arithmetic is from float32."""
    rows = []
    for name, r in manifest.get("agreement", {}).items():
        rows.append([name, f"{r['equal']:.2f} % of {r['n']} {r['of']}", f"{r['f1']['fp32']:.2f}", f"{r['f1']['int8']:.2f}"])
    return table(["set", "equal to float32", "F1, float32", "F1, shipped"], rows) if rows else NOT_MEASURED


def speed(metrics: dict) -> str:
    """Posts a second, where they were measured."""
    found = metrics.get("speed")
    if not found:
        return NOT_MEASURED
    rates = {"a new picture each": "postsPerSecond", "the same picture": "cachedPostsPerSecond", "no picture": "textPostsPerSecond"}
    rows = [[name, f"{found[key]:.0f}"] for name, key in rates.items()]
    return f"{found['machine']}, {found['workers']} workers:\n\n" + table(["posts with", "posts a second"], rows)
