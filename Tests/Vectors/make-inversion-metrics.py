"""Writes inversion_metrics.json: image metrics of scikit-image and scipy on two images by formula.

Needs numpy, scipy, scikit-image. Run as `python3 make-inversion-metrics.py > inversion_metrics.json`.
"""
import json

import numpy as np
import scipy
import skimage
from scipy.ndimage import gaussian_filter
from scipy.optimize import linear_sum_assignment
from scipy.signal import convolve2d
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity
from skimage.registration import phase_cross_correlation


def images(channels, height, width):
    c, r, k = np.meshgrid(range(channels), range(height), range(width), indexing="ij")
    a = ((9 * r + 5 * k + 40 * c + 3 * r * k % 31) % 256 / 255).astype(np.float32)
    noise = ((31 * r + 17 * k + 7 * c) % 23 - 11) / 60
    b = np.clip(0.8 * a.astype(np.float64) + 0.1 + noise, 0, 1).astype(np.float32)
    return a.astype(np.float64), b.astype(np.float64)


def ssim(a, b):
    return structural_similarity(
        a, b, data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        channel_axis=0)


def contrast(a, b):
    """Wang et al. 2003: mean of (2 s_xy + c2) / (s_xx + s_yy + c2) where the window fits."""
    f = lambda x: gaussian_filter(x, 1.5, truncate=3.5)[5:-5, 5:-5]
    cov = f(a * b) - f(a) * f(b)
    return ((2 * cov + 9e-4) / (f(a * a) - f(a) ** 2 + f(b * b) - f(b) ** 2 + 9e-4)).mean()


def half(x):
    h, w = x.shape[0] // 2, x.shape[1] // 2
    return x[: 2 * h, : 2 * w].reshape(h, 2, w, 2).mean((1, 3))


def ms_ssim(a, b):
    weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]
    values = []
    for x, y in zip(a, b):
        scales = []
        while min(x.shape) >= 11 and len(scales) < 5:
            scales.append((x, y))
            x, y = half(x), half(y)
        w = np.array(weights[: len(scales)]) / sum(weights[: len(scales)])
        factors = [contrast(*s) for s in scales[:-1]] + [ssim(scales[-1][0][None], scales[-1][1][None])]
        values.append(np.prod(np.maximum(factors, 0) ** w))
    return float(np.mean(values))


def gmsd(a, b):
    luma = lambda x: half(np.tensordot([0.299, 0.587, 0.114], x, 1) if len(x) == 3 else x.mean(0))
    dx = np.array([[1, 0, -1]] * 3) / 3
    def m(x):
        return np.hypot(convolve2d(x, dx, "same"), convolve2d(x, dx.T, "same"))
    x, y = m(luma(a)), m(luma(b))
    return float(((2 * x * y + 0.0026) / (x**2 + y**2 + 0.0026)).std())


cases = []
for shape in [(3, 32, 32), (1, 24, 17), (3, 64, 48)]:
    a, b = images(*shape)
    cases.append(
        dict(
            shape=shape, mse=mean_squared_error(a, b),
            psnr=peak_signal_noise_ratio(a, b, data_range=1), ssim=ssim(a, b), multiScale=ms_ssim(a, b),
            gmsd=gmsd(a, b)))

shifts = []
for rows, columns in [(0, 0), (3, -2), (-5, 4)]:
    a, _ = images(1, 32, 32)
    a = np.sqrt(a)
    moved = np.roll(a, (-rows, -columns), (1, 2))
    got = phase_cross_correlation(a[0], moved[0], normalization="phase")[0]
    shifts.append(dict(rows=int(got[0]), columns=int(got[1])))

costs = [[(37 * i * i + 11 * j * (i + 3) + 5 * j * j) % 97 for j in range(9)] for i in range(7)]
rows, columns = linear_sum_assignment(costs)
json.dump(
    dict(
        source=f"scikit-image {skimage.__version__}, scipy {scipy.__version__}: "
        "make-inversion-metrics.py",
        note="Images by formula; shifts are what moves a rolled image back.",
        cases=[dict(images=cases, shifts=shifts, cost=int(sum(costs[i][c] for i, c in zip(rows, columns))))]),
    __import__("sys").stdout, indent=1)
print()
