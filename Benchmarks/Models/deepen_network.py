#!/usr/bin/env python3
"""Makes a CIFAR ResNet deeper without changing what it computes (Net2DeeperNet, Chen et al. 2016).

    Benchmarks/Models/deepen_network.py OUTPUT INPUT DEPTH

DEPTH is 6n + 2, as of He et al. 2016: three stages of n blocks. The new blocks are spread evenly among the old ones, never
first in a stage. Their convolutions are drawn as a new network's (He et al. 2015); the scale of their last batch norm is 0
(Goyal et al. 2017), so that each hands on what it is given until it has been trained. Files are safetensors with 32-bit
floats, and metadata that names the architecture.
"""

import array
import random
import re
import sys

from float_safetensors import read, write

SEED = 1


def positions(old, new):
    """Where a stage's old blocks come to stand: rising, from 0 on."""
    return [block * new // old for block in range(old)]


def new_block(channels, generator):
    """Tensors of a block that adds nothing, by their names within it."""
    deviation = (2 / (9 * channels)) ** 0.5

    def convolution():
        count = channels * channels * 9
        return [channels, channels, 3, 3], array.array("f", (generator.gauss(0, deviation) for _ in range(count)))

    def constant(value):
        return [channels], array.array("f", [value] * channels)

    tensors = {}
    for layer, scale in (("1", 1), ("2", 0)):
        tensors[f"conv{layer}.weight"] = convolution()
        tensors[f"bn{layer}.weight"] = constant(scale)
        tensors[f"bn{layer}.bias"] = constant(0)
        tensors[f"bn{layer}.running_mean"] = constant(0)
        tensors[f"bn{layer}.running_var"] = constant(1)
    return tensors


def main():
    if len(sys.argv) != 4 or not sys.argv[3].isdigit():
        sys.exit(__doc__)
    output, path, depth = sys.argv[1], sys.argv[2], int(sys.argv[3])
    metadata, tensors = read(path)
    name = re.fullmatch(r"resnet-cifar-(\d+)", metadata.get("architecture", ""))
    if name is None:
        sys.exit(f"{path}: its metadata must name a resnet-cifar; it has {metadata.get('architecture')!r}.")
    old, new = (int(name[1]) - 2) // 6, (depth - 2) // 6
    if depth % 6 != 2 or new <= old:
        sys.exit(f"{depth} is no depth: it must be 6n + 2 and more than {name[1]}.")
    places = positions(old, new)
    generator = random.Random(SEED)
    deeper = {}
    for tensor_name, tensor in tensors.items():
        block = re.fullmatch(r"layer(\d)\.(\d+)\.(.+)", tensor_name)
        deeper[f"layer{block[1]}.{places[int(block[2])]}.{block[3]}" if block else tensor_name] = tensor
    for stage, channels in enumerate((16, 32, 64), start=1):
        for block in sorted(set(range(new)) - set(places)):
            for tensor_name, tensor in new_block(channels, generator).items():
                deeper[f"layer{stage}.{block}.{tensor_name}"] = tensor
    metadata["architecture"] = f"resnet-cifar-{depth}"
    write(output, metadata, deeper)


if __name__ == "__main__":
    main()
