"""Writes optimizers_pytorch.json beside it: torch.optim and torch.optim.lr_scheduler in float64."""
import itertools
import json
import pathlib

import torch
from torch.optim import lr_scheduler as schedulers

torch.set_num_threads(1)
torch.manual_seed(11)
torch.set_default_dtype(torch.float64)

STEPS = 12
RATE = {"sgd": 0.1, "adam": 0.02, "adamw": 0.02}
OPTIMIZERS = [  # name, momentum, nesterov
    ("sgd", 0.0, False), ("sgd", 0.9, False), ("sgd", 0.9, True), ("adam", 0.0, False),
    ("adamw", 0.0, False)]
SCHEDULES = ["constant", "step", "cosine"]  # with a warm-up of 3 before the last two
WARM_UP = 3


def flat(tensors):
    return [v for t in tensors for v in t.detach().reshape(-1).tolist()]


def model():
    return torch.nn.Sequential(
        torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.BatchNorm1d(5), torch.nn.Linear(5, 3))


def make(name, parameters, rate, momentum, nesterov, decay, betas, epsilon):
    if name == "sgd":
        return torch.optim.SGD(
            parameters, lr=rate, momentum=momentum, nesterov=nesterov, weight_decay=decay)
    kind = torch.optim.Adam if name == "adam" else torch.optim.AdamW
    return kind(parameters, lr=rate, betas=betas, eps=epsilon, weight_decay=decay)


def scheduler(name, optimizer, warm_up, every=4, factor=0.3, length=8, minimum=0.005):
    main = {
        "constant": lambda: schedulers.ConstantLR(optimizer, factor=1.0, total_iters=0),
        "step": lambda: schedulers.StepLR(optimizer, step_size=every, gamma=factor),
        "cosine": lambda: schedulers.CosineAnnealingLR(optimizer, T_max=length, eta_min=minimum),
    }[name]
    if warm_up == 0:
        return main()
    rise = schedulers.LinearLR(
        optimizer, start_factor=1 / (warm_up + 1), total_iters=warm_up)
    return schedulers.SequentialLR(optimizer, [rise, main()], milestones=[warm_up])


base = model()
start = {k: v.clone() for k, v in base.state_dict().items()}
x = torch.randint(-32, 33, (12, 4)) / 16  # exact in float32
y = torch.randint(0, 3, (12,))
batches = [torch.randperm(12)[:5].tolist() for _ in range(STEPS)]

cases = []
for (name, momentum, nesterov), decay, clip, plan in itertools.product(
        OPTIMIZERS, [0.0, 0.05], [None, 1.0], SCHEDULES):
    # The second half of the Adam cases has coefficients of its own.
    betas, epsilon = ((0.9, 0.999), 1e-8) if clip is None else ((0.8, 0.95), 1e-3)
    smoothing = 0.1 if plan == "cosine" else 0.0
    warm_up = 0 if plan == "constant" else WARM_UP
    net = model()
    net.load_state_dict(start)
    optimizer = make(name, net.parameters(), RATE[name], momentum, nesterov, decay, betas, epsilon)
    schedule = scheduler(plan, optimizer, warm_up)
    rates, losses, norms = [], [], []
    for batch in batches:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(
            net(x[batch]), y[batch], label_smoothing=smoothing)
        loss.backward()
        if clip is not None:
            norms.append(torch.nn.utils.clip_grad_norm_(net.parameters(), clip).item())
        rates.append(optimizer.param_groups[0]["lr"])
        losses.append(loss.item())
        optimizer.step()
        schedule.step()
    if clip is not None:  # Some gradients are clipped, some are not.
        assert any(n > clip for n in norms) and any(n < clip for n in norms), norms
    state = net.state_dict()
    cases.append(dict(
        optimizer=name, momentum=momentum, nesterov=nesterov, weightDecay=decay,
        clippingNorm=clip, beta1=betas[0], beta2=betas[1], epsilon=epsilon, schedule=plan,
        warmUp=warm_up, labelSmoothing=smoothing, learningRate=RATE[name], rates=rates,
        losses=losses, parametersAfter=flat(net.parameters()),
        statisticsAfter=flat([state["2.running_mean"], state["2.running_var"]])))

curves = []
for plan, warm_up, length in itertools.product(SCHEDULES, [0, 1, 5], [20, 24]):
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=0.3)
    # A cosine over what the warm-up leaves of `length`, to the last index before it rises again.
    schedule = scheduler(
        plan, optimizer, warm_up, every=7, factor=0.5, length=length - warm_up, minimum=0.01)
    rates = []
    for _ in range(length + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    curves.append(dict(schedule=plan, warmUp=warm_up, count=length, rates=rates))

with open(pathlib.Path(__file__).parent / "optimizers_pytorch.json", "w") as file:
    json.dump(dict(
        source=f"PyTorch {torch.__version__} on the CPU, float64, by make-optimizers.py",
        note="Network 4-5, tanh, batch norm of 5, 5-3, in training mode. features: 12 rows of 4, "
        "exact in float32. parameters: weight (outputs x inputs, row-major) then bias of each "
        "layer; statistics start at mean 0 and variance 1. Each run takes one step on each batch, "
        "losses taken before it, gradients clipped to clippingNorm, at the rates of the schedule "
        "(step: every 4, factor 0.3; cosine: length 8, minimum 0.005; a warm-up is LinearLR from "
        "1 / (warmUp + 1)). curves: rates from 0.3 alone (step: every 7, factor 0.5; cosine: "
        "length count - warmUp, minimum 0.01).",
        cases=[dict(
            features=flat([x]), labels=y.tolist(), batches=batches,
            parameters=flat(base.parameters()), runs=cases, curves=curves)]), file)
    file.write("\n")
print(len(cases), "runs", len(curves), "curves")
