"""Safetensors files of 32-bit floats, without packages: metadata, and tensors as name -> (shape, array of floats)."""

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
            sys.exit(f"{path}: {name} is {info['dtype']}; only F32 can be read.")
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
