#!/usr/bin/env python3
"""Make the files of Tests/Fixtures/checkpoints, which tests read without Python.

    python3 Tools/make_checkpoint_fixtures.py Tests/Fixtures/checkpoints

Needs numpy, torch and safetensors.
"""

import collections
import os
import pickle
import struct
import sys

import numpy as np


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    os.makedirs(sys.argv[1], exist_ok=True)
    os.chdir(sys.argv[1])
    pickles()


# Plain values and arrays of NumPy


def pickles():
    shared = ["shared"]
    values = {
        "none": None, "true": True, "false": False, "small": 7, "byte": 200, "word": 60000, "negative": -5,
        "int32": -(2**31), "int64": 2**62, "lowest": -(2**63), "large": 2**80, "pi": 3.141592653589793,
        "infinite": float("inf"), "text": "naïve ☃ 😀\n\\u", "long text": "x" * 300, "bytes": b"\x00\xff'\"\\\n",
        "long bytes": bytes(range(256)) * 2, "empty": [(), [], {}, "", b""], "tuple": (1, 2, 3), "tuple4": (1, 2, 3, 4),
        "set": {5}, "frozen": frozenset([6]), "list": list(range(5)), "nested": [[[["deep"]]]], "shared": [shared, shared],
        "ordered": collections.OrderedDict([("b", 1), ("a", 2)]), "default": collections.defaultdict(list, {"k": [1]}),
        "bytearray": bytearray(b"abc"), "complex": 1 + 2j, 3: "a number as the key",
    }
    arrays = {
        "float32": np.arange(6, dtype="<f4").reshape(2, 3), "fortran": np.asfortranarray(np.arange(6, dtype="<i8").reshape(2, 3)),
        "big": np.arange(3, dtype=">i4"), "bool": np.array([True, False]), "scalar": np.float64(2.5),
        "zero-dimensional": np.array(5, dtype="<i2"), "empty": np.zeros((0, 4), "<f8"),
    }
    for protocol in range(6):
        write(f"values-{protocol}.pickle", pickle.dumps(values, protocol))
        write(f"arrays-{protocol}.pickle", pickle.dumps(arrays, protocol))
    for protocol in (0, 2, 4):
        write(f"cifar-{protocol}.pickle", pickle.dumps(batch(), protocol))
    write("cifar-python2.pickle", python2(batch()))


def batch():
    """A batch of CIFAR-100 for Python, of two pictures, which are 12 bytes each."""
    data = np.arange(24, dtype=np.uint8).reshape(2, 12) * 10
    return {b"batch_label": b"training batch 1 of 5", b"fine_labels": [19, 29], b"coarse_labels": [11, 15], b"data": data,
            b"filenames": [b"leptodactylus_pentadactylus_s_000004.png", b"camion_s_000148.png"]}


def python2(batch):
    """What Python 2 writes: its strings are bytes, and NumPy's old state has them too. This is how CIFAR is published."""
    def string(value):
        return (b"U" + bytes([len(value)]) if len(value) < 256 else b"T" + struct.pack("<i", len(value))) + value

    def value(item):
        if isinstance(item, bytes):
            return string(item)
        if isinstance(item, int):
            return b"K" + bytes([item])
        if isinstance(item, list):
            return b"](" + b"".join(map(value, item)) + b"e"
        shape = b"".join(b"K" + bytes([extent]) for extent in item.shape) + b"\x86"
        dtype = b"cnumpy\ndtype\n" + string(b"u1") + b"K\x00K\x01\x87R(K\x03" + string(b"|") + b"NNN" + b"J\xff\xff\xff\xff" * 2 + b"K\x00tb"
        return (b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + string(b"b") + b"\x87R(K\x01" + shape + dtype
                + b"\x89" + string(item.tobytes()) + b"tb")

    return b"\x80\x02}q\x01(" + b"".join(string(key) + value(item) for key, item in batch.items()) + b"u."


def write(name, contents):
    with open(name, "wb") as file:
        file.write(contents)


if __name__ == "__main__":
    main()
