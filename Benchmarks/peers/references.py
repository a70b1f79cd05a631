"""Values from PyTorch's automatic differentiation to compare with, exchanged as files of raw
little-endian numbers: labels as int64, everything else as float64, whatever type PyTorch works in.

A flat vector holds the tensors in the order of `segments`; tensors that are not trained have zero
gradients.
"""

import numpy
import torch
from torch.nn import functional as F

import models


def _read(folder, name, dtype=torch.float64):
    stored = numpy.int64 if dtype == torch.int64 else numpy.float64
    return torch.from_numpy(numpy.fromfile(f"{folder}/{name}", dtype=stored)).to(dtype)


def _write(folder, name, tensor):
    tensor.detach().to(torch.float64).contiguous().numpy().tofile(f"{folder}/{name}")


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
    dtype = getattr(torch, dtype)
    net = models.build(model, shape, classes).to(dtype).train(training)
    tensors = _load(net, segments, _read(folder, "weights", dtype))
    x = _read(folder, "x", dtype).reshape(-1, *shape)
    y = _read(folder, "y", torch.int64)
    return net, tensors, x, y


def _flat(tensors, gradients):
    pieces = [torch.zeros_like(t) if g is None else g for t, g in zip(tensors, gradients)]
    return torch.cat([p.detach().reshape(-1) for p in pieces])


def _gradients(value, tensors, **options):
    """Gradients by those of `tensors` that have one, None for the rest."""
    trained = [t for t in tensors if t.requires_grad]
    found = iter(torch.autograd.grad(value, trained, allow_unused=True, **options))
    return [next(found) if t.requires_grad else None for t in tensors]


def derivatives(folder, training=False, tokens=False, norms=False, **setting):
    """The mean cross-entropy, its gradient, and along the direction in `v` the Hessian-vector product
    `hvp` and, unless the inputs are tokens, `mixed`: the gradient by the inputs of the inner product
    of parameter gradient and direction."""
    net, tensors, x, y = _setting(folder=folder, training=training, **setting)
    x.requires_grad_(not tokens)
    direction = _read(folder, "v", x.dtype)
    loss = F.cross_entropy(net(x), y)
    gradients = _gradients(loss, tensors, create_graph=True)
    inner, position = 0, 0
    for tensor, value in zip(tensors, gradients):
        piece = direction[position:position + tensor.numel()].reshape(tensor.shape)
        if value is not None:
            inner = inner + (value * piece).sum()
        position += tensor.numel()
    _write(folder, "gradient", _flat(tensors, gradients))
    _write(folder, "hvp", _flat(tensors, _gradients(inner, tensors, retain_graph=True)))
    if not tokens:
        _write(folder, "mixed", torch.autograd.grad(inner, x)[0])
    if norms:
        _write(folder, "norms", _per_example_norms(net, x.detach(), y))
    return {"loss": loss.item()}


def _per_example_norms(net, x, y):
    """Norms of the gradients of each example's own loss, from the gradients themselves."""
    def loss(parameters, x, y):
        outputs = torch.func.functional_call(net, parameters, (x[None],))
        return F.cross_entropy(outputs, y[None])

    parameters = {name: p.detach() for name, p in net.named_parameters()}
    each = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))(parameters, x, y)
    squares = [gradient.reshape(len(y), -1).square().sum(1) for gradient in each.values()]
    return torch.stack(squares).sum(0).sqrt()


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


def clipped_sum(folder, mode, norm, **setting):
    """The sum of gradients clipped to `norm` that Opacus divides by the batch, without noise."""
    import opacus_training

    net, tensors, x, y = _setting(folder=folder, training=True, **setting)
    data = torch.utils.data.TensorDataset(x, y)
    net, optimizer, criterion, _ = opacus_training.private(
        net, data, len(y), 0.0, mode, norm, rate=1.0)
    before = _flat(tensors, tensors).clone()
    optimizer.zero_grad()
    criterion(net(x), y).backward()
    optimizer.step()
    _write(folder, "sum", (before - _flat(tensors, tensors)) * len(y))
    return {"examples": float(len(y))}


def private_training(folder, mode, norm, noise, batch, steps, rate, seed, shape, **setting):
    """Test accuracy after a private training."""
    import opacus_training

    net, _, x, y = _setting(folder=folder, training=True, shape=shape, **setting)
    opacus_training.train(net, x, y, mode, norm, noise, batch, steps, rate, seed)
    test = _read(folder, "test-x", x.dtype).reshape(-1, *shape)
    with torch.no_grad():
        right = net(test).argmax(1) == _read(folder, "test-y", torch.float64)
    return {"accuracy": right.double().mean().item()}


def inversion(folder, steps, objective, variation=0.0, weight=1.0, rate=None, **setting):
    """A search for inputs with the gradient of the batch, from zero: Adam at `rate`, or steps
    along the gradient, shortened by its L1 norm where that exceeds 1, as L-BFGS begins.

    The objective at the start, the lowest one, and `inputs`, where it was."""
    net, tensors, true, y = _setting(folder=folder, training=False, **setting)
    loss = F.cross_entropy(net(true), y)
    target = [g.detach() for g in torch.autograd.grad(loss, tensors)]
    x = torch.zeros_like(true, requires_grad=True)
    optimizer = torch.optim.Adam([x], lr=rate) if rate is not None else None
    start, lowest = None, None
    for step in range(steps + 1):
        gradient = torch.autograd.grad(F.cross_entropy(net(x), y), tensors, create_graph=True)
        flat = torch.cat([g.reshape(-1) for g in gradient])
        seen = torch.cat([g.reshape(-1) for g in target])
        if objective == "cosine":
            value = 1 - flat @ seen / (flat.norm() * seen.norm())
        else:
            value = weight * (flat - seen).square().sum()
        if variation > 0:
            value = value + variation * ((x[..., 1:] - x[..., :-1]).abs().mean()
                                         + (x[..., 1:, :] - x[..., :-1, :]).abs().mean())
        if start is None:
            start = value.item()
        if lowest is None or value.item() < lowest:
            lowest = value.item()
            _write(folder, "inputs", x)
        x.grad = torch.autograd.grad(value, x)[0]
        if optimizer is not None:
            optimizer.step()
        else:
            with torch.no_grad():
                x -= min(1.0, 1 / x.grad.abs().sum().item()) * x.grad
    return {"start": start, "lowest": lowest}


QUESTIONS = {"derivatives": derivatives, "curve": curve, "inversion": inversion,
             "clipped_sum": clipped_sum, "private_training": private_training}


def answer(question, **arguments):
    return QUESTIONS[question](**arguments)
