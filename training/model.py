"""HVPNeT at any size: a text encoder whose attention is prefixed with keys and values made from pictures."""

import torch
import torch.nn.functional as F
from torch import nn

from .bert import Bert, Size
from .crf import Crf
from .resnet import EXPANSION, ResNet
from .trunk import EfficientNetLite0


def pool(maps: list[torch.Tensor], tokens: int) -> torch.Tensor:
    """Stage maps -> features [N, tokens, channels]: 2x2 means per stage, then a raw view in channel-major memory."""
    pooled = [F.avg_pool2d(m, m.shape[2] // 2, m.shape[2] // 2) for m in maps]
    joined = torch.cat(pooled, 1)
    return joined.reshape(-1, tokens, joined.shape[1] * 4 // tokens)


def trunk_of(size: Size) -> nn.Module:
    """The picture network a size names, with random weights."""
    if size.trunk == "resnet":
        return ResNet(size.blocks, size.channels[0] // EXPANSION)
    return EfficientNetLite0()


class ImageModel(nn.Module):
    """Pixels [N,3,224,224] -> features [N,4,sum of channels]; the trunk is an attribute of its own name, as in checkpoints."""

    def __init__(self, size: Size):
        super().__init__()
        self.trunk = size.trunk
        self.add_module(size.trunk, trunk_of(size))
        self.tokens = size.prompt_tokens

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return pool(self.get_submodule(self.trunk)(pixels), self.tokens)

    def fold(self) -> None:
        """Folds BatchNorm into the convolutions (evaluation only)."""
        self.get_submodule(self.trunk).fold()


class Prefix(nn.Module):
    """Features of one picture -> keys and values for its attention heads in every layer."""

    def __init__(self, size: Size):
        super().__init__()
        self.size = size
        levels = len(size.channels)
        self.encoder_conv = nn.Sequential(
            nn.Linear(sum(size.channels) * 4 // size.prompt_tokens, size.prompt_hidden),
            nn.Tanh(),
            nn.Linear(size.prompt_hidden, levels * 2 * size.hidden),
        )
        self.gates = nn.ModuleList(nn.Linear(size.prompt_tokens * 2 * size.hidden, levels) for _ in range(size.layers))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """[N, tokens, channels] -> [N, layers, 2 (key, value), heads per image, slots, head size]."""
        s = self.size
        # One matrix of all tokens, so that both layers are products of two matrices.
        tokens = features.reshape(-1, features.shape[2])
        levels = self.encoder_conv(tokens).reshape(-1, s.prompt_tokens, len(s.channels), 2 * s.hidden)
        mean = levels.mean(2).reshape(-1, s.prompt_tokens * 2 * s.hidden)
        layers = []
        for gate in self.gates:
            share = torch.softmax(F.leaky_relu(gate(mean), 0.01), 1)
            mixed = (levels * share[:, None, :, None]).sum(2)
            layers.append(torch.stack([mixed[:, :, : s.hidden], mixed[:, :, s.hidden :]], 1))
        return torch.stack(layers, 1).reshape(-1, s.layers, 2, s.heads_per_image, s.prefix_slots, s.head_size)

    @torch.no_grad()
    def calm(self, features: torch.Tensor) -> None:
        """Starts the projection on standardised features and with a faint output, so that it does not drown the text."""
        mean, std = features.mean((0, 1)), features.std((0, 1)) + 1e-3
        first, second = self.encoder_conv[0], self.encoder_conv[2]
        first.weight.div_(std)
        first.bias.copy_(-(first.weight @ mean))
        second.weight.mul_(0.3)


class Hvpnet(nn.Module):
    """What both tasks share: the picture path, absent where the size names no trunk, and the text encoder."""

    def __init__(self, size: Size, dropout: float):
        super().__init__()
        self.size = size
        if size.trunk:
            self.image_model = ImageModel(size)
            self.prefix = Prefix(size)
        self.bert = Bert(size, dropout)
        self.dropout = nn.Dropout(dropout)


class NerModel(Hvpnet):
    """Tag scores for every piece, and the CRF over them."""

    task = "ner"

    def __init__(self, size: Size, labels: int, dropout: float = 0.1):
        super().__init__(size, dropout)
        self.fc = nn.Linear(size.hidden, labels)
        self.crf = Crf(labels)

    def forward(self, ids, mask, prefix=None, index=None) -> torch.Tensor:
        """Emissions [B,L,labels]."""
        return self.fc(self.dropout(self.bert(ids, mask, prefix, index)))


class ReModel(Hvpnet):
    """Relation scores from the hidden states of the two opening markers."""

    task = "re"

    def __init__(self, size: Size, labels: int, dropout: float = 0.1):
        super().__init__(size, dropout)
        self.classifier = nn.Linear(2 * size.hidden, labels)

    def forward(self, ids, mask, head, tail, prefix=None, index=None) -> torch.Tensor:
        """Logits [B,labels]; `head` and `tail` [B] are the positions of `<s>` and `<o>`."""
        rows = torch.stack([head, tail], 1)
        pair = self.bert(ids, mask, prefix, index, rows)
        return self.classifier(self.dropout(pair.reshape(-1, 2 * self.size.hidden)))
