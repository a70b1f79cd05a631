"""Writes gradient-*.npz beside it with PyTorch 2.15.0+cu132 (on the CPU) and NumPy 2.4.6."""
import pathlib

import numpy as np
import torch

here = pathlib.Path(__file__).parent
torch.manual_seed(5)
model = torch.nn.Sequential(
    torch.nn.Flatten(), torch.nn.Linear(8, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3)).double()
with torch.no_grad():
    for parameter in model.parameters():
        parameter.div_(1.1)  # values that single precision cannot hold
names = ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]
x = torch.randn(7, 2, 2, 2)
y = torch.randint(0, 3, (7,))
loss = torch.nn.functional.cross_entropy(model(x.double()), y)
loss.backward()
parameters = dict(zip(names, model.parameters()))
np.savez(here / "gradient-weights.npz", **{name: p.detach().numpy() for name, p in parameters.items()})
np.savez(here / "gradient-batch.npz", x=x.numpy(), y=y.numpy())
np.savez(
    here / "gradient-expected.npz", loss=loss.detach().numpy(),
    **{name: p.grad.numpy() for name, p in parameters.items()})
