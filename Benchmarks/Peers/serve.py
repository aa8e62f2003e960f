#!/usr/bin/env python3
"""Runs the peers of the benchmark on request: `Benchmarks/run --peers` starts this and talks to it.

Requests and replies are lines of JSON on standard input and output. `PeerRequest` and `PeerReply` of the
benchmark say what is in them. Nothing runs between a reply and the next request, but for the threads of a
runtime that spin for a while after they have worked; whoever asks has to wait that out.
"""

import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any, TextIO

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file

from architectures import Architecture
from onnx_networks import OnnxBuilder
from torch_networks import MultiplyingNetwork, Network, SkippingNetwork, frozen
from torch_training import Training

Array = NDArray[np.float32]
Runner = Callable[[Array, Array], Array]


class Peers:
    """The peers of one network at one batch size, as loaded."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.runners: dict[str, Runner] = {}
        self.inputs: dict[str, Array] = {}
        self.trainings: dict[str, Training] = {}
        torch.set_num_threads(threads)
        torch.set_num_interop_threads(1)

    def clear(self) -> None:
        """Gives up all that was loaded."""
        self.runners, self.inputs, self.trainings = {}, {}, {}

    def load(self, network: str, weights_path: str, inputs_path: str, peers: list[str]) -> None:
        """Loads peers of a network, beside those that are there; inputs are the same for all."""
        architecture = Architecture.named(network)
        weights = load_file(weights_path)
        self.inputs = load_file(inputs_path)
        for peer in peers:
            self.runners[peer] = self._runner(peer, architecture, weights)

    def run(self, peer: str, batch: int, masks: list[str], untimed: int, runs: int) -> dict[str, Any]:
        """Times a peer on an input and on routes: masks of 0 and 1 per gated block, one for each image."""
        images = self.inputs[str(batch)]
        thresholds = np.array(
            [[-np.inf if bit == "1" else np.inf for bit in mask] for mask in masks], np.float32
        )
        runner = self.runners[peer]
        milliseconds: list[float] = []
        logits = np.zeros(0, np.float32)
        for index in range(untimed + runs):
            start = time.perf_counter()
            logits = runner(images, thresholds)
            if index >= untimed:
                milliseconds.append((time.perf_counter() - start) * 1e3)
        return {"milliseconds": milliseconds, "logits": logits}

    def load_training(self, request: dict[str, Any]) -> None:
        """Loads a network to be trained, in PyTorch's usual order of dimensions or with channels last."""
        tensors = {
            file: {name: torch.from_numpy(values) for name, values in load_file(request[file]).items()}
            for file in ("weights", "inputs")
        }
        peer = request["peer"]
        self.trainings[peer] = Training(
            Architecture.named(request["network"]), tensors["weights"], tensors["inputs"],
            is_channels_last=peer == "pytorch-training-channels-last", target_rate=request["targetRate"],
            rate_weight=request["rateWeight"],
        )

    def train(self, peer: str, untimed: int, runs: int) -> dict[str, Any]:
        """Times training steps."""
        milliseconds: list[float] = []
        losses: list[float] = []
        for index in range(untimed + runs):
            start = time.perf_counter()
            losses.append(self.trainings[peer].step())
            if index >= untimed:
                milliseconds.append((time.perf_counter() - start) * 1e3)
        return {"milliseconds": milliseconds, "losses": losses}

    def _runner(self, peer: str, architecture: Architecture, weights: dict[str, Array]) -> Runner:
        if peer.startswith("onnxruntime-"):
            batch = len(self.inputs["0"])
            return self._onnx_runner(OnnxBuilder(architecture, weights, batch))
        tensors = {name: torch.from_numpy(values) for name, values in weights.items()}
        match peer:
            case "pytorch-dense":
                return _torch_runner(Network(architecture, tensors), is_gated=False)
            case "pytorch-frozen":
                example = torch.from_numpy(self.inputs["0"])
                return _torch_runner(frozen(Network(architecture, tensors), example), is_gated=False)
            case "pytorch-if":
                return _torch_runner(SkippingNetwork(architecture, tensors), is_gated=True)
            case "pytorch-multiplied":
                return _torch_runner(MultiplyingNetwork(architecture, tensors), is_gated=True)
        raise ValueError(f"there is no peer {peer}")

    def _onnx_runner(self, builder: OnnxBuilder) -> Runner:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        session = onnxruntime.InferenceSession(
            builder.model().SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        if builder.architecture.has_gates:
            return lambda images, thresholds: session.run(
                None, {"images": images, "thresholds": thresholds[0]}
            )[0]
        return lambda images, thresholds: session.run(None, {"images": images})[0]


def _torch_runner(network: Callable[..., torch.Tensor], is_gated: bool) -> Runner:
    def run(images: Array, thresholds: Array) -> Array:
        with torch.inference_mode():
            arguments = [torch.from_numpy(images)]
            if is_gated:
                arguments.append(torch.from_numpy(thresholds))
            return network(*arguments).numpy()

    return run


def answer(peers: Peers, request: dict[str, Any]) -> dict[str, Any]:
    """The reply to one request."""
    match request["command"]:
        case "clear":
            peers.clear()
            return {}
        case "load":
            peers.load(request["network"], request["weights"], request["inputs"], request["peers"])
            return {}
        case "run":
            runs = (request["untimed"], request["runs"])
            outcome = peers.run(request["peer"], request["input"], request["masks"], *runs)
            reply: dict[str, Any] = {"milliseconds": outcome["milliseconds"]}
            if request["wantsLogits"]:
                # Not a number is no JSON.
                logits = outcome["logits"].ravel().tolist()
                reply["logits"] = [value if np.isfinite(value) else None for value in logits]
            return reply
        case "loadTraining":
            peers.load_training(request)
            return {}
        case "train":
            return peers.train(request["peer"], request["untimed"], request["runs"])
    raise ValueError(f"there is no command {request['command']}")


def serve(requests: TextIO, replies: TextIO, threads: int) -> None:
    """Answers until there are no more requests."""

    def send(reply: dict[str, Any]) -> None:
        replies.write(json.dumps(reply) + "\n")
        replies.flush()

    peers = Peers(threads)
    versions = {"ONNX Runtime": onnxruntime.__version__, "PyTorch": torch.__version__}
    send({"versions": versions})
    for line in requests:
        try:
            reply = answer(peers, json.loads(line))
        except Exception as error:  # whatever it is, who asked has to know
            reply = {"error": f"{type(error).__name__}: {error}"}
        send(reply)


def main() -> None:
    """Keeps standard output for replies: what libraries print goes to standard error."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    serve(sys.stdin, replies, int(sys.argv[1]))


if __name__ == "__main__":
    main()
