#!/usr/bin/env python3
"""Averages networks that were trained from the same start (model soups, Wortsman et al. 2022).

    Tools/average_weights.py OUTPUT FIRST OTHER...

Every tensor of FIRST becomes the mean of those of its name in all files that have it, and keeps FIRST's metadata: so a
ConvNet-AIG averaged with its ResNet keeps its gates. Files are safetensors with 32-bit floats.
"""

import array
import json
import struct
import sys


def read(path):
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, info in header.items():
        if info["dtype"] != "F32":
            sys.exit(f"{path}: {name} is {info['dtype']}; only F32 can be averaged.")
        begin, end = (8 + length + offset for offset in info["data_offsets"])
        values = array.array("f", content[begin:end])
        if sys.byteorder == "big":
            values.byteswap()
        tensors[name] = (info["shape"], values)
    return metadata, tensors


def write(path, metadata, tensors):
    header, parts, offset = {"__metadata__": metadata}, [], 0
    for name, (shape, values) in tensors.items():
        if sys.byteorder == "big":
            values = array.array("f", values)
            values.byteswap()
        parts.append(values.tobytes())
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + len(parts[-1])]}
        offset += len(parts[-1])
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


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
