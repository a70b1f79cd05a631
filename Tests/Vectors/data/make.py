"""Writes the data files beside this script and what their splits must be, expected.json.

Everything is computed from the arrays in memory by NumPy and the standard library (gzip, struct, csv,
json), not by reading the files back. Run: python3 make.py
"""

import csv
import gzip
import hashlib
import io
import json
import pathlib
import struct

import numpy as np

here = pathlib.Path(__file__).parent
random = np.random.default_rng(20260131)
expected = {}


def idx(array):
    """The bytes of an IDX file."""
    codes = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}
    header = struct.pack(">HBB", 0, codes[array.dtype.name], array.ndim)
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return header + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write(name, content):
    path = here / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(content)


def moments(x, run):
    """Mean and population deviation of each run of features over the rows of x, in double precision,
    one value after another; bytes by exact sums."""
    channels = x.shape[1] // run
    count = x.shape[0] * run
    result = []
    for channel in range(channels):
        values = x[:, channel * run:(channel + 1) * run].reshape(-1)
        if x.dtype == np.uint8:
            mean = sum(map(int, values)) / count
            variance = sum(int(v) ** 2 for v in values) / count - mean * mean
        else:
            total = 0.0
            for value in values:
                total += float(value)
            mean, total = total / count, 0.0
            for value in values:
                total += (float(value) - mean) ** 2
            variance = total / count
        deviation = max(variance, 0.0) ** 0.5
        result.append((mean, deviation if deviation > 0 else 1.0))
    return [m for m, _ in result], [s for _, s in result]


def normalised(x, method, offsets, scales, run):
    if method == "none":
        return x.astype(np.float32)
    if method == "unit":
        return x.astype(np.float32) / np.float32(255)
    offset = np.repeat(np.array(offsets), run)
    scale = np.repeat(np.array(scales), run)
    return ((x.astype(np.float64) - offset) / scale).astype(np.float32)


def digest(parts, classes, shape, groups):
    sha = hashlib.sha256()
    for x, y in parts:
        sha.update(struct.pack(f"<{3 + len(shape)}Q", len(x), classes, len(shape), *shape))
        for row, label in zip(x, y):
            sha.update(struct.pack("<i", int(label)) + row.astype("<f4").tobytes())
    if groups:
        names = list(dict.fromkeys(groups))
        sha.update(b"".join(name.encode() + b"\0" for name in names))
        sha.update(struct.pack(f"<{len(groups)}I", *map(names.index, groups)))
    return sha.hexdigest()


def expect(name, x, y, tx, ty, shape, method, classes=None, groups=(), names=()):
    """What the split of these arrays must be."""
    x, tx = x.reshape(len(x), -1), tx.reshape(len(tx), -1)
    run = shape[1] * shape[2] if len(shape) == 3 else 1
    offsets, scales = moments(x, run) if method == "standard" else ([], [])
    if method == "unit":
        scales = [255.0]
    parts = [(normalised(part, method, offsets, scales, run), labels)
             for part, labels in ((x, y), (tx, ty))]
    classes = classes or int(max(y)) + 1
    expected[name] = {
        "method": method, "shape": list(shape), "classes": classes, "classNames": list(names),
        "train": len(x), "test": len(tx), "labels": [int(v) for v in y],
        "groups": list(groups), "offsets": offsets, "scales": scales,
        "first": [float(v) for v in parts[0][0][0][:20]],
        "digest": digest(parts, classes, shape, list(groups)),
    }


# Grey images, as MNIST's: 30 to train on, 10 to test on.
images = random.integers(0, 256, (40, 5, 4), dtype=np.uint8)
images[:, 0] = 0
labels = random.integers(0, 4, 40).astype(np.uint8)
labels[0] = 3
for name, x, y in (("train", images[:30], labels[:30]), ("test", images[30:], labels[30:])):
    write(f"{name}-images.idx", idx(x))
    write(f"{name}-labels.idx", idx(y))
    write(f"{name}-images.idx.gz", gzip.compress(idx(x), mtime=0))
    write(f"{name}-labels.idx.gz", gzip.compress(idx(y), mtime=0))
for method in ("none", "unit", "standard"):
    expect(f"idx {method}", images[:30], labels[:30], images[30:], labels[30:], (1, 5, 4), method)
turned = images.transpose(0, 2, 1)
expect("idx transposed", turned[:30], labels[:30], turned[30:], labels[30:], (1, 4, 5), "unit")
# Every other type, big-endian: a table of floats with labels of 32 bits.
table = random.normal(3, 2, (20, 3)).astype(np.float32)
classes = random.integers(0, 3, 20).astype(np.int32)
classes[0] = 2
for name, part in (("train", slice(0, 15)), ("test", slice(15, 20))):
    write(f"{name}-table.idx", idx(table[part]))
    write(f"{name}-classes.idx", idx(classes[part]))
expect("idx table", table[:15], classes[:15], table[15:], classes[15:], (3,), "standard")
# A gzip file of two members, as `cat a.gz b.gz` makes.
whole = idx(images[:30])
write("members.idx.gz", gzip.compress(whole[:100], mtime=0) + gzip.compress(whole[100:], mtime=0))

# CIFAR's binary records.
colour = random.integers(0, 256, (3, 3, 32, 32), dtype=np.uint8) // 128 * 17
fine = [7, 99, 42]
coarse = [1, 19, 0]
ten = [9, 0, 5]
for index, name in enumerate(("train-1", "train-2", "test")):
    pixels = colour[index].tobytes()
    write(f"cifar-10-{name}.bin", bytes([ten[index]]) + pixels)
    write(f"cifar-100-{name}.bin", bytes([coarse[index], fine[index]]) + pixels)
for name, y, count in (("cifar-10", ten, 10), ("cifar-100", fine, 100), ("cifar-100-coarse", coarse, 20)):
    expect(name, colour[:2], y[:2], colour[2:], y[2:], (3, 32, 32), "standard", classes=count)

# Tables: text labels, a group column, quoted fields, line ends of Windows.
measured = random.normal(0, 10, (12, 2)).round(3)
kinds = ["setosa", "virginica", "versicolor"] * 4
sites = ["north, old", "south", "a \"quoted\" site"] * 4
for name, part in (("train", range(9)), ("test", range(9, 12))):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["length", "site", "kind", "width", "id"])
    for i in part:
        writer.writerow([measured[i, 0], sites[i], kinds[i], measured[i, 1], f"#{i}"])
    write(f"{name}.csv", text.getvalue().encode())
names = sorted(set(kinds))
y = [names.index(kind) for kind in kinds]
single = measured.astype(np.float32)
expect("csv", single[:9], y[:9], single[9:], y[9:], (2,), "standard", groups=sites[:9], names=names)
# Numbers as labels, in the order of numbers: 2, 10, 10.5; no header.
codes = ["10", "2", "10.5", "2.0"] * 3
for name, part in (("train", range(9)), ("test", range(9, 12))):
    text = "".join(f"{measured[i, 0]:e};{measured[i, 1]};{codes[i]}\n" for i in part)
    write(f"numbers-{name}.csv", text.encode())
y = [{2.0: 0, 10.0: 1, 10.5: 2}[float(code)] for code in codes]
expect("csv numbers", single[:9], y[:9], single[9:], y[9:], (2,), "none", names=["2", "10", "10.5"])

# NumPy archives and pairs.
packed = {"x_train": images[:30], "y_train": labels[:30], "x_test": images[30:], "y_test": labels[30:]}
np.savez(here / "split.npz", **packed)
np.savez_compressed(here / "packed.npz", **packed)
expect("npz", images[:30], labels[:30], images[30:], labels[30:], (1, 5, 4), "unit")
np.savez(here / "train.npz", x=table[:15].astype(np.float64), y=classes[:15].astype(np.int64))
np.savez(here / "test.npz", x=table[15:].astype(np.float64), y=classes[15:].reshape(-1, 1))
expect("npz pair", table[:15], classes[:15], table[15:], classes[15:], (3,), "none")
small = random.integers(0, 256, (8, 2, 3, 3), dtype=np.uint8)
np.save(here / "train-x.npy", small[:6])
np.save(here / "train-y.npy", np.array([0, 1, 1, 0, 1, 0]))
np.save(here / "test-x.npy", np.asfortranarray(small[6:]))
np.save(here / "test-y.npy", np.array([True, False]))
first = small.transpose(0, 3, 1, 2)
expect("npy", first[:6], [0, 1, 1, 0, 1, 0], first[6:], [1, 0], (3, 2, 3), "standard")

# LEAF: users over several files; a user's test examples are in a folder of their own.
users = {f"user {letter}é": count for letter, count in zip("abcd", (3, 1, 4, 2))}
rows = random.normal(0, 1, (14, 4)).round(4)
marks = [int(v) for v in random.integers(0, 3, 14)]
marks[0] = 2
start = 0
held = {}
for user, count in users.items():
    held[user] = (start, count)
    start += count


def leaf(path, part, **more):
    content = {
        "users": list(part),
        "num_samples": [count for _, count in part.values()],
        "user_data": {
            user: {
                "x": [[float(v) for v in row] for row in rows[s:s + n]],
                "y": marks[s:s + n],
            }
            for user, (s, n) in part.items()
        },
        **more,
    }
    write(path, json.dumps(content).encode())


pairs = list(held.items())
leaf("leaf-train/all_0.json", dict(pairs[:2]))
leaf("leaf-train/all_1.json", dict(pairs[2:]), hierarchies=[None, {"a": [1, "b"]}])
leaf("leaf-test/all_0.json", {pairs[0][0]: (10, 2), pairs[3][0]: (12, 2)})
members = [user for user, (_, count) in pairs for _ in range(count)]
single = rows.astype(np.float32)
expect("leaf", single[:10], marks[:10], single[10:], marks[10:], (4,), "standard", groups=members)

write("expected.json", json.dumps(
    {"source": "Tests/Vectors/data/make.py (NumPy, Python's gzip, struct, csv, json, hashlib)",
     "note": "for each case the split that the files beside this one must give; first: the training "
             "part's first example, normalised",
     "cases": [{"name": name, **case} for name, case in expected.items()]},
    indent=1).encode() + b"\n")
