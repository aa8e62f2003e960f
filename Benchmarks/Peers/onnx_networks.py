"""The networks as ONNX models, built node by node, with batch norm folded into the convolutions."""

from collections.abc import Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from architectures import Architecture, Block

Array = NDArray[np.float32]

_OPSET = 17
_IR_VERSION = 9
_EPSILON = 1e-5


class _Graph:
    """Nodes and constants of a graph that is being built. Names are unique across a model."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, **attributes: object) -> str:
        """Adds a node with one output and gives the output's name."""
        output = f"{self.prefix}/{operator}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def constant(self, values: NDArray[np.generic]) -> str:
        """Adds a constant and gives its name."""
        name = f"{self.prefix}/constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name


class OnnxBuilder:
    """Makes the model of an architecture with its weights."""

    def __init__(self, architecture: Architecture, weights: Mapping[str, Array], batch: int) -> None:
        self.architecture = architecture
        self.weights = weights
        self.batch = batch

    def model(self) -> onnx.ModelProto:
        """Input `images`, output `logits`.

        With gates there is an input `thresholds` as well, of one value per gated block: what the log-odds of the
        block's gate have to exceed for the block to run. A block is an `If` then, which takes a single
        condition: such a model is for one image.
        """
        architecture = self.architecture
        if architecture.has_gates and self.batch != 1:
            raise ValueError("an `If` node decides for a single image")
        graph = _Graph("main")
        kernel, stride = architecture.stem_kernel, architecture.stem_stride
        features = graph.add("Relu", self._convolution(graph, "images", "conv1", "bn1", kernel, stride))
        if architecture.has_max_pooling:
            features = graph.add(
                "MaxPool", features, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]
            )
        side = architecture.side
        inputs = [_value("images", [self.batch, 3, side, side])]
        thresholds: list[str] = []
        if architecture.has_gates:
            count = sum(self._has_gate(block) for block in architecture.blocks)
            inputs.append(_value("thresholds", [count]))
            thresholds = [f"threshold{index}" for index in range(count)]
            sizes = graph.constant(np.ones(count, np.int64))
            graph.nodes.append(helper.make_node("Split", ["thresholds", sizes], thresholds, axis=0))
        remaining = iter(thresholds)
        for block in architecture.blocks:
            if self._has_gate(block):
                features = self._gated_block(graph, features, block, next(remaining))
            else:
                features = self._block(graph, features, block)
        pooled = graph.add("Flatten", graph.add("GlobalAveragePool", features))
        linear = [graph.constant(self.weights[f"linear.{name}"]) for name in ("weight", "bias")]
        logits = graph.add("Gemm", pooled, *linear, transB=1)
        graph.nodes.append(helper.make_node("Identity", [logits], ["logits"]))
        outputs = [_value("logits", [self.batch, architecture.classes])]
        made = helper.make_graph(graph.nodes, architecture.name, inputs, outputs, graph.constants)
        opset = [helper.make_opsetid("", _OPSET)]
        model = helper.make_model(made, opset_imports=opset, ir_version=_IR_VERSION)
        onnx.checker.check_model(model)
        return model

    def _has_gate(self, block: Block) -> bool:
        return f"{block.name}.fc1.weight" in self.weights

    def _block(self, graph: _Graph, features: str, block: Block) -> str:
        """The block as in a ResNet: shortcut and branch."""
        name, stride = block.name, block.stride
        if self.architecture.is_bottleneck:
            out = graph.add("Relu", self._numbered(graph, features, name, 1, 1, 1))
            out = graph.add("Relu", self._numbered(graph, out, name, 2, 3, stride))
            out = self._numbered(graph, out, name, 3, 1, 1)
        else:
            out = graph.add("Relu", self._numbered(graph, features, name, 1, 3, stride))
            out = self._numbered(graph, out, name, 2, 3, 1)
        return graph.add("Relu", graph.add("Add", out, self._shortcut(graph, features, block)))

    def _gated_block(self, graph: _Graph, features: str, block: Block, threshold: str) -> str:
        """The block in an `If`, under the gate's decision."""
        opened, closed = _Graph(f"{block.name}/open"), _Graph(f"{block.name}/closed")
        opened_output = self._block(opened, features, block)
        closed_output = self._shortcut(closed, features, block)
        # Features are positive already, so that only a computed shortcut needs the ReLU.
        closed_output = closed.add("Relu" if closed.nodes else "Identity", closed_output)
        condition = graph.add("Greater", self._log_odds(graph, features, block.name), threshold)
        branches = {
            "then_branch": _subgraph(opened, opened_output),
            "else_branch": _subgraph(closed, closed_output),
        }
        return graph.add("If", condition, **branches)

    def _log_odds(self, graph: _Graph, features: str, name: str) -> str:
        """The gate's "execute" less its "skip", in as few operations as there can be: 1 x 1."""
        first, bias = self._folded(f"{name}.fc1", f"{name}.fc1bn")
        second = self.weights[f"{name}.fc2.weight"].reshape(2, -1)
        second_bias = self.weights[f"{name}.fc2.bias"]
        pooled = graph.add("Flatten", graph.add("GlobalAveragePool", features))
        matrix = graph.constant(first.reshape(len(first), -1).T)
        hidden = graph.add("Relu", graph.add("Gemm", pooled, matrix, graph.constant(bias)))
        difference = graph.constant((second[1:] - second[:1]).T)
        return graph.add("Gemm", hidden, difference, graph.constant(second_bias[1:] - second_bias[:1]))

    def _shortcut(self, graph: _Graph, features: str, block: Block) -> str:
        name = f"{block.name}.shortcut"
        if f"{name}.0.weight" in self.weights:
            return self._convolution(graph, features, f"{name}.0", f"{name}.1", 1, block.stride)
        if not block.changes_shape:
            return features
        strided = graph.add(
            "MaxPool", features, kernel_shape=[1, 1], strides=[block.stride, block.stride]
        )
        added = block.outputs - block.inputs
        padding = np.zeros(8, np.int64)
        padding[1], padding[5] = added // 2, added - added // 2
        return graph.add("Pad", strided, graph.constant(padding))

    def _numbered(
        self, graph: _Graph, features: str, name: str, number: int, kernel: int, stride: int
    ) -> str:
        convolution, norm = f"{name}.conv{number}", f"{name}.bn{number}"
        return self._convolution(graph, features, convolution, norm, kernel, stride)

    def _convolution(
        self, graph: _Graph, features: str, name: str, norm: str, kernel: int, stride: int
    ) -> str:
        weight, bias = self._folded(name, norm)
        return graph.add(
            "Conv",
            features,
            graph.constant(weight),
            graph.constant(bias),
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[kernel // 2] * 4,
        )

    def _folded(self, name: str, norm: str) -> tuple[Array, Array]:
        """Weight and bias of a convolution with the batch norm after it, folded in double precision."""
        weight = self.weights[f"{name}.weight"].astype(np.float64)
        bias = self.weights.get(f"{name}.bias", np.zeros(len(weight))).astype(np.float64)
        scale, shift, mean, variance = (
            self.weights[f"{norm}.{suffix}"].astype(np.float64)
            for suffix in ("weight", "bias", "running_mean", "running_var")
        )
        scale = scale / np.sqrt(variance + _EPSILON)
        folded = weight * scale[:, None, None, None]
        return folded.astype(np.float32), (shift + (bias - mean) * scale).astype(np.float32)


def _value(name: str, shape: list[int] | None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _subgraph(graph: _Graph, output: str) -> onnx.GraphProto:
    return helper.make_graph(graph.nodes, graph.prefix, [], [_value(output, None)], graph.constants)
