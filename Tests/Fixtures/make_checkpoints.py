#!/usr/bin/env python3
"""Make the files of Tests/Fixtures/checkpoints, which tests read without Python.

    python3 Tests/Fixtures/make_checkpoints.py Tests/Fixtures/checkpoints

Needs numpy, torch and safetensors.
"""

import argparse
import collections
import copy
import json
import os
import pickle
import struct
import sys
import zipfile

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    os.makedirs(sys.argv[1], exist_ok=True)
    os.chdir(sys.argv[1])
    pickles()
    torch.manual_seed(1)
    tensors()
    networks()


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


# Tensors of every kind


def tensors():
    matrix = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    views = {
        "whole": matrix, "transposed": matrix.t(), "column": matrix[:, 1], "part": matrix[1:, 2:], "expanded": matrix[0].expand(2, 4),
        "parameter": nn.Parameter(matrix * 2), "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3),
        "channels last": torch.arange(24, dtype=torch.float32).reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
    }
    types = {str(type).removeprefix("torch."): torch.tensor([0, 1, 2, 100]).to(type) for type in (
        torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64,
        torch.bool, torch.uint16, torch.uint32, torch.uint64, torch.complex64, torch.float8_e5m2)}
    others = {"sparse": matrix.to_sparse(), "quantized": torch.quantize_per_tensor(matrix, 0.5, 0, torch.qint8),
              "meta": torch.zeros(3, device="meta"), "fine": matrix}
    for name, values in (("views", views), ("types", types), ("others", others)):
        torch.save(values, f"{name}-zip.pth")
        # The types that came later are not in the older format, although it writes them.
        older = {key: value for key, value in values.items() if key not in ("uint16", "uint32", "uint64", "float8_e5m2")}
        torch.save(older, f"{name}-legacy.pth", _use_new_zipfile_serialization=False)
    big_endian("views-zip.pth", "views-big.pth", 4)
    with open("arrays.pickle", "wb") as file:
        pickle.dump({"c": np.arange(6, dtype=">f4").reshape(2, 3), "f": np.asfortranarray(np.arange(6, dtype="<f8").reshape(2, 3)),
                     "h": np.array([1.5], "<f2"), "i": np.array(3)}, file)


def big_endian(source, target, size):
    """The same archive as a machine of the other byte order writes it, compressed by nothing."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new:
        for entry in old.namelist():
            data = old.read(entry)
            if "/data/" in entry:
                data = np.frombuffer(data, f"<u{size}").astype(f">u{size}").tobytes()
            new.writestr(entry, b"big" if entry.endswith("byteorder") else data)


# Networks


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (y + self.shortcut(x)).relu()


class Network(nn.Module):
    """A ResNet as the authors of ConvNet-AIG name its tensors."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 4, 3, 1, 1, bias=False), nn.BatchNorm2d(4)
        self.layer1, self.layer2 = nn.Sequential(Block(4, 4, 1)), nn.Sequential(Block(4, 8, 2))
        self.linear = nn.Linear(8, 5)

    def forward(self, x):
        return self.linear(self.layer2(self.layer1(self.bn1(self.conv1(x)).relu())).mean((2, 3)))


ARCHITECTURE = {
    "name": "tiny", "input": {"channels": 3, "height": 8, "width": 8}, "stem": {"channels": 4, "kernel": 3}, "blockKind": "basic",
    "stages": [{"width": 4, "blocks": 1, "stride": 1}, {"width": 8, "blocks": 1, "stride": 2}], "classes": 5,
}


class Normalize(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.5, 0.25, 0.125]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.5, 1, 0.25]).view(1, 3, 1, 1))


def network():
    net = Network().eval()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.2)
            nn.init.normal_(module.running_mean, 0, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return net


def transformers_names(state):
    """The names of Hugging Face's transformers."""
    def renamed(name):
        parts = name.split(".")
        kind = lambda layer: "convolution" if layer.startswith("conv") else "normalization"
        if parts[0] in ("conv1", "bn1"):
            return f"resnet.embedder.embedder.{kind(parts[0])}.{parts[1]}"
        if parts[0] == "linear":
            return f"classifier.1.{parts[1]}"
        block = f"resnet.encoder.stages.{int(parts[0][5:]) - 1}.layers.{parts[1]}"
        if parts[2] == "shortcut":
            return f"{block}.shortcut.{('convolution', 'normalization')[int(parts[3])]}.{parts[4]}"
        return f"{block}.layer.{int(parts[2][-1]) - 1}.{kind(parts[2])}.{parts[3]}"
    return {renamed(name): value for name, value in state.items()}


def networks():
    net, other = network(), network()
    state, averaged = net.state_dict(), other.state_dict()
    images = torch.randn(2, 3, 8, 8)
    with open("tiny.json", "w") as file:
        json.dump(ARCHITECTURE, file, indent=2)
    with torch.no_grad():
        save_file({"input": images, "logits": net(images), "averaged": other(images)}, "tiny-logits.safetensors")
    torch.save(state, "tiny-zip.pth")
    torch.save(state, "tiny-legacy.pth", _use_new_zipfile_serialization=False)
    for name, type in (("f32", torch.float32), ("f16", torch.float16), ("bf16", torch.bfloat16)):
        save_file({key: value.to(type) if value.is_floating_point() else value for key, value in state.items()},
                  f"tiny-{name}.safetensors")
    torch.save(net.half().state_dict(), "tiny-f16.pth")
    net.float().load_state_dict(state)
    torch.save(net.double().state_dict(), "tiny-f64.pth")
    state = net.float().state_dict()
    torch.save(net.to(memory_format=torch.channels_last).state_dict(), "tiny-channels-last.pth")
    torch.save(transformers_names(state), "tiny-transformers.pth")

    # What the training loop of torchvision's examples writes.
    trained = copy.deepcopy(net)
    optimizer = torch.optim.SGD(trained.parameters(), 0.1, momentum=0.9)
    trained.train()(images).sum().backward()
    optimizer.step()
    def under(prefix, state=state):
        return {prefix + name: value for name, value in state.items()}
    arguments = argparse.Namespace(arch="tiny", lr=0.1, data="/data", milestones=[1, 2], resume=None)
    torch.save({"epoch": 3, "arch": "tiny", "state_dict": under("module."), "best_acc1": torch.tensor(76.1), "args": arguments,
                "optimizer": optimizer.state_dict()}, "tiny-checkpoint.pth.tar")
    torch.save({"model": state, "model_ema": under("module.", averaged), "epoch": 1}, "tiny-ema.pth")
    save_file({**under("model._orig_mod."), **under("model_ema.", averaged)}, "tiny-ema.safetensors")
    torch.save({**under("module.", averaged), "n_averaged": torch.tensor(7)}, "tiny-averaged.pth")
    torch.save(nn.Sequential(Normalize(), net).state_dict(), "tiny-normalized.pth")
    torch.save({"student": state, "teacher": averaged}, "tiny-teacher.pth")
    torch.save(net, "tiny-whole-model.pth")
    torch.save({**state, "conv1.weight": state["conv1.weight"].to_sparse(), "linear.bias": torch.arange(5),
                "bn1.weight": state["bn1.weight"].to(torch.complex64)}, "tiny-wrong.pth")


def write(name, contents):
    with open(name, "wb") as file:
        file.write(contents)


if __name__ == "__main__":
    main()
