"""Runs a network, written as a list of (kind, options), in PyTorch with tensors named by kind and order."""
import torch
import torch.nn.functional as F


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def run(layers, x, get, training, counts=None):
    """The outputs; `get(name, shape, kind)` gives every parameter."""
    counts = {} if counts is None else counts

    def name(kind):
        counts[kind] = counts.get(kind, 0) + 1
        return f"{kind}{counts[kind]}"

    for kind, options in layers:
        if kind == "dense":
            own, x = name("fc"), x.flatten(1)
            weight = get(own + ".weight", [options["outputs"], x.shape[1]], "weight")
            bias = get(own + ".bias", [options["outputs"]], "bias") if options["bias"] else None
            x = F.linear(x, weight, bias)
        elif kind == "conv":
            own, groups = name("conv"), options["groups"]
            shape = [options["outputs"], x.shape[1] // groups, *pair(options["kernel"])]
            weight = get(own + ".weight", shape, "weight")
            bias = get(own + ".bias", shape[:1], "bias") if options["bias"] else None
            x = F.conv2d(x, weight, bias, pair(options["stride"]), pair(options["padding"]),
                         groups=groups)
        elif kind == "activation":
            parameter = options.get("parameter")
            x = {
                "relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh,
                "gelu": F.gelu, "silu": F.silu,
                "leaky-relu": lambda x: F.leaky_relu(x, parameter),
                "elu": lambda x: F.elu(x, parameter),
                "softplus": lambda x: F.softplus(x, parameter),
            }[options["name"]](x)
        elif kind in ("max", "average"):
            function = F.max_pool2d if kind == "max" else F.avg_pool2d
            stride = options["kernel"] if options["stride"] is None else options["stride"]
            x = function(x, pair(options["kernel"]), pair(stride), pair(options["padding"]))
        elif kind == "global":
            x = x.mean((2, 3))
        elif kind == "flatten":
            x = x.flatten(1)
        elif kind == "batch":
            own, channels = name("norm"), [x.shape[1]]
            weight = get(own + ".weight", channels, "scale")
            bias = get(own + ".bias", channels, "bias")
            mean = get(own + ".running_mean", channels, "mean")
            variance = get(own + ".running_var", channels, "variance")
            x = F.batch_norm(x, mean, variance, weight, bias, training,
                             options.get("momentum", 0.1), options.get("epsilon", 1e-5))
        elif kind == "group":
            own, channels = name("norm"), [x.shape[1]]
            weight = get(own + ".weight", channels, "scale")
            bias = get(own + ".bias", channels, "bias")
            x = F.group_norm(x, options["groups"], weight, bias, options.get("epsilon", 1e-5))
        elif kind == "layer":
            own, shape = name("norm"), list(x.shape[1:])
            weight = get(own + ".weight", shape, "scale")
            bias = get(own + ".bias", shape, "bias")
            x = F.layer_norm(x, shape, weight, bias)
        elif kind == "instance":
            name("norm")
            x = F.instance_norm(x)
        elif kind == "embedding":
            shape = [options["vocabulary"], options["dimension"]]
            table = get(name("embedding") + ".weight", shape, "weight")
            # A sequence is an image of one column whose channels are the dimensions.
            x = F.embedding(x, table).transpose(1, 2).unsqueeze(3)
        elif kind == "residual":
            body = run(options["body"], x, get, training, counts)
            x = body + run(options["shortcut"], x, get, training, counts)
        else:
            raise ValueError(kind)
    return x
