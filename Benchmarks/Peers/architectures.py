"""The networks by name, stated here anew: nothing is taken from the library that they are compared with."""

from dataclasses import dataclass

_IMAGENET_DEPTHS: dict[int, tuple[tuple[int, ...], bool]] = {
    18: ((2, 2, 2, 2), False),
    34: ((3, 4, 6, 3), False),
    50: ((3, 4, 6, 3), True),
    101: ((3, 4, 23, 3), True),
    152: ((3, 8, 36, 3), True),
}
_PLAIN = "resnet-"
_ADAPTIVE = "convnet-aig-"
_CIFAR = "cifar-"


@dataclass(frozen=True)
class Block:
    """A residual block; `width` is that of its inner convolutions."""

    name: str
    inputs: int
    width: int
    outputs: int
    stride: int

    @property
    def changes_shape(self) -> bool:
        """Whether the shortcut cannot be the identity."""
        return self.stride != 1 or self.inputs != self.outputs


@dataclass(frozen=True)
class Architecture:
    """A ResNet (He et al., 2015) or, with gates, a ConvNet-AIG (Veit and Belongie, 2018)."""

    name: str
    side: int
    classes: int
    stem_kernel: int
    stem_stride: int
    stem_channels: int
    has_max_pooling: bool
    is_bottleneck: bool
    has_gates: bool
    blocks: tuple[Block, ...]

    @property
    def features(self) -> int:
        """Channels that the classifier sees."""
        return self.blocks[-1].outputs

    @classmethod
    def named(cls, name: str) -> "Architecture":
        """The network of a name such as convnet-aig-50 or resnet-cifar-110."""
        has_gates = name.startswith(_ADAPTIVE)
        if not has_gates and not name.startswith(_PLAIN):
            raise ValueError(f"there is no network {name}")
        depth = name.removeprefix(_ADAPTIVE if has_gates else _PLAIN)
        if depth.startswith(_CIFAR):
            repeats = (int(depth.removeprefix(_CIFAR)) - 2) // 6
            return cls(
                name, 32, 10, 3, 1, 16, False, False, has_gates, _blocks((repeats,) * 3, 16, False)
            )
        counts, is_bottleneck = _IMAGENET_DEPTHS[int(depth)]
        blocks = _blocks(counts, 64, is_bottleneck)
        return cls(name, 224, 1000, 7, 2, 64, True, is_bottleneck, has_gates, blocks)


def _blocks(counts: tuple[int, ...], width: int, is_bottleneck: bool) -> tuple[Block, ...]:
    """Stages of so many blocks: each halves the image, but for the first, and doubles the width."""
    blocks: list[Block] = []
    inputs = width
    for stage, count in enumerate(counts):
        stage_width = width << stage
        outputs = stage_width * (4 if is_bottleneck else 1)
        for index in range(count):
            stride = 2 if stage > 0 and index == 0 else 1
            blocks.append(Block(f"layer{stage + 1}.{index}", inputs, stage_width, outputs, stride))
            inputs = outputs
    return tuple(blocks)
