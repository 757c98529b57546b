"""ResNet with bottleneck blocks as a feature pyramid, under torchvision's names: pictures in, four stage maps out."""

import torch
import torch.nn.functional as F
from torch import nn

# Channels out of a block per channel inside it.
EXPANSION = 4


class Bottleneck(nn.Module):
    """1x1, 3x3 (which carries the stride), 1x1, and a projection of the input where its shape changes."""

    def __init__(self, inp: int, mid: int, stride: int):
        super().__init__()
        out = mid * EXPANSION
        self.conv1 = nn.Conv2d(inp, mid, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(mid)
        self.conv2 = nn.Conv2d(mid, mid, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(mid)
        self.conv3 = nn.Conv2d(mid, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.downsample = None
        if stride != 1 or inp != out:
            self.downsample = nn.Sequential(nn.Conv2d(inp, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    """Pixels [N,3,224,224] -> maps of `4 * width` channels at 56x56, twice as many at half the side, and so on."""

    def __init__(self, blocks: tuple[int, ...] = (3, 4, 6, 3), width: int = 64):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.stages = len(blocks)
        inp = width
        for stage, count in enumerate(blocks):
            mid = width * 2**stage
            layer = nn.Sequential()
            for i in range(count):
                layer.append(Bottleneck(inp, mid, 2 if stage > 0 and i == 0 else 1))
                inp = mid * EXPANSION
            self.add_module(f"layer{stage + 1}", layer)

    def forward(self, pixels: torch.Tensor) -> list[torch.Tensor]:
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(pixels))), 3, 2, padding=1)
        maps = []
        for stage in range(self.stages):
            x = self.get_submodule(f"layer{stage + 1}")(x)
            maps.append(x)
        return maps

    def fold(self) -> None:
        """Moves every BatchNorm's statistics into the convolution before it (evaluation only)."""
        fold_into(self, "conv1", "bn1")
        for block in [m for m in self.modules() if isinstance(m, Bottleneck)]:
            for i in (1, 2, 3):
                fold_into(block, f"conv{i}", f"bn{i}")
            if block.downsample is not None:
                fold_into(block.downsample, "0", "1")


def fold_into(parent: nn.Module, conv_name: str, norm_name: str) -> None:
    """Folds one BatchNorm into one convolution; what is left of the BatchNorm passes its input on."""
    conv, norm = parent.get_submodule(conv_name), parent.get_submodule(norm_name)
    if isinstance(norm, nn.Identity):
        return
    # In double precision, so that folding adds no error of its own.
    gain = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    conv.weight = nn.Parameter((conv.weight.double() * gain[:, None, None, None]).float().detach())
    conv.bias = nn.Parameter((norm.bias.double() - norm.running_mean.double() * gain).float().detach())
    setattr(parent, norm_name, nn.Identity())
