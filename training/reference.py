"""What the paper's code computes, step by step as it does it: padded texts, four pictures per call, raw reshapes.

Slow on purpose, and written from the description of the arithmetic alone, sharing nothing with model.py: the yardstick for
exactness (training/parity.py) and for speed (bench/). A state is a checkpoint's dictionary of tensors.
"""

import math

import torch
import torch.nn.functional as F

State = dict[str, torch.Tensor]
IMAGES, TOKENS, LEVELS = 4, 4, 4


def linear(state: State, name: str, x: torch.Tensor) -> torch.Tensor:
    """A linear layer."""
    return F.linear(x, state[f"{name}.weight"], state[f"{name}.bias"])


def batch_norm(state: State, name: str, x: torch.Tensor) -> torch.Tensor:
    """BatchNorm with the checkpoint's statistics."""
    s = lambda part: state[f"{name}.{part}"]
    return F.batch_norm(x, s("running_mean"), s("running_var"), s("weight"), s("bias"), False, 0.0, 1e-5)


def block(state: State, name: str, x: torch.Tensor, stride: int) -> torch.Tensor:
    """A bottleneck block of ResNet."""
    y = F.relu(batch_norm(state, f"{name}.bn1", F.conv2d(x, state[f"{name}.conv1.weight"])))
    y = F.relu(batch_norm(state, f"{name}.bn2", F.conv2d(y, state[f"{name}.conv2.weight"], None, stride, 1)))
    y = batch_norm(state, f"{name}.bn3", F.conv2d(y, state[f"{name}.conv3.weight"]))
    if f"{name}.downsample.0.weight" in state:
        x = batch_norm(state, f"{name}.downsample.1", F.conv2d(x, state[f"{name}.downsample.0.weight"], None, stride))
    return F.relu(x + y)


def picture_features(state: State, pixels: torch.Tensor) -> torch.Tensor:
    """Pixels [N,3,224,224] -> features [N,4,channels]."""
    root = "image_model.resnet"
    x = F.relu(batch_norm(state, f"{root}.bn1", F.conv2d(pixels, state[f"{root}.conv1.weight"], None, 2, 3)))
    x = F.max_pool2d(x, 3, 2, 1)
    pooled = []
    for stage in range(1, 5):
        count = len({n.split(".")[3] for n in state if n.startswith(f"{root}.layer{stage}.")})
        for i in range(count):
            x = block(state, f"{root}.layer{stage}.{i}", x, 2 if stage > 1 and i == 0 else 1)
        half = x.size(2) // 2
        pooled.append(F.avg_pool2d(x, half, half))
    joined = torch.cat(pooled, 1)
    return joined.view(joined.size(0), TOKENS, -1)


def guides(state: State, pictures: torch.Tensor, layers: int, hidden: int, heads: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Keys and values [B,heads,16,head size] per layer, of pictures [B,4,3,224,224]: the whole one, then three crops."""
    batch = pictures.size(0)
    levels = []
    for i in range(IMAGES):
        s = linear(state, "encoder_conv.2", torch.tanh(linear(state, "encoder_conv.0", picture_features(state, pictures[:, i]))))
        levels.append(s.split(2 * hidden, dim=-1))
    result = []
    for layer in range(layers):
        mixed = []
        for parts in levels:
            mean = (sum(parts) / LEVELS).view(batch, -1)
            share = F.softmax(F.leaky_relu(linear(state, f"gates.{layer}", mean)), dim=-1)
            mixed.append(sum(share[:, g].view(-1, 1, 1) * parts[g] for g in range(LEVELS)))
        key, value = torch.cat(mixed, dim=1).split(hidden, dim=-1)
        shape = (batch, heads, -1, hidden // heads)
        result.append((key.reshape(shape), value.reshape(shape)))
    return result


def encode(state: State, ids: torch.Tensor, mask: torch.Tensor, prefix: list | None, heads: int = 12) -> torch.Tensor:
    """Last hidden states [B,L,H] of padded ids [B,L]."""
    norm = lambda name, x: F.layer_norm(x, x.shape[-1:], state[f"{name}.weight"], state[f"{name}.bias"], 1e-12)
    e = "bert.embeddings"
    places = state[f"{e}.position_embeddings.weight"][: ids.size(1)]
    x = F.embedding(ids, state[f"{e}.word_embeddings.weight"]) + state[f"{e}.token_type_embeddings.weight"][0] + places
    x = norm(f"{e}.LayerNorm", x)
    batch, length, hidden = x.shape
    if prefix:
        mask = torch.cat([torch.ones(batch, prefix[0][0].size(2)), mask.float()], dim=1)
    bias = (1.0 - mask.float())[:, None, None, :] * -10000.0
    split = lambda y: y.view(batch, length, heads, -1).permute(0, 2, 1, 3)
    for layer in range(len({n.split(".")[3] for n in state if n.startswith("bert.encoder.layer.")})):
        root = f"bert.encoder.layer.{layer}"
        q, k, v = (split(linear(state, f"{root}.attention.self.{n}", x)) for n in ("query", "key", "value"))
        if prefix:
            k, v = torch.cat([prefix[layer][0], k], 2), torch.cat([prefix[layer][1], v], 2)
        scores = q @ k.transpose(-1, -2) / math.sqrt(hidden // heads) + bias
        mixed = (F.softmax(scores, dim=-1) @ v).permute(0, 2, 1, 3).reshape(batch, length, hidden)
        x = norm(f"{root}.attention.output.LayerNorm", x + linear(state, f"{root}.attention.output.dense", mixed))
        wide = F.gelu(linear(state, f"{root}.intermediate.dense", x))
        x = norm(f"{root}.output.LayerNorm", x + linear(state, f"{root}.output.dense", wide))
    return x


@torch.no_grad()
def hidden_states(state: State, ids: list[int], pictures: torch.Tensor | None, max_seq: int) -> torch.Tensor:
    """Hidden states [max_seq,H] of one text, padded to `max_seq`, with its four pictures [4,3,224,224]."""
    padded = torch.tensor([ids + [0] * (max_seq - len(ids))])
    mask = torch.tensor([[1] * len(ids) + [0] * (max_seq - len(ids))])
    layers = len({n.split(".")[3] for n in state if n.startswith("bert.encoder.layer.")})
    width = state["bert.embeddings.word_embeddings.weight"].shape[1]
    prefix = None if pictures is None else guides(state, pictures[None], layers, width, 12)
    return encode(state, padded, mask, prefix)[0]


def emissions(state: State, ids: list[int], pictures: torch.Tensor | None, max_seq: int) -> torch.Tensor:
    """Label scores [pieces, labels] of one text."""
    return linear(state, "fc", hidden_states(state, ids, pictures, max_seq))[: len(ids)]


def logits(state: State, ids: list[int], head: int, tail: int, pictures: torch.Tensor | None, max_seq: int) -> torch.Tensor:
    """Relation scores [relations] of one pair."""
    states = hidden_states(state, ids, pictures, max_seq)
    return linear(state, "classifier", torch.cat([states[head], states[tail]]))
