#!/usr/bin/env python3
"""Convert a PyTorch checkpoint of a ResNet or ConvNet-AIG to safetensors.

    python3 Tools/convert_checkpoint.py model_best.pth.tar model.safetensors

Reads .pth, .pth.tar and .th files, old and new. Tensor names are kept: the library recognises the authors',
torchvision's and the CIFAR ResNets' names by itself. Needs torch and safetensors.
"""

import argparse
import os
import re
import sys
import tempfile

NESTED_KEYS = ("state_dict", "model_state_dict", "model", "net")
IMAGENET = {
    ((2, 2, 2, 2), False): 18,
    ((3, 4, 6, 3), False): 34,
    ((3, 4, 6, 3), True): 50,
    ((3, 4, 23, 3), True): 101,
    ((3, 8, 36, 3), True): 152,
}


class ConversionError(Exception):
    """Something the user can understand and act upon."""


def main():
    arguments = parse_arguments()
    try:
        convert(arguments)
    except ConversionError as error:
        sys.exit(f"convert_checkpoint.py: {error}")


def parse_arguments():
    parser = argparse.ArgumentParser(
        description="Convert a PyTorch checkpoint of a ResNet or ConvNet-AIG to safetensors.",
        epilog="The options end up in the file's metadata, so that the library needs not be told.",
    )
    parser.add_argument("input", help="checkpoint: .pth, .pth.tar or .th")
    parser.add_argument("output", help="safetensors file to write")
    parser.add_argument(
        "--architecture", metavar="NAME", help="e.g. convnet-aig-50; by default told from the tensors"
    )
    parser.add_argument(
        "--mean", type=numbers, metavar="R,G,B", help="what images are normalised with (white is 1)"
    )
    parser.add_argument("--std", type=numbers, metavar="R,G,B", help="likewise")
    parser.add_argument("--classes", type=names, metavar="A,B,...", help="the classes' names, in order")
    arguments = parser.parse_args()
    if (arguments.mean is None) != (arguments.std is None):
        parser.error("--mean and --std go together")
    if arguments.mean and len(arguments.mean) != len(arguments.std):
        parser.error("--mean and --std must have as many numbers as one another")
    if arguments.std and any(value <= 0 for value in arguments.std):
        parser.error("--std must be positive")
    return arguments


def numbers(text):
    values = [float(field) for field in text.split(",")]
    if not all(abs(value) < 1e30 for value in values):
        raise ValueError
    return values


def names(text):
    fields = [field.strip() for field in text.split(",")]
    if not all(fields):
        raise argparse.ArgumentTypeError("an empty class name")
    return fields


def convert(arguments):
    try:
        import torch
        from safetensors.torch import save_file
    except ImportError as error:
        raise ConversionError(
            f"the Python module {error.name!r} is missing. Install what is needed with\n"
            "    python3 -m pip install torch safetensors numpy "
            "--extra-index-url https://download.pytorch.org/whl/cpu"
        ) from None

    tensors = {}
    for name, value in find_state_dict(load(torch, arguments.input), torch, arguments.input).items():
        if name.endswith("num_batches_tracked"):
            continue
        tensors[name] = as_float32(torch, name, value)

    architecture = arguments.architecture or guess_architecture(tensors)
    metadata = {"format": "pt"}
    if architecture:
        metadata["architecture"] = architecture
    if arguments.mean:
        metadata["mean"] = ",".join(repr(value) for value in arguments.mean)
        metadata["std"] = ",".join(repr(value) for value in arguments.std)
    if arguments.classes:
        check_class_count(tensors, arguments.classes)
        metadata["classes"] = ",".join(arguments.classes)

    write(save_file, tensors, metadata, arguments.output)
    parameters = sum(tensor.numel() for tensor in tensors.values())
    print(f"{arguments.output}: {len(tensors)} tensors, {parameters:,} values")
    if architecture:
        origin = "" if arguments.architecture else " (told from the tensors)"
        print(f"architecture: {architecture}{origin}")
    else:
        print(
            "architecture: not recognised. The file does not name it; pass --architecture, or give the "
            "architecture when loading.",
            file=sys.stderr,
        )


def load(torch, path):
    import pickle

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ConversionError(f"cannot read {path}: {error.strerror or error}") from None
    except pickle.UnpicklingError as error:
        # The exception's own advice is to load unsafely; only its reason is passed on.
        found = re.search(r"(?:GLOBAL|global) ([\w.]+)", str(error))
        reason = f"it refers to {found.group(1)}" if found else str(error).strip().splitlines()[0]
        raise ConversionError(
            f"{path} holds more than tensors ({reason}), and loading that could run any code the file "
            "contains, so it is not done here. If you trust where the file comes from, save its weights "
            "alone with\n"
            "    import torch\n"
            f"    checkpoint = torch.load({path!r}, map_location='cpu', weights_only=False)\n"
            "    torch.save(checkpoint.get('state_dict', checkpoint), 'weights.pth')\n"
            "(instead of 'state_dict', the key the tensors are under), and convert weights.pth."
        ) from None
    except Exception as error:  # Damaged files raise almost anything: EOFError, RuntimeError, KeyError ...
        reason = str(error).strip().splitlines()
        raise ConversionError(
            f"{path} is no PyTorch checkpoint, or damaged ({': '.join([type(error).__name__] + reason[:1])})"
        ) from None


def find_state_dict(checkpoint, torch, path):
    """The dictionary of tensors: the checkpoint itself, or what training scripts nest it under."""
    candidates = [checkpoint]
    if isinstance(checkpoint, dict):
        candidates = [checkpoint.get(key) for key in NESTED_KEYS] + candidates
    for candidate in candidates:
        if isinstance(candidate, dict) and candidate:
            if all(isinstance(k, str) and isinstance(v, torch.Tensor) for k, v in candidate.items()):
                return candidate
    keys = type(checkpoint).__name__
    if isinstance(checkpoint, dict):
        keys = ", ".join(map(str, list(checkpoint)[:10])) or "nothing"
    raise ConversionError(
        f"{path} has no dictionary of tensors at its top or under {', '.join(NESTED_KEYS)}; it has {keys}"
    )


def as_float32(torch, name, tensor):
    if tensor.layout != torch.strided or tensor.is_complex() or tensor.is_quantized:
        raise ConversionError(
            f"{name} is {tensor.dtype} ({tensor.layout}), which cannot be converted to float32"
        )
    if tensor.dtype != torch.float32:
        dtype = str(tensor.dtype).removeprefix("torch.")
        print(f"note: {name} is {dtype}, converted to float32", file=sys.stderr)
    # Cloning separates tensors that share storage, which safetensors cannot express.
    return tensor.detach().to(torch.float32).clone(memory_format=torch.contiguous_format)


def guess_architecture(tensors):
    """The name of the network whose blocks are those in the tensors' names, or None."""
    blocks = {}
    keys = [name.removeprefix("module.") for name in tensors]
    for key in keys:
        found = re.match(r"layer(\d+)\.(\d+)\.", key)
        if found:
            blocks.setdefault(int(found.group(1)), set()).add(int(found.group(2)))
    if sorted(blocks) != list(range(1, len(blocks) + 1)):
        return None
    counts = tuple(len(blocks[stage]) for stage in sorted(blocks))
    bottleneck = any(re.match(r"layer\d+\.\d+\.conv3\.", key) for key in keys)
    prefix = "convnet-aig" if any(re.match(r"layer\d+\.\d+\.fc1\.", key) for key in keys) else "resnet"
    shapes = {name.removeprefix("module."): tuple(tensor.shape) for name, tensor in tensors.items()}
    stem = shapes.get("conv1.weight")
    if len(counts) == 3 and len(set(counts)) == 1 and not bottleneck and stem == (16, 3, 3, 3):
        return f"{prefix}-cifar-{6 * counts[0] + 2}"
    if (counts, bottleneck) in IMAGENET and stem == (64, 3, 7, 7):
        return f"{prefix}-{IMAGENET[counts, bottleneck]}"
    return None


def check_class_count(tensors, classes):
    for name, tensor in tensors.items():
        if name.removeprefix("module.") in ("linear.bias", "fc.bias") and tensor.shape[0] != len(classes):
            raise ConversionError(f"--classes names {len(classes)} classes, but {name} has {tensor.shape[0]}")


def write(save_file, tensors, metadata, path):
    """Writes beside the destination and renames, so that no half-written file is ever there."""
    folder = os.path.dirname(os.path.abspath(path))
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(suffix=".safetensors.tmp", prefix=".", dir=folder)
        os.close(descriptor)
        save_file(tensors, temporary, metadata=metadata)
        # mkstemp makes files private; give this one the permissions of any new file.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        raise ConversionError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        if temporary and os.path.exists(temporary):
            os.remove(temporary)


if __name__ == "__main__":
    main()
