"""Training steps in plain PyTorch, of the networks of torch_networks.py."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from architectures import Architecture
from torch_networks import Branch, Network

LEARNING_RATE = 0.05
MOMENTUM = 0.9
WEIGHT_DECAY = 5e-4


class TrainingNetwork(Network):
    """A ResNet or ConvNet-AIG in training mode; gates are straight-through Gumbel-softmax (Jang et al., 2017)."""

    def __init__(self, architecture: Architecture, weights: Mapping[str, Tensor]) -> None:
        super().__init__(architecture, weights)
        self.train().requires_grad_(True)

    def forward(self, images: Tensor, noise: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The logits, and each gate's decisions; noise: gates x images x 2."""
        features = self.stem(images)
        decisions: list[Tensor] = []
        for branch in self.branches():
            residual = branch.residual(features)
            if branch.has_gate:
                decision = self._decide(branch, features, noise[len(decisions)])
                decisions.append(decision)
                residual = residual * decision[:, None, None, None]
            features = functional.relu(branch.around(features) + residual)
        return self.head(features), decisions

    @staticmethod
    def _decide(branch: Branch, features: Tensor, noise: Tensor) -> Tensor:
        pooled = functional.adaptive_avg_pool2d(features, 1)
        logits = branch.fc2(functional.relu(branch.fc1bn(branch.fc1(pooled)))).flatten(1)
        soft = functional.softmax(logits + noise, 1)
        hard = functional.one_hot(soft.argmax(1), 2).to(soft.dtype)
        return (hard - soft.detach() + soft)[:, 1]


class Training:
    """A network that learns, with what it learns from."""

    def __init__(
        self, architecture: Architecture, weights: Mapping[str, Tensor], inputs: Mapping[str, Tensor],
        is_channels_last: bool, target_rate: float, rate_weight: float,
    ) -> None:
        self.network = TrainingNetwork(architecture, weights)
        self.images, self.noise = inputs["images"], inputs["noise"]
        self.labels = inputs["labels"].to(torch.int64)
        if is_channels_last:
            self.network = self.network.to(memory_format=torch.channels_last)
            self.images = self.images.contiguous(memory_format=torch.channels_last)
        self.target_rate, self.rate_weight = target_rate, rate_weight
        self.optimizer = torch.optim.SGD(
            self.network.parameters(), LEARNING_RATE, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY
        )

    def step(self) -> float:
        """Forward, loss, backward and update; the loss."""
        self.optimizer.zero_grad()
        logits, decisions = self.network(self.images, self.noise)
        loss = functional.cross_entropy(logits, self.labels)
        if decisions:
            rates = torch.stack([decision.mean() for decision in decisions])
            loss = loss + self.rate_weight * ((rates - self.target_rate) ** 2).mean()
        loss.backward()
        self.optimizer.step()
        return loss.item()
