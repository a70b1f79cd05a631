"""Values from PyTorch's automatic differentiation to compare with, exchanged as raw little-endian files.

A flat vector holds the tensors in the order of `segments`; tensors that are not trained have zero
gradients.
"""

import numpy
import torch
from torch.nn import functional as F

import models


def _read(path, dtype):
    return torch.from_numpy(numpy.fromfile(path, dtype=dtype))


def _load(model, segments, values):
    tensors = models.named_tensors(model)
    names = [s["name"] for s in segments]
    missing = [n for n in tensors if n not in names and not n.endswith("num_batches_tracked")]
    unknown = [n for n in names if n not in tensors]
    if missing or unknown:
        raise ValueError(f"only PyTorch has {missing}, only Rampart has {unknown}")
    position = 0
    with torch.no_grad():
        for segment in segments:
            tensor = tensors[segment["name"]]
            if list(tensor.shape) != segment["shape"]:
                raise ValueError(f"{segment['name']}: {list(tensor.shape)} in PyTorch, "
                                 f"{segment['shape']} in Rampart")
            count = tensor.numel()
            tensor.copy_(values[position:position + count].reshape(tensor.shape))
            position += count
    return [tensors[s["name"]] for s in segments]


def _setting(model, shape, classes, dtype, segments, folder, training):
    net = models.build(model, shape, classes).to(getattr(torch, dtype)).train(training)
    tensors = _load(net, segments, _read(f"{folder}/weights", dtype))
    x = _read(f"{folder}/x", dtype).reshape(-1, *shape)
    y = _read(f"{folder}/y", "int64")
    return net, tensors, x, y


def _flat(tensors, gradients):
    pieces = [torch.zeros_like(t) if g is None else g for t, g in zip(tensors, gradients)]
    return torch.cat([p.detach().reshape(-1) for p in pieces])


def _gradients(value, tensors, **options):
    """Gradients by those of `tensors` that have one, None for the rest."""
    trained = [t for t in tensors if t.requires_grad]
    found = iter(torch.autograd.grad(value, trained, allow_unused=True, **options))
    return [next(found) if t.requires_grad else None for t in tensors]


def gradient(folder, training=False, **setting):
    """The mean cross-entropy; writes its gradient to `gradient`."""
    net, tensors, x, y = _setting(folder=folder, training=training, **setting)
    loss = F.cross_entropy(net(x), y)
    _flat(tensors, _gradients(loss, tensors)).numpy().tofile(f"{folder}/gradient")
    return {"loss": loss.item()}


def products(folder, training=False, **setting):
    """Along the direction in `v`: writes the Hessian-vector product to `hvp` and the gradient by the
    inputs of the inner product of parameter gradient and direction to `mixed`."""
    net, tensors, x, y = _setting(folder=folder, training=training, **setting)
    x.requires_grad_()
    direction = _read(f"{folder}/v", setting["dtype"])
    loss = F.cross_entropy(net(x), y)
    gradients = _gradients(loss, tensors, create_graph=True)
    inner, position = 0, 0
    for tensor, value in zip(tensors, gradients):
        piece = direction[position:position + tensor.numel()].reshape(tensor.shape)
        if value is not None:
            inner = inner + (value * piece).sum()
        position += tensor.numel()
    second = _gradients(inner, tensors, retain_graph=True)
    _flat(tensors, second).numpy().tofile(f"{folder}/hvp")
    torch.autograd.grad(inner, x)[0].numpy().tofile(f"{folder}/mixed")
    return {"loss": loss.item()}


def curve(folder, batch, steps, rate, momentum=0.0, **setting):
    """Losses before each step of SGD; step s takes examples s*batch, s*batch + 1, ..., around."""
    net, tensors, x, y = _setting(folder=folder, training=True, **setting)
    optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=momentum)
    losses = []
    for step in range(steps):
        rows = [(step * batch + i) % len(y) for i in range(batch)]
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(net(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"losses": losses}


QUESTIONS = {"gradient": gradient, "products": products, "curve": curve}


def answer(question, **arguments):
    return QUESTIONS[question](**arguments)
