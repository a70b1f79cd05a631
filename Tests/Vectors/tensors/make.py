"""Writes the files beside it with NumPy 2.4.6, safetensors 0.8.0 and Python 3.11's zipfile."""
import io
import pathlib
import zipfile

import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

here = pathlib.Path(__file__).parent


def numbers(dtype):
    return ((np.arange(6) - 2) * 0.75).astype(dtype)


def integers(dtype):
    return (np.arange(6) * 21 - (2 if np.dtype(dtype).kind == "i" else 0)).astype(dtype)


signed, unsigned = ["i1", "i2", "i4", "i8"], ["u1", "u2", "u4", "u8"]
types = {name: numbers(name).reshape(2, 3) for name in ["f2", "f4", "f8"]}
types |= {name: integers(name).reshape(3, 2) for name in signed + unsigned}
types["bool"] = np.array([True, False, False, True])
types["scalar"] = np.float64(2.5)
types["empty"] = np.zeros((0, 3), "f4")
types["grüße"] = np.array([1, 2], "i4")
np.savez(here / "types.npz", **types)
swapped = [name for name in types if name in ["f2", "f4", "f8"] or name[0] in "iu" and name[1] in "248"]
np.savez(
    here / "big-endian.npz",
    **{name: types[name].astype(types[name].dtype.newbyteorder(">")) for name in swapped})
np.savez_compressed(
    here / "deflated.npz", a=np.tile(np.arange(4, dtype="f4"), 16).reshape(8, 8), b=np.arange(3))

cube = np.arange(24, dtype="i4").reshape(2, 3, 4)
np.save(here / "row-major.npy", cube)
np.save(here / "column-major.npy", np.asfortranarray(cube))
for version in [1, 2, 3]:
    with open(here / f"version-{version}.npy", "wb") as file:
        np.lib.format.write_array(file, np.arange(3, dtype="<f8"), version=(version, 0))
np.save(here / "records.npy", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
np.save(here / "objects.npy", np.array([{}, None], dtype=object), allow_pickle=True)
np.save(here / "texts.npy", np.array(["a", "bc"]))
np.save(here / "complex.npy", np.array([1 + 2j]))

zipfile.ZIP64_LIMIT = 4  # ZIP64 records though the file is small
with zipfile.ZipFile(here / "zip64.npz", "w") as archive:
    for name, array in [("x", np.arange(5, dtype="f4")), ("y", np.arange(2))]:
        content = io.BytesIO()
        np.lib.format.write_array(content, array)
        archive.writestr(zipfile.ZipInfo(name + ".npy"), content.getvalue())

tensors = {name: types[name] for name in ["f8", "i8", "u8", "f4", "i4", "u4", "f2", "i2", "u2"]}
tensors["bf16"] = numbers(ml_dtypes.bfloat16)
tensors |= {name: types[name] for name in ["i1", "u1", "bool", "empty"]}
tensors["scalar"] = np.array(2.5, "f8")
tensors['quo"te\n'] = np.array([1], "i4")
save_file(tensors, here / "types.safetensors", metadata={"format": "np"})
save_file({}, here / "nothing.safetensors")
