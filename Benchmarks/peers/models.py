"""The models of the benchmarks in PyTorch, and their tensors under Rampart's names."""

import torch
from torch import nn


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


MODELS = {
    "logistic": _logistic,
    "mlp": _mlp,
    "cnn-431k": _cnn_431k,
    "cnn-mcmahan": _cnn_mcmahan,
    "lenet-zhu": _lenet_zhu,
}


def build(name, shape, classes):
    """A model for images of `shape`: channels, height, width (square)."""
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
