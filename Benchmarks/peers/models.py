"""The models of the benchmarks in PyTorch, and their tensors under Rampart's names."""

import torch
from torch import nn
from torch.nn import functional as F


def _mlp(channels, side, classes):
    width = channels * side * side
    return nn.Sequential(
        nn.Flatten(), nn.Linear(width, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(),
        nn.Linear(200, classes))


def _logistic(channels, side, classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(channels * side * side, classes))


def _cnn_431k(channels, side, classes):
    last = (((side - 4) // 2) - 4) // 2
    return nn.Sequential(
        nn.Conv2d(channels, 20, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(20, 50, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(50 * last * last, 500), nn.ReLU(), nn.Linear(500, classes))


def _cnn_mcmahan(channels, side, classes):
    return nn.Sequential(
        nn.Conv2d(channels, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * (side // 4) ** 2, 512), nn.ReLU(), nn.Linear(512, classes))


def _lenet_zhu(channels, side, classes):
    last = (side + 3) // 4
    return nn.Sequential(
        nn.Conv2d(channels, 12, 5, padding=2, stride=2), nn.Sigmoid(),
        nn.Conv2d(12, 12, 5, padding=2, stride=2), nn.Sigmoid(),
        nn.Conv2d(12, 12, 5, padding=2, stride=1), nn.Sigmoid(),
        nn.Flatten(), nn.Linear(12 * last * last, classes))


class _ResNet20(nn.Module):
    """Stages of 16, 32 and 64 channels, three blocks each; 1x1 convolutions as shortcuts."""

    class Block(nn.Module):
        def __init__(self, norm, inputs, outputs, stride):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), norm(outputs), nn.ReLU(),
                nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), norm(outputs))
            self.shortcut = nn.Sequential() if stride == 1 else nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), norm(outputs))

        def forward(self, x):
            return F.relu(self.body(x) + self.shortcut(x))

    def __init__(self, norm, channels, classes):
        super().__init__()
        layers = [nn.Conv2d(channels, 16, 3, 1, 1, bias=False), norm(16), nn.ReLU()]
        inputs = 16
        for outputs in (16, 32, 64):
            for block in range(3):
                stride = 2 if outputs > 16 and block == 0 else 1
                layers.append(self.Block(norm, inputs, outputs, stride))
                inputs = outputs
        self.layers = nn.Sequential(
            *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, classes))

    def forward(self, x):
        return self.layers(x)


def _resnet_20_group(channels, side, classes):
    return _ResNet20(lambda width: nn.GroupNorm(8, width), channels, classes)


def _resnet_20_batch(channels, side, classes):
    return _ResNet20(nn.BatchNorm2d, channels, classes)


class _Text(nn.Module):
    """The mean of token vectors, then a dense layer; tokens come as numbers of any type."""

    def __init__(self, classes):
        super().__init__()
        self.embedding = nn.Embedding(1000, 64)
        self.classifier = nn.Linear(64, classes)

    def forward(self, x):
        return self.classifier(self.embedding(x.long()).mean(1))


def _text(channels, side, classes):
    return _Text(classes)


MODELS = {
    "logistic": _logistic,
    "mlp": _mlp,
    "cnn-431k": _cnn_431k,
    "cnn-mcmahan": _cnn_mcmahan,
    "lenet-zhu": _lenet_zhu,
    "resnet-20-group": _resnet_20_group,
    "resnet-20-batch": _resnet_20_batch,
    "text": _text,
}


def build(name, shape, classes):
    """A model for images of `shape`: channels, height, width (square); or rows of tokens."""
    return MODELS[name](shape[0], shape[-1], classes)


def named_tensors(model):
    """Parameters and buffers by kind and order: conv1.weight, fc2.bias, norm1.running_mean."""
    kinds = {nn.Linear: "fc", nn.Conv2d: "conv", nn.Embedding: "embedding"}
    count, tensors = {}, {}
    for module in model.modules():
        own = dict(module.named_parameters(recurse=False))
        own.update(module.named_buffers(recurse=False))
        if not own:
            continue
        kind = kinds.get(type(module), "norm")
        count[kind] = count.get(kind, 0) + 1
        for name, tensor in own.items():
            tensors[f"{kind}{count[kind]}.{name}"] = tensor
    return tensors
