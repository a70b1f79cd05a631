"""Shadow models in PyTorch, on images and halves from a folder: the peer of `membership`.

The files are raw little-endian numbers: `x` as float32, `y` as int64, `members` as bytes, models x
examples. `logits` goes back as float64, models x examples x classes."""

import numpy
import torch
from torch.nn import functional as F

import models


class World:
    def __init__(self, model, folder, shape, classes, epochs, batch, rate):
        self.x = torch.from_numpy(
            numpy.fromfile(f"{folder}/x", numpy.float32).reshape(-1, *shape))
        self.y = torch.from_numpy(numpy.fromfile(f"{folder}/y", numpy.int64))
        self.members = torch.from_numpy(
            numpy.fromfile(f"{folder}/members", numpy.uint8).reshape(-1, len(self.y)))
        self.build = lambda: models.build(model, shape, classes)
        self.epochs, self.batch, self.rate = epochs, batch, rate

    def train(self, index):
        """A model trained on its half, asked about every example: logits."""
        net = self.build()
        optimizer = torch.optim.SGD(net.parameters(), lr=self.rate)
        half = self.members[index].nonzero().squeeze(1)
        x, y = self.x[half], self.y[half]
        for _ in range(self.epochs):
            order = torch.randperm(len(half))
            for i in range(0, len(half), self.batch):
                chosen = order[i:i + self.batch]
                optimizer.zero_grad(set_to_none=True)
                F.cross_entropy(net(x[chosen]), y[chosen]).backward()
                optimizer.step()
        with torch.no_grad():
            return net(self.x)


def shadow(**arguments):
    """Trains one model after another; counts models."""
    world = World(**arguments)

    def one():
        world.train(one.next % len(world.members))
        one.next += 1
        return 1

    one.next = 0
    return one


def save(count, folder, **arguments):
    """Trains the first `count` models and writes what they say."""
    world = World(folder=folder, **arguments)
    said = [world.train(index).double().numpy() for index in range(count)]
    numpy.stack(said).tofile(f"{folder}/logits")
