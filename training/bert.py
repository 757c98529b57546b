"""BERT whose attention also reads keys and values made from pictures; the names follow BERT's checkpoints."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Size:
    """Every dimension of the model; the defaults are the small size that ships."""

    layers: int = 6
    hidden: int = 384
    heads: int = 12
    feed_forward: int = 1536
    words: int = 30526
    positions: int = 128
    channels: tuple[int, ...] = (24, 40, 112, 320)
    images: int = 4
    prompt_tokens: int = 4
    prompt_hidden: int = 256

    @property
    def head_size(self) -> int:
        return self.hidden // self.heads

    @property
    def heads_per_image(self) -> int:
        return self.heads // self.images

    @property
    def prefix_slots(self) -> int:
        return self.images * self.prompt_tokens


class Attention(nn.Module):
    """Self-attention over [prefix, text]; the names follow BERT's checkpoints."""

    def __init__(self, size: Size, dropout: float):
        super().__init__()
        self.size = size
        self.self = nn.ModuleDict({n: nn.Linear(size.hidden, size.hidden) for n in ("query", "key", "value")})
        self.output = nn.ModuleDict({"dense": nn.Linear(size.hidden, size.hidden), "LayerNorm": norm(size)})
        self.dropout = nn.Dropout(dropout)

    def forward(self, rows: torch.Tensor, x: torch.Tensor, prefix: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """Attends from `rows` [B,R,H] to text `x` [B,L,H] and `prefix` [2][B,heads,slots,head size]."""
        s = self.size
        query = self.split(self.self["query"](rows))
        key = torch.cat([prefix[0], self.split(self.self["key"](x))], 2)
        value = torch.cat([prefix[1], self.split(self.self["value"](x))], 2)
        scores = query @ key.transpose(2, 3) * s.head_size**-0.5 + bias
        mixed = self.dropout(torch.softmax(scores, 3)) @ value
        joined = mixed.transpose(1, 2).reshape(rows.shape[0], -1, s.hidden)
        return self.output["LayerNorm"](rows + self.dropout(self.output["dense"](joined)))

    def split(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(x.shape[0], -1, self.size.heads, self.size.head_size).transpose(1, 2)


class Layer(nn.Module):
    """One post-norm transformer layer."""

    def __init__(self, size: Size, dropout: float):
        super().__init__()
        self.attention = Attention(size, dropout)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(size.hidden, size.feed_forward)})
        self.output = nn.ModuleDict({"dense": nn.Linear(size.feed_forward, size.hidden), "LayerNorm": norm(size)})
        self.dropout = nn.Dropout(dropout)

    def forward(self, rows: torch.Tensor, x: torch.Tensor, prefix: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        y = self.attention(rows, x, prefix, bias)
        wide = F.gelu(self.intermediate["dense"](y))
        return self.output["LayerNorm"](y + self.dropout(self.output["dense"](wide)))


class Embeddings(nn.Module):
    """Word, position and type 0 vectors. The word table is frozen; only its last four rows, the markers, are learnt."""

    def __init__(self, size: Size, dropout: float):
        super().__init__()
        self.word_embeddings = nn.Embedding(size.words, size.hidden)
        self.word_embeddings.weight.requires_grad = False
        self.markers = nn.Parameter(torch.zeros(4, size.hidden))
        self.position_embeddings = nn.Embedding(size.positions, size.hidden)
        self.token_type_embeddings = nn.Embedding(2, size.hidden)
        self.LayerNorm = norm(size)
        self.dropout = nn.Dropout(dropout)
        # The exporter puts an 8-bit table here, which then stands in for both of the above.
        self.shipped: nn.Module | None = None

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        places = self.position_embeddings.weight[: ids.shape[1]]
        return self.dropout(self.LayerNorm(self.words(ids) + self.token_type_embeddings.weight[0] + places))

    def words(self, ids: torch.Tensor) -> torch.Tensor:
        """Rows of the word table, the marker rows taken from the trainable copy."""
        if self.shipped is not None:
            return self.shipped(ids)
        first = self.word_embeddings.num_embeddings - 4
        marker = F.embedding((ids - first).clamp(min=0), self.markers)
        return torch.where((ids >= first).unsqueeze(2), marker, F.embedding(ids, self.word_embeddings.weight))


class Bert(nn.Module):
    """BERT whose layers take a picture prefix; position ids start at 0 whatever the prefix."""

    def __init__(self, size: Size, dropout: float):
        super().__init__()
        self.size = size
        self.embeddings = Embeddings(size, dropout)
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(Layer(size, dropout) for _ in range(size.layers))})

    def forward(self, ids, mask, prefix, index, rows=None) -> torch.Tensor:
        """Last hidden states [B,L,H], or only those at `rows` [B,R] (exact: nothing reads the others)."""
        s = self.size
        x = self.embeddings(ids)
        bias = ((1.0 - mask.to(x.dtype)) * -10000.0)[:, None, None, :]
        bias = F.pad(bias, (s.prefix_slots, 0))
        chosen = prefix.index_select(0, index.reshape(-1))
        shape = (-1, s.images, s.layers, 2, s.heads_per_image, s.prefix_slots, s.head_size)
        # Image i fills heads 3i..3i+2, so joining (image, head of image) gives the attention heads.
        by_layer = chosen.reshape(shape).permute(2, 3, 0, 1, 4, 5, 6)
        by_layer = by_layer.reshape(s.layers, 2, -1, s.heads, s.prefix_slots, s.head_size)
        for i, layer in enumerate(self.encoder["layer"]):
            last = rows is not None and i == s.layers - 1
            x = layer(pick(x, rows) if last else x, x, by_layer[i], bias)
        return x


def norm(size: Size) -> nn.LayerNorm:
    """BERT's layer normalisation."""
    return nn.LayerNorm(size.hidden, eps=1e-12)


def pick(x: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Rows [B,R] of x [B,L,H]."""
    return torch.gather(x, 1, rows.long().unsqueeze(2).expand(-1, -1, x.shape[2]))
