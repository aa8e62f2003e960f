#!/usr/bin/env python3
"""Averages networks that were trained from the same start (model soups, Wortsman et al. 2022).

    Benchmarks/Models/average_weights.py OUTPUT FIRST OTHER...

Every tensor of FIRST becomes the mean of those of its name in all files that have it, and keeps FIRST's metadata: so a
ConvNet-AIG averaged with its ResNet keeps its gates. Files are safetensors with 32-bit floats.
"""

import array
import sys

from float_safetensors import read, write


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    output, first, others = sys.argv[1], sys.argv[2], sys.argv[3:]
    metadata, tensors = read(first)
    files = [tensors] + [read(path)[1] for path in others]
    averages = {}
    for name, (shape, _) in tensors.items():
        found = [file[name] for file in files if name in file]
        if any(other != shape for other, _ in found):
            sys.exit(f"{name} has different shapes: {[other for other, _ in found]}; these are different networks.")
        mean = [sum(values) / len(found) for values in zip(*(values for _, values in found))]
        averages[name] = (shape, array.array("f", mean))
    write(output, metadata, averages)


if __name__ == "__main__":
    main()
