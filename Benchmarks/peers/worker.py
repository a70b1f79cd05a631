"""A peer: works in PyTorch on request, one line of JSON in, one line of JSON out, until end of input.

usage: worker.py THREADS

  {"do": "prepare", "task": "local-sgd", ...}   makes and warms up a piece of work -> {"unit": 0}
  {"do": "run", "unit": 0, "seconds": 1.5}      repeats it for that long -> {"count", "seconds"}
  {"do": "save", "unit": 0, "file": PATH}       writes what it made last, float32 -> {}
  {"do": "values", "unit": 0}                   what it found last, a few numbers -> {"values"}
  {"do": "drop", "unit": 0}                     lets go of it -> {}
  {"do": "phe"}                                 the versions of what Paillier's scheme needs
  {"do": "paillier", "what": NAME, ...}         what a function of paillier.py answers -> {"answer"}
  {"do": "rules"}                               the versions of what rules need -> {"byzfl": ...}
  {"do": "accountants"}                         and of what accounting needs
  {"do": "flower"}                              and of what secure aggregation needs
  {"do": "shadows", ...}                        trains shadow models, writes logits (shadows.py) -> {}
  {"do": "reference", ...}                      values to compare with (references.py)

An error comes back as {"error": message}; the first line, {"versions": ...}, says that it is ready.
"""

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import torch
from torch import nn
from torch.nn import functional as F

import models


def local_sgd(model, batch, examples=600, shape=(1, 28, 28), classes=10, rate=0.01):
    """One epoch of plain SGD of one client, from the same weights every time; counts examples."""
    net = models.build(model, shape, classes)
    start = [p.detach().clone() for p in net.parameters()]
    optimizer = torch.optim.SGD(net.parameters(), lr=rate)
    x = torch.randn(examples, *shape)
    y = torch.randint(0, classes, (examples,))

    def epoch():
        with torch.no_grad():
            for parameter, value in zip(net.parameters(), start):
                parameter.copy_(value)
        for i in range(0, examples, batch):
            optimizer.zero_grad(set_to_none=True)
            F.cross_entropy(net(x[i:i + batch]), y[i:i + batch]).backward()
            optimizer.step()
        return examples

    return epoch


def shadow(**arguments):
    """Shadow models one after another (shadows.py)."""
    import shadows

    return shadows.shadow(**arguments)


def clients(model, batch, examples=60, shape=(1, 28, 28), classes=10):
    """The same epoch for a small client; counts clients."""
    epoch = local_sgd(model, batch, examples, shape, classes)

    def client():
        epoch()
        return 1

    return client


def gradient_matching(model, batch, shape=(3, 32, 32), classes=100):
    """The gradient by the images of the squared distance between two parameter gradients."""
    net = models.build(model, shape, classes)
    parameters = list(net.parameters())
    y = torch.randint(0, classes, (batch,))
    loss = F.cross_entropy(net(torch.rand(batch, *shape)), y)
    target = [g.detach() for g in torch.autograd.grad(loss, parameters)]
    x = torch.randn(batch, *shape, requires_grad=True)

    def product():
        loss = F.cross_entropy(net(x), y)
        gradient = torch.autograd.grad(loss, parameters, create_graph=True)
        distance = sum(((a - b) ** 2).sum() for a, b in zip(gradient, target))
        torch.autograd.grad(distance, x)
        return 1

    return product


def inverting_gradients(model, batch, steps=4800, shape=(3, 32, 32), classes=10):
    """A step of Inverting Gradients: one minus the cosine and the total variation, the gradient's sign
    for Adam, a tenth of the rate at 3/8, 5/8 and 7/8 of the steps, the box; begins anew after the last
    step."""
    net = models.build(model, shape, classes)
    parameters = list(net.parameters())
    y = torch.randint(0, classes, (batch,))
    loss = F.cross_entropy(net(torch.rand(batch, *shape)), y)
    target = [g.detach() for g in torch.autograd.grad(loss, parameters)]
    norm = torch.stack([g.square().sum() for g in target]).sum().sqrt()
    state = {"taken": steps}

    def begin():
        x = torch.randn(batch, *shape, requires_grad=True)
        optimizer = torch.optim.Adam([x], lr=0.1)
        scheduler = torch.optim.lr_scheduler.MultiStepLR(
            optimizer, [steps * eighths // 8 for eighths in (3, 5, 7)], gamma=0.1)
        state.update(x=x, optimizer=optimizer, scheduler=scheduler, taken=0)

    def step():
        if state["taken"] == steps:
            begin()
        x = state["x"]
        loss = F.cross_entropy(net(x), y)
        gradient = torch.autograd.grad(loss, parameters, create_graph=True)
        dot = sum((a * b).sum() for a, b in zip(gradient, target))
        squares = sum(a.square().sum() for a in gradient)
        variation = ((x[..., 1:] - x[..., :-1]).abs().mean()
                     + (x[..., 1:, :] - x[..., :-1, :]).abs().mean())
        objective = 1 - dot / (squares.sqrt() * norm) + 0.01 * variation
        x.grad = torch.autograd.grad(objective, x)[0].sign_()
        state["optimizer"].step()
        state["scheduler"].step()
        with torch.no_grad():
            x.clamp_(-2, 2)
        state["taken"] += 1
        return 1

    return step


def _batch(batch, shape, classes):
    return torch.randn(batch, *shape), torch.randint(0, classes, (batch,))


def plain_step(model, batch, shape=(1, 28, 28), classes=10):
    """One step of plain SGD."""
    net = models.build(model, shape, classes)
    x, y = _batch(batch, shape, classes)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
        return 1

    return step


def clipped_step(model, batch, shape=(1, 28, 28), classes=10):
    """One step of SGD on clipped per-example gradients by Opacus's ghost clipping, without noise."""
    step = private_step(model, batch, "ghost", shape, classes, noise=0.0)
    return lambda: step() // batch


def private_step(model, batch, mode, shape=(1, 28, 28), classes=10, noise=1.0):
    """One DP-SGD step by Opacus; counts examples."""
    import opacus_training

    x, y = _batch(batch, shape, classes)
    return opacus_training.step(models.build(model, shape, classes), x, y, mode, noise)


def idx(files):
    """Packed IDX files into arrays of float32 in [0, 1] and of integers, by NumPy."""
    import gzip

    import numpy

    def read(path):
        with gzip.open(path, "rb") as file:
            data = file.read()
        rank = data[3]
        shape = numpy.frombuffer(data, ">u4", rank, 4)
        values = numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * rank).reshape(shape)
        return values.astype(numpy.float32) / 255 if rank == 3 else values.astype(numpy.int64)

    def load():
        for path in files:
            read(path)
        return 1

    return load


def partition(examples, clients, alpha):
    """Each class divided by Dirichlet shares among all clients, by NumPy."""
    import numpy

    rng = numpy.random.default_rng(0)
    labels = rng.integers(0, 10, examples)

    def divide():
        parts = [[] for _ in range(clients)]
        for label in range(10):
            rows = rng.permutation(numpy.flatnonzero(labels == label))
            cuts = numpy.cumsum(rng.dirichlet([alpha] * clients)) * len(rows)
            for part, rows in zip(parts, numpy.split(rows, cuts.astype(int)[:-1])):
                part.append(rows)
        for part in parts:
            numpy.concatenate(part)
        return 1

    return divide


def paillier(**arguments):
    """Calls of python-paillier (paillier.py)."""
    import paillier as peer

    return peer.paillier(**arguments)


def aggregation(**arguments):
    """Calls of a robust rule on a matrix (rules.py)."""
    import rules

    return rules.aggregation(**arguments)


def accounting(**arguments):
    """Calls of a privacy accountant (accountants.py)."""
    import accountants

    return accountants.accounting(**arguments)


def secagg(**arguments):
    """A whole secure aggregation (secagg.py)."""
    import secagg as flower

    return flower.secagg(**arguments)


TASKS = {
    "accounting": accounting,
    "aggregation": aggregation,
    "idx": idx,
    "partition": partition,
    "local-sgd": local_sgd,
    "paillier": paillier,
    "clients": clients,
    "shadow": shadow,
    "gradient-matching": gradient_matching,
    "inverting-gradients": inverting_gradients,
    "plain-step": plain_step,
    "clipped-step": clipped_step,
    "private-step": private_step,
    "secagg": secagg,
}


class Worker:
    def __init__(self):
        self.units = []

    def prepare(self, task, **arguments):
        unit = TASKS[task](**arguments)
        # Once for what is made on first use, then until caches and clocks have settled; not at all
        # where a call takes so long that neither matters.
        most = 0 if getattr(unit, "is_long", False) else 3
        start, repeats = time.perf_counter(), 0
        while repeats < most and (repeats == 0 or time.perf_counter() - start < 0.3):
            unit()
            repeats += 1
        self.units.append(unit)
        return {"unit": len(self.units) - 1}

    def run(self, unit, seconds):
        unit = self.units[unit]
        count, start = 0, time.perf_counter()
        while True:
            count += unit()
            taken = time.perf_counter() - start
            if taken >= seconds:
                return {"count": count, "seconds": taken}

    def save(self, unit, file):
        import rules
        rules.save(self.units[unit], file)
        return {}

    def values(self, unit):
        return {"values": self.units[unit].values}

    def phe(self):
        import paillier as peer
        return peer.VERSIONS

    def paillier(self, what, **arguments):
        import paillier as peer
        return {"answer": getattr(peer, what)(**arguments)}

    def rules(self):
        import rules
        return {"byzfl": rules.VERSION}

    def accountants(self):
        import accountants
        return accountants.VERSIONS

    def flower(self):
        import secagg as flower
        return flower.VERSIONS

    def drop(self, unit):
        self.units[unit] = None
        return {}

    def shadows(self, **arguments):
        import shadows
        shadows.save(**arguments)
        return {}

    def reference(self, **arguments):
        import references
        return references.answer(**arguments)


def main():
    import numpy

    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(0)
    worker = Worker()
    versions = {"torch": torch.__version__, "numpy": numpy.__version__,
                "python": sys.version.split()[0]}
    print(json.dumps({"versions": versions}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(worker, request.pop("do"))(**request)
        except Exception as problem:  # whatever it is, the other side must hear of it
            answer = {"error": f"{type(problem).__name__}: {problem}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
