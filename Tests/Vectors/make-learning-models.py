"""Writes learning_models_pytorch.json beside it with PyTorch 2.15.0+cu132 on the CPU, in float64.

The models of the catalogue, at small image sizes and at their own. Parameters, inputs, labels and
directions follow a formula, `value` below; of each derivative the file holds norm, inner product with
`value(stream 9)`, and 20 entries.
"""
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

from learning_networks import run

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def hashes(stream, count):
    h = (np.arange(count, dtype=np.uint64) + 1) * 2654435761 + stream * 668265263 & 0xFFFFFFFF
    h = (h ^ h >> 15) * 2246822519 & 0xFFFFFFFF
    h = (h ^ h >> 13) * 3266489917 & 0xFFFFFFFF
    return h ^ h >> 16


def value(stream, count):
    """In [-1, 1), multiples of 2^-23: exact in float32."""
    return torch.from_numpy((hashes(stream, count) >> 8).astype(np.float64) / 2**23 - 1)


def conv(outputs, kernel, stride=1, padding=0, bias=True):
    return ("conv", dict(outputs=outputs, kernel=kernel, stride=stride, padding=padding, groups=1,
                         bias=bias))


def dense(outputs):
    return ("dense", dict(outputs=outputs, bias=True))


RELU, SIGMOID = ("activation", dict(name="relu")), ("activation", dict(name="sigmoid"))
POOL, GLOBAL = ("max", dict(kernel=2, stride=None, padding=0)), ("global", {})


def cnn(first, second, hidden, padding, classes):
    return [conv(first, 5, 1, padding), RELU, POOL, conv(second, 5, 1, padding), RELU, POOL,
            dense(hidden), RELU, dense(classes)]


def resnet(norm, classes):
    def unit(channels, kernel, stride=1):
        return [conv(channels, kernel, stride, kernel // 2, False), norm]

    layers = unit(16, 3) + [RELU]
    for channels in (16, 32, 64):
        for block in range(3):
            stride = 2 if channels > 16 and block == 0 else 1
            body = unit(channels, 3, stride) + [RELU] + unit(channels, 3)
            shortcut = unit(channels, 1, stride) if stride == 2 else []
            layers += [("residual", dict(body=body, shortcut=shortcut)), RELU]
    return layers + [GLOBAL, dense(classes)]


MODELS = {
    "logistic": lambda classes: [dense(classes)],
    "mlp": lambda classes: [dense(13), RELU, dense(7), RELU, dense(classes)],
    "mlp 200": lambda classes: [dense(200), RELU, dense(200), RELU, dense(classes)],
    "cnn-431k": lambda classes: cnn(20, 50, 500, 0, classes),
    "cnn-mcmahan": lambda classes: cnn(32, 64, 512, 2, classes),
    "lenet-zhu": lambda classes: [conv(12, 5, 2, 2), SIGMOID, conv(12, 5, 2, 2), SIGMOID,
                                  conv(12, 5, 1, 2), SIGMOID, dense(classes)],
    "resnet-20, group norm": lambda classes: resnet(("group", dict(groups=8)), classes),
    "resnet-20, batch norm": lambda classes: resnet(("batch", {}), classes),
    "text": lambda classes: [("embedding", dict(vocabulary=11, dimension=6)), GLOBAL,
                             dense(classes)],
}
CASES = [
    ("logistic", [1, 4, 4], 3, 5, False), ("mlp", [1, 4, 4], 4, 5, False),
    ("cnn-431k", [1, 16, 16], 4, 3, False), ("cnn-431k", [3, 20, 22], 3, 2, False),
    ("cnn-mcmahan", [1, 8, 8], 4, 3, False), ("cnn-mcmahan", [3, 9, 11], 3, 2, False),
    ("lenet-zhu", [3, 8, 8], 5, 2, False), ("lenet-zhu", [1, 11, 9], 3, 3, False),
    ("resnet-20, group norm", [3, 8, 8], 4, 2, False),
    ("resnet-20, batch norm", [3, 8, 8], 4, 2, False),
    ("resnet-20, batch norm", [3, 8, 8], 4, 3, True), ("text", [9], 3, 5, False),
    ("mlp 200", [1, 28, 28], 10, 3, False), ("cnn-431k", [1, 28, 28], 10, 2, False),
    ("cnn-mcmahan", [1, 28, 28], 10, 2, False), ("lenet-zhu", [3, 32, 32], 100, 2, False),
    ("resnet-20, group norm", [3, 32, 32], 10, 2, False),
    ("resnet-20, batch norm", [3, 32, 32], 10, 2, True),
]


def start(name, values, shape):
    """A tensor's values from those of the formula; the factors are powers of two."""
    tensor = name.split(".")[1]
    if name.startswith("embedding"):
        return values
    if tensor == "weight" and len(shape) > 1:
        fan_in, factor = int(np.prod(shape[1:])), 1.0
        while fan_in >= 4:
            fan_in, factor = fan_in // 4, factor / 2
        return factor * values
    return {"weight": 1 + values / 4, "bias": values / 8, "running_mean": values / 4,
            "running_var": 1 + values / 2}[tensor]


def summary(values):
    values = values.detach().reshape(-1)
    count = values.numel()
    entries = values[[i * (count - 1) // 19 for i in range(20)]]
    return dict(norm=values.norm().item(), inner=(values @ value(9, count)).item(),
                entries=[float(f"{v:.13g}") for v in entries.tolist()])


def compute(name, shape, classes, rows, training):
    layers, tokens = MODELS[name](classes), name == "text"
    sizes = {}

    def measure(name, shape, kind):
        return sizes.setdefault(name, torch.zeros(shape)) + (kind == "variance")

    width = int(np.prod(shape))
    if tokens:
        x = torch.from_numpy((hashes(2, rows * width) % 11).astype(np.int64)).reshape(rows, width)
    else:
        x = value(2, rows * width).reshape(rows, *shape)
    labels = torch.from_numpy((hashes(3, rows) % classes).astype(np.int64))
    run(layers, x[:1], measure, False)
    total = sum(t.numel() for t in sizes.values())
    source, along, store, directions, at = value(1, total), value(4, total), {}, {}, 0
    for key, tensor in sizes.items():
        part, at = slice(at, at + tensor.numel()), at + tensor.numel()
        store[key] = start(key, source[part], tensor.shape).reshape(tensor.shape)
        directions[key] = along[part].reshape(tensor.shape) * ("running" not in key)
    trained = {k: t.requires_grad_() for k, t in store.items() if "running" not in k}
    get = lambda key, shape, kind: store[key] if key in trained else store[key].clone()
    variables = [*trained.values()] + ([] if tokens else [x.requires_grad_()])
    loss = F.cross_entropy(run(layers, x, get, training), labels)
    gradients = torch.autograd.grad(loss, variables, create_graph=True)
    inner = sum((g * directions[k]).sum() for k, g in zip(trained, gradients))
    products = torch.autograd.grad(inner, variables)

    def assemble(values):
        by_name = dict(zip(trained, values))
        return summary(torch.cat([by_name.get(k, torch.zeros_like(t)).reshape(-1)
                                  for k, t in store.items()]))

    result = dict(
        name=name, shape=shape, classes=classes, rows=rows, training=training,
        parameters=total, loss=loss.item(), gradient=assemble(gradients),
        parameterProduct=assemble(products))
    if not tokens:
        result["inputGradient"] = summary(gradients[-1])
        result["inputProduct"] = summary(products[-1])
    if not training:
        result["norms"] = []
        for row in range(rows):
            own = F.cross_entropy(run(layers, x[row:row + 1], get, False), labels[row:row + 1])
            result["norms"].append(
                sum((g * g).sum().item() for g in torch.autograd.grad(own, [*trained.values()])) ** 0.5)
    return result


cases = [compute(*case) for case in CASES]
path = pathlib.Path(__file__).parent / "learning_models_pytorch.json"
with path.open("w") as file:
    json.dump(dict(
        source=f"PyTorch {torch.__version__} on the CPU, float64, by make-learning-models.py",
        note="Parameters, inputs, labels and directions follow the script's formula. Of each "
        "derivative: norm, inner product with the formula's stream 9, entries i (n - 1) / 19 rounded "
        "down for i = 0...19. The products are the derivatives of <gradient, direction>; norms are "
        "those of each example's own gradient.", cases=cases), file, separators=(",", ":"))
    file.write("\n")
print(path.stat().st_size, "bytes,", len(cases), "cases")
