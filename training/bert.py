"""BERT whose attention also reads keys and values made from pictures; the names follow BERT's checkpoints."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from .letter_case import CASE_STEP, LETTER_CASES


@dataclass(frozen=True)
class Size:
    """Every dimension of the model; the defaults are the small size that ships."""

    layers: int = 6
    hidden: int = 384
    heads: int = 12
    feed_forward: int = 1536
    words: int = 30526
    positions: int = 128
    # Rows of the type table; only the first is read, unless there is one for each letter case.
    token_types: int = 2
    # Ids carry how their word is written (letter_case.py), and the type table has a row for each way.
    letter_case: bool = False
    # Which picture network: "lite0", "resnet", or "" for a model that reads text only.
    trunk: str = "lite0"
    channels: tuple[int, ...] = (24, 40, 112, 320)
    # Blocks per stage; ResNet only.
    blocks: tuple[int, ...] = ()
    images: int = 4
    prompt_tokens: int = 4
    prompt_hidden: int = 256
    # The word table stays as it is, and only its last four rows, the markers, are learnt.
    frozen_words: bool = False

    def __post_init__(self):
        if self.letter_case and self.token_types != LETTER_CASES:
            raise ValueError(f"letter case needs {LETTER_CASES} rows in the type table, not {self.token_types}")
        if self.letter_case and self.words > CASE_STEP:
            raise ValueError(f"letter case leaves room for {CASE_STEP} ids, markers included; the word table has {self.words}")

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

    def forward(self, rows: torch.Tensor, x: torch.Tensor, prefix: torch.Tensor | None, bias: torch.Tensor) -> torch.Tensor:
        """Attends from `rows` [B*R,H] to text `x` [B*L,H] and, if given, `prefix` [2][B,heads,slots,head size].

        `bias` [B,1,1,slots + L] is added to the scores. Rows of all texts are one matrix, so that every linear layer is one
        product of two matrices.
        """
        s = self.size
        texts = bias.shape[0]
        query = self.split(self.self["query"](rows), texts)
        key, value = (self.split(self.self[n](x), texts) for n in ("key", "value"))
        if prefix is not None:
            key, value = torch.cat([prefix[0], key], 2), torch.cat([prefix[1], value], 2)
        scores = query @ key.transpose(2, 3) * s.head_size**-0.5 + bias
        mixed = self.dropout(torch.softmax(scores, 3)) @ value
        joined = mixed.transpose(1, 2).reshape(-1, s.hidden)
        return self.output["LayerNorm"](rows + self.dropout(self.output["dense"](joined)))

    def split(self, x: torch.Tensor, texts: int) -> torch.Tensor:
        """[B*R,H] -> [B,heads,R,head size]."""
        return x.reshape(texts, -1, self.size.heads, self.size.head_size).transpose(1, 2)


class Layer(nn.Module):
    """One post-norm transformer layer."""

    def __init__(self, size: Size, dropout: float):
        super().__init__()
        self.attention = Attention(size, dropout)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(size.hidden, size.feed_forward)})
        self.output = nn.ModuleDict({"dense": nn.Linear(size.feed_forward, size.hidden), "LayerNorm": norm(size)})
        self.dropout = nn.Dropout(dropout)

    def forward(self, rows: torch.Tensor, x: torch.Tensor, prefix: torch.Tensor | None, bias: torch.Tensor) -> torch.Tensor:
        y = self.attention(rows, x, prefix, bias)
        wide = F.gelu(self.intermediate["dense"](y))
        return self.output["LayerNorm"](y + self.dropout(self.output["dense"](wide)))


class Embeddings(nn.Module):
    """Word and position vectors, and those of type 0 or, where ids carry it, of the letter case."""

    def __init__(self, size: Size, dropout: float):
        super().__init__()
        self.letter_case = size.letter_case
        if size.letter_case:
            # So that a checkpoint says what its type table is for.
            self.register_buffer("reads_letter_case", torch.ones(()))
        self.word_embeddings = nn.Embedding(size.words, size.hidden)
        self.markers = None
        if size.frozen_words:
            self.word_embeddings.weight.requires_grad = False
            self.markers = nn.Parameter(torch.zeros(4, size.hidden))
        self.position_embeddings = nn.Embedding(size.positions, size.hidden)
        self.token_type_embeddings = nn.Embedding(size.token_types, size.hidden)
        self.LayerNorm = norm(size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        places = self.position_embeddings.weight[: ids.shape[1]]
        kind = self.token_type_embeddings.weight[0]
        if self.letter_case:
            cases = torch.div(ids, CASE_STEP, rounding_mode="floor")
            ids = ids - cases * CASE_STEP
            kind = F.embedding(cases, self.token_type_embeddings.weight)
        return self.dropout(self.LayerNorm(self.words(ids) + kind + places))

    def words(self, ids: torch.Tensor) -> torch.Tensor:
        """Rows of the word table; of a frozen one, the marker rows come from the trainable copy."""
        rows = F.embedding(ids, self.word_embeddings.weight)
        if self.markers is None:
            return rows
        first = self.word_embeddings.num_embeddings - 4
        marker = F.embedding((ids - first).clamp(min=0), self.markers)
        return torch.where((ids >= first).unsqueeze(2), marker, rows)


class Bert(nn.Module):
    """BERT whose layers take a picture prefix; position ids start at 0 whatever the prefix."""

    def __init__(self, size: Size, dropout: float):
        super().__init__()
        self.size = size
        self.embeddings = Embeddings(size, dropout)
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(Layer(size, dropout) for _ in range(size.layers))})

    def forward(self, ids, mask, prefix=None, index=None, rows=None) -> torch.Tensor:
        """Last hidden states [B,L,H], or only those at `rows` [B,R] (exact: nothing reads the others).

        `prefix` holds distinct pictures [U,layers,2,heads per image,slots,head size], `index` [B,images] says which of them
        fills which slot; without them the model reads text only.
        """
        s = self.size
        x = self.embeddings(ids)
        bias = ((1.0 - mask.to(x.dtype)) * -10000.0)[:, None, None, :]
        by_layer = [None] * s.layers
        if prefix is not None:
            bias = F.pad(bias, (s.prefix_slots, 0))
            by_layer = self.slots(prefix, index)
        flat = x.reshape(-1, s.hidden)
        for i, layer in enumerate(self.encoder["layer"]):
            last = rows is not None and i == s.layers - 1
            asked = pick(flat.reshape(x.shape), rows).reshape(-1, s.hidden) if last else flat
            flat = layer(asked, flat, by_layer[i], bias)
        return flat.reshape(x.shape[0], -1, s.hidden)

    def slots(self, prefix: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        """Keys and values per layer, [layers,2,B,heads,slots,head size]: image i fills heads 3i..3i+2."""
        s = self.size
        chosen = prefix.index_select(0, index.reshape(-1))
        shape = (-1, s.images, s.layers, 2, s.heads_per_image, s.prefix_slots, s.head_size)
        by_layer = chosen.reshape(shape).permute(2, 3, 0, 1, 4, 5, 6)
        return by_layer.reshape(s.layers, 2, -1, s.heads, s.prefix_slots, s.head_size)


def norm(size: Size) -> nn.LayerNorm:
    """BERT's layer normalisation."""
    return nn.LayerNorm(size.hidden, eps=1e-12)


def pick(x: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Rows [B,R] of x [B,L,H]."""
    return torch.gather(x, 1, rows.long().unsqueeze(2).expand(-1, -1, x.shape[2]))
