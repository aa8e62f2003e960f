"""The networks in plain PyTorch, with the authors' names of tensors."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from architectures import Architecture, Block


class Branch(nn.Module):
    """What a block adds to its shortcut, up to the sum; and its gate, if it has one."""

    def __init__(
        self, block: Block, architecture: Architecture, is_projected: bool, has_gate: bool
    ) -> None:
        super().__init__()
        inputs, width, outputs, stride = block.inputs, block.width, block.outputs, block.stride
        self.is_bottleneck = architecture.is_bottleneck
        if self.is_bottleneck:
            self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
            self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
            self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(outputs)
        else:
            self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
            self.conv2 = nn.Conv2d(width, outputs, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.bn2 = nn.BatchNorm2d(width if self.is_bottleneck else outputs)
        self.stride = stride
        self.added_channels = outputs - inputs
        self.shortcut = nn.Sequential()
        if is_projected:
            projection = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(outputs))
        self.is_zero_padded = block.changes_shape and not is_projected
        self.has_gate = has_gate
        if has_gate:
            self.fc1 = nn.Conv2d(inputs, 16, 1)
            self.fc1bn = nn.BatchNorm2d(16)
            self.fc2 = nn.Conv2d(16, 2, 1)

    def residual(self, features: Tensor) -> Tensor:
        """The branch, without the sum and what follows it."""
        out = functional.relu(self.bn1(self.conv1(features)))
        out = self.bn2(self.conv2(out))
        if self.is_bottleneck:
            out = self.bn3(self.conv3(functional.relu(out)))
        return out

    def around(self, features: Tensor) -> Tensor:
        """The shortcut."""
        if self.is_zero_padded:
            before = self.added_channels // 2
            padding = (0, 0, 0, 0, before, self.added_channels - before)
            return functional.pad(features[:, :, :: self.stride, :: self.stride], padding)
        return self.shortcut(features)

    def is_open(self, features: Tensor, threshold: Tensor) -> Tensor:
        """Per image, whether the gate's log-odds exceed the threshold: those for infinity are forced."""
        pooled = functional.adaptive_avg_pool2d(features, 1)
        logits = self.fc2(functional.relu(self.fc1bn(self.fc1(pooled)))).flatten(1)
        return logits[:, 1] - logits[:, 0] > threshold

    def forward(self, features: Tensor) -> Tensor:
        """The block of a ResNet."""
        return functional.relu(self.around(features) + self.residual(features))


class Network(nn.Module):
    """A ResNet. Its subclasses run the same layers, asking the gates."""

    def __init__(self, architecture: Architecture, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        channels, kernel = architecture.stem_channels, architecture.stem_kernel
        self.conv1 = nn.Conv2d(3, channels, kernel, architecture.stem_stride, kernel // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        pooling = nn.MaxPool2d(3, 2, 1) if architecture.has_max_pooling else nn.Identity()
        self.pooling = pooling
        stages: dict[str, list[Branch]] = {}
        for block in architecture.blocks:
            is_projected = f"{block.name}.shortcut.0.weight" in weights
            stage = stages.setdefault(block.name.split(".")[0], [])
            has_gate = f"{block.name}.fc1.weight" in weights
            stage.append(Branch(block, architecture, is_projected, has_gate))
        self.stage_names = list(stages)
        for name, branches in stages.items():
            setattr(self, name, nn.Sequential(*branches))
        self.linear = nn.Linear(architecture.features, architecture.classes)
        self._load(weights)
        self.eval().requires_grad_(False)

    def _load(self, weights: Mapping[str, Tensor]) -> None:
        """Every tensor has to be there, and none may be left over; batch counters mean nothing here."""
        missing, unexpected = self.load_state_dict(dict(weights), strict=False)
        missing = [name for name in missing if not name.endswith("num_batches_tracked")]
        if missing or unexpected:
            raise ValueError(f"the weights do not fit: missing {missing}, left over {unexpected}")

    def branches(self) -> list[Branch]:
        """All blocks in order."""
        return [branch for name in self.stage_names for branch in getattr(self, name)]

    def stem(self, images: Tensor) -> Tensor:
        """All before the first block."""
        return self.pooling(functional.relu(self.bn1(self.conv1(images))))

    def head(self, features: Tensor) -> Tensor:
        """All after the last block."""
        return self.linear(functional.adaptive_avg_pool2d(features, 1).flatten(1))

    def forward(self, images: Tensor) -> Tensor:
        """The logits."""
        features = self.stem(images)
        for name in self.stage_names:
            features = getattr(self, name)(features)
        return self.head(features)


class SkippingNetwork(Network):
    """A ConvNet-AIG with an `if` per block; of a batch, the images whose gates are open are picked out."""

    def forward(self, images: Tensor, thresholds: Tensor) -> Tensor:
        """The logits.

        thresholds: images x gated blocks, what a gate's log-odds have to exceed for the block to run.
        """
        features = self.stem(images)
        gates = iter(thresholds.unbind(1))
        for branch in self.branches():
            if branch.has_gate:
                is_open = branch.is_open(features, next(gates))
                features = self._block(branch, features, is_open)
            else:
                features = branch(features)
        return self.head(features)

    @staticmethod
    def _block(branch: Branch, features: Tensor, is_open: Tensor) -> Tensor:
        if features.shape[0] == 1:
            if is_open.item():
                return branch(features)
            return SkippingNetwork._skipped(branch, features)
        active = is_open.nonzero().flatten()
        if len(active) == len(features):
            return branch(features)
        if len(active) == 0:
            return SkippingNetwork._skipped(branch, features)
        residual = branch.residual(features.index_select(0, active))
        # In place: nobody else has the features, which are what the last block made.
        return branch.around(features).index_add_(0, active, residual).relu_()

    @staticmethod
    def _skipped(branch: Branch, features: Tensor) -> Tensor:
        """The shortcut alone; features are positive already, so that an identity needs nothing done."""
        if branch.is_zero_padded or len(branch.shortcut) > 0:
            return functional.relu(branch.around(features))
        return features


class MultiplyingNetwork(Network):
    """A ConvNet-AIG as its authors run it: every branch is computed, and multiplied by its gate."""

    def forward(self, images: Tensor, thresholds: Tensor) -> Tensor:
        """The logits; see SkippingNetwork."""
        features = self.stem(images)
        gates = iter(thresholds.unbind(1))
        for branch in self.branches():
            residual = branch.residual(features)
            if branch.has_gate:
                is_open = branch.is_open(features, next(gates)).to(features.dtype)
                residual = residual * is_open[:, None, None, None]
            features = functional.relu(branch.around(features) + residual)
        return self.head(features)


def frozen(network: Network, example: Tensor) -> torch.jit.ScriptModule:
    """The network as TorchScript with its weights built in, batch norm folded, and oneDNN's layouts."""
    traced = torch.jit.trace(network, example)
    return torch.jit.optimize_for_inference(torch.jit.freeze(traced))
