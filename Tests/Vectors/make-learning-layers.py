"""Writes learning_layers_pytorch.json beside it with PyTorch 2.15.0+cu132 on the CPU, in float64.

Each case is a small network that holds one kind of layer or loss. Parameters, inputs, targets and
directions are multiples of 1/32, exact in float32. Derivatives are autograd's own, second ones by
differentiating the gradient's inner product with the direction.
"""
import json
import pathlib
import random

import torch
import torch.nn.functional as F

from learning_networks import run

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def conv(outputs, kernel, stride=1, padding=0, groups=1, bias=True):
    return ("conv", dict(outputs=outputs, kernel=kernel, stride=stride, padding=padding,
                         groups=groups, bias=bias))


def dense(outputs, bias=True):
    return ("dense", dict(outputs=outputs, bias=bias))


def activation(name, parameter=None):
    return ("activation", dict(name=name, parameter=parameter))


def pool(kind, kernel, stride=None, padding=0):
    return (kind, dict(kernel=kernel, stride=stride, padding=padding))


FLATTEN, GLOBAL = ("flatten", {}), ("global", {})


def norm(kind, **options):
    return (kind, options)


def residual(body, shortcut=()):
    return ("residual", dict(body=list(body), shortcut=list(shortcut)))


def convs(name, shape, tested, rows=2):
    """The convolution as first layer, and once more behind another one."""
    channels = shape[0]
    return [
        dict(name=name, input=shape, rows=rows, layers=[tested, activation("tanh"), dense(3)]),
        dict(name=name + ", inside", input=shape, rows=rows,
             layers=[conv(channels, 1), activation("sigmoid"), tested, activation("tanh"), dense(3)]),
    ]


def pools(name, shape, tested):
    return dict(name=name, input=shape, rows=2,
                layers=[conv(2, 1), activation("tanh"), tested, dense(3)])


def losses(name, loss, smoothing=0.0, targets="labels"):
    return dict(name=name, input=[4], rows=3, loss=loss, smoothing=smoothing, targets=targets,
                layers=[dense(5), activation("tanh"), dense(3)])


CASES = [
    dict(name="dense", input=[5], rows=3, layers=[dense(4), dense(3)]),
    dict(name="dense without bias", input=[5], rows=3,
         layers=[dense(4, False), activation("tanh"), dense(3, False)]),
    *convs("conv 3x3", [2, 4, 5], conv(3, 3)),
    *convs("conv 3x2, stride 2x1", [2, 6, 4], conv(2, (3, 2), stride=(2, 1))),
    *convs("conv 3x3, padding 1x2", [2, 3, 4], conv(2, 3, padding=(1, 2))),
    *convs("conv 4x2, stride 3x2, padding 2x1", [1, 5, 5],
           conv(3, (4, 2), stride=(3, 2), padding=(2, 1))),
    *convs("conv 1x1, stride 2, no bias", [3, 4, 5], conv(4, 1, stride=2, bias=False)),
    *convs("conv in 2 groups", [4, 4, 4], conv(6, 3, groups=2)),
    *convs("conv in 2 groups, stride 2, padding 1", [4, 4, 3],
           conv(4, 3, stride=2, padding=1, groups=2)),
    *convs("depthwise conv", [3, 4, 3], conv(3, 3, padding=1, groups=3)),
    *convs("depthwise conv, two outputs a channel", [3, 4, 4], conv(6, 3, groups=3)),
] + [
    dict(name=label, input=[5], rows=4,
         layers=[activation(name, parameter), dense(6), activation(name, parameter), dense(3)])
    for label, name, parameter in [
        ("relu", "relu", None), ("leaky-relu 0.01", "leaky-relu", 0.01),
        ("leaky-relu 0.25", "leaky-relu", 0.25), ("elu 1", "elu", 1.0), ("elu 0.75", "elu", 0.75),
        ("sigmoid", "sigmoid", None), ("tanh", "tanh", None), ("softplus 1", "softplus", 1.0),
        ("softplus 2.5", "softplus", 2.5), ("gelu", "gelu", None), ("silu", "silu", None)]
] + [
    pools("max-pool 2, odd sizes", [2, 5, 7], pool("max", 2)),
    pools("max-pool 3, stride 2", [2, 7, 5], pool("max", 3, 2)),
    pools("max-pool 3, stride 2, padding 1", [2, 6, 5], pool("max", 3, 2, 1)),
    pools("max-pool 2x3, stride 1", [2, 4, 5], pool("max", (2, 3), 1)),
    pools("max-pool 2, stride 3", [2, 5, 5], pool("max", 2, 3)),
    pools("average pool 2, odd sizes", [2, 5, 7], pool("average", 2)),
    pools("average pool 3, stride 2, padding 1", [2, 6, 5], pool("average", 3, 2, 1)),
    pools("average pool 3x2, stride 1x3", [2, 5, 6], pool("average", (3, 2), (1, 3))),
    pools("global average pool", [2, 3, 5], GLOBAL),
    dict(name="relu before max-pool", input=[2, 6, 6], rows=2,
         layers=[conv(3, 3), activation("relu"), pool("max", 2), dense(3)]),
    dict(name="flatten", input=[2, 3, 4], rows=2,
         layers=[FLATTEN, dense(6), FLATTEN, activation("tanh"), dense(3)]),
    dict(name="flatten between channels", input=[2, 4, 3], rows=2,
         layers=[conv(3, 2), FLATTEN, activation("tanh"), dense(3)]),
    dict(name="image as output", input=[2, 4, 3], rows=2, layers=[conv(2, 2)]),
] + [
    dict(name=label, input=[2, 3, 4], rows=3, training=training,
         layers=[conv(4, 2), tested, activation("tanh"), dense(3)])
    for label, training, tested in [
        ("batch norm in training", True, norm("batch", momentum=0.25)),
        ("batch norm in evaluation", False, norm("batch")),
        ("group norm, 2 groups", False, norm("group", groups=2)),
        ("group norm, 1 group, large epsilon", False, norm("group", groups=1, epsilon=0.125)),
        ("group norm, a group a channel", False, norm("group", groups=4)),
        ("layer norm of an image", False, norm("layer")),
        ("instance norm", False, norm("instance"))]
] + [
    dict(name=label + " of rows", input=[5], rows=4, training=training,
         layers=[tested, dense(6), tested, activation("tanh"), dense(3)])
    for label, training, tested in [
        ("batch norm in training", True, norm("batch")),
        ("batch norm in evaluation", False, norm("batch", epsilon=0.0625)),
        ("layer norm", False, norm("layer"))]
] + [
    dict(name="group norm of rows", input=[4], rows=3,
         layers=[norm("group", groups=2), dense(6), norm("group", groups=3), dense(3)]),
    dict(name="embedding, mean", input=[6], rows=3, tokens=5,
         layers=[("embedding", dict(vocabulary=5, dimension=3)), GLOBAL, activation("tanh"),
                 dense(3)]),
    dict(name="embedding, flatten", input=[4], rows=3, tokens=3,
         layers=[("embedding", dict(vocabulary=3, dimension=2)), activation("tanh"), FLATTEN,
                 dense(3)]),
    dict(name="embedding, conv along the positions", input=[5], rows=2, tokens=4,
         layers=[("embedding", dict(vocabulary=4, dimension=3)), conv(2, (3, 1)),
                 activation("tanh"), GLOBAL, dense(3)]),
    dict(name="residual", input=[2, 4, 4], rows=2,
         layers=[conv(2, 1), residual([conv(2, 3, padding=1), activation("relu"),
                                       conv(2, 3, padding=1)]), activation("relu"), dense(3)]),
    dict(name="residual, activation first", input=[2, 3, 3], rows=2,
         layers=[conv(2, 1), residual([activation("relu"), conv(2, 3, padding=1)]),
                 residual([activation("tanh"), activation("leaky-relu", 0.25)]), dense(3)]),
    dict(name="residual with projection", input=[2, 4, 4], rows=2,
         layers=[conv(2, 1), residual(
             [conv(3, 3, stride=2, padding=1), norm("group", groups=3), activation("tanh"),
              conv(3, 1)],
             [conv(3, 1, stride=2, bias=False)]), GLOBAL, dense(3)]),
    dict(name="residual of rows, nested", input=[4], rows=3,
         layers=[residual([dense(4), residual([activation("tanh"), dense(4)])], [dense(4)]),
                 dense(3)]),
    losses("cross-entropy", "cross-entropy"),
    losses("cross-entropy, soft labels", "cross-entropy", targets="soft"),
    losses("cross-entropy, weights for labels", "cross-entropy", targets="dense"),
    losses("cross-entropy, smoothing", "cross-entropy", 0.125),
    losses("cross-entropy, soft labels, smoothing", "cross-entropy", 0.125, "soft"),
    losses("squared error", "squared-error"),
    losses("squared error, dense targets", "squared-error", targets="dense"),
    losses("binary cross-entropy", "binary-cross-entropy"),
    losses("binary cross-entropy, dense targets", "binary-cross-entropy", targets="soft"),
]


def loss_of(case, z, targets):
    z = z.flatten(1)
    kind = case.get("loss", "cross-entropy")
    if kind == "cross-entropy":
        return F.cross_entropy(z, targets, label_smoothing=case.get("smoothing", 0.0))
    if targets.dtype == torch.int64:
        targets = F.one_hot(targets, z.shape[1]).to(z.dtype)
    if kind == "squared-error":
        return F.mse_loss(z, targets)
    return F.binary_cross_entropy_with_logits(z, targets)


def flat(tensors):
    return [float(f"{v:.13g}") for t in tensors for v in t.detach().reshape(-1).tolist()]


def units(tensors):
    """In 1/32, as integers."""
    values = [32 * v for v in flat(tensors)]
    assert all(v == round(v) for v in values)
    return [round(v) for v in values]


def compute(case, generator):
    def grid(shape, low, high):
        count = 1
        for side in shape:
            count *= side
        return (torch.tensor([generator.randint(low, high) for _ in range(count)]) / 32.0).reshape(shape)

    ranges = dict(weight=(-16, 16), bias=(-16, 16), scale=(16, 48), mean=(-16, 16),
                  variance=(16, 64))
    store = {}

    def make(name, shape, kind):
        if name not in store:
            store[name] = grid(shape, *ranges[kind])
        return store[name]

    rows, training = case["rows"], case.get("training", False)
    if "tokens" in case:
        x = torch.tensor([[generator.randint(0, case["tokens"] - 1) for _ in range(case["input"][0])]
                          for _ in range(rows)])
    else:
        x = grid([rows] + case["input"], -64, 64)
    outputs = run(case["layers"], x, make, False).flatten(1).shape[1]
    kind = case.get("targets", "labels")
    if kind == "labels":
        targets = torch.tensor([generator.randrange(outputs) for _ in range(rows)])
    elif kind == "dense":
        targets = grid([rows, outputs], -8, 48)
    else:  # three probabilities that sum to 1
        first, second = (torch.tensor([generator.randint(0, 16) for _ in range(rows)]) / 32.0
                         for _ in range(2))
        targets = torch.stack([first, second, 1 - first - second], 1)

    fixed = {n: t for n, t in store.items() if "running" in n}
    trained = {n: t.requires_grad_() for n, t in store.items() if n not in fixed}
    directions = {n: grid(t.shape, -32, 32) if n in trained else torch.zeros_like(t)
                  for n, t in store.items()}
    after = {n: t.clone() for n, t in fixed.items()}
    get = lambda name, shape, kind: after[name] if name in after else store[name]
    has_inputs = x.dtype != torch.int64
    if has_inputs:
        x.requires_grad_()
    if kind != "labels":
        targets.requires_grad_()
    variables = [*trained.values()] + ([x] if has_inputs else [])
    loss = loss_of(case, run(case["layers"], x, get, training), targets)
    moved = {n: t.clone() for n, t in after.items()}
    gradients = torch.autograd.grad(loss, variables, create_graph=True)
    inner = sum((g * directions[n]).sum() for n, g in zip(trained, gradients))
    wanted = variables + ([targets] if kind != "labels" else [])
    if inner.requires_grad:
        products = torch.autograd.grad(inner, wanted, allow_unused=True)
    else:
        products = [None] * len(wanted)
    products = [torch.zeros_like(v) if p is None else p for p, v in zip(products, wanted)]

    def assemble(values):
        by_name = dict(zip(trained, values))
        return flat([by_name.get(n, torch.zeros_like(t)) for n, t in store.items()])

    result = dict(
        name=case["name"], rows=rows, training=training,
        parameters=[dict(name=n, shape=list(t.shape), values=units([t])) for n, t in store.items()],
        direction=units(directions.values()),
        loss=loss.item(), gradient=assemble(gradients), parameterProduct=assemble(products))
    result["inputs" if has_inputs else "tokens"] = units([x]) if has_inputs else x.flatten().tolist()
    if has_inputs:
        result["inputGradient"] = flat([gradients[-1]])
        result["inputProduct"] = flat([products[len(trained)]])
    if kind == "labels":
        result["labels"] = targets.tolist()
    else:
        result["targets"] = units([targets])
        result["targetProduct"] = flat([products[-1]])
    if kind == "labels" and not training:
        result["squaredNorms"] = []
        for row in range(rows):
            own = loss_of(case, run(case["layers"], x[row:row + 1], get, False),
                          targets[row:row + 1])
            result["squaredNorms"].append(
                sum((g * g).sum().item() for g in torch.autograd.grad(own, [*trained.values()])))
    if training and fixed:
        result["statistics"] = flat(moved.values())
    return result


generator = random.Random(20260131)
cases = [compute(case, generator) for case in CASES]
path = pathlib.Path(__file__).parent / "learning_layers_pytorch.json"
with path.open("w") as file:
    json.dump(dict(
        source=f"PyTorch {torch.__version__} on the CPU, float64, by make-learning-layers.py",
        note="Parameters in the order of the flat vector; they, inputs, targets and direction are in "
        "units of 1/32, all else to 13 digits. The networks stand in the script and, by "
        "name, in LearningTests. parameterProduct, inputProduct and targetProduct are the "
        "derivatives of <gradient, direction>. Running statistics have gradient 0; statistics are "
        "those after the training pass, in order.", cases=cases), file, separators=(",", ":"))
    file.write("\n")
print(path.stat().st_size, "bytes,", len(cases), "cases")
