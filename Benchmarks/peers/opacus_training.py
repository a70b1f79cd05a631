"""Opacus, in both of its modes: hooks make every example's gradient, ghost only their norms."""

import torch
from opacus import PrivacyEngine
from torch import nn


def private(net, data, batch, noise, mode, norm=1.0, rate=0.01, poisson=False):
    """Model, optimiser, criterion and loader of a private training."""
    ghost = {"criterion": nn.CrossEntropyLoss(), "grad_sample_mode": "ghost"}
    made = PrivacyEngine(accountant="rdp").make_private(
        module=net, optimizer=torch.optim.SGD(net.parameters(), lr=rate),
        data_loader=torch.utils.data.DataLoader(data, batch_size=batch), noise_multiplier=noise,
        max_grad_norm=norm, poisson_sampling=poisson, **(ghost if mode == "ghost" else {}))
    criterion = made[2] if mode == "ghost" else nn.CrossEntropyLoss()
    return made[0], made[1], criterion, made[-1]


def step(net, x, y, mode, noise):
    """One step on a batch; counts examples. The data are four batches, so that the rate is not 1."""
    data = torch.utils.data.TensorDataset(x.repeat(4, *[1] * (x.dim() - 1)), y.repeat(4))
    net, optimizer, criterion, _ = private(net, data, len(y), noise, mode)

    def one():
        optimizer.zero_grad()
        criterion(net(x), y).backward()
        optimizer.step()
        return len(y)

    return one


def train(net, x, y, mode, norm, noise, batch, steps, rate, seed):
    """Trains for some steps on Poisson batches, from the network's weights on."""
    torch.manual_seed(seed)
    data = torch.utils.data.TensorDataset(x, y)
    net, optimizer, criterion, loader = private(net, data, batch, noise, mode, norm, rate, True)
    taken = 0
    while taken < steps:
        for part_x, part_y in loader:
            if taken == steps:
                break
            optimizer.zero_grad()
            criterion(net(part_x), part_y).backward()
            optimizer.step()
            taken += 1
