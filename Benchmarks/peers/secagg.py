"""Secure aggregation by Flower's own SecAgg+ functions: the peer of the benchmark `secagg`.

What its client (`flwr.client.mod.secure_aggregation`) and its workflow (`flwr.server.workflow`) do
with them is written here without their messages: keys on SECP384R1, Shamir's shares of a seed and
of a PEM key, Fernet between clients, masks by `pseudo_rand_gen` (NumPy's Mersenne Twister from 32
bits of the agreed key), everybody with everybody. Flower's files run as they are; only its
package's own import of servers and databases, which nothing here uses, is left out.
"""

import importlib
import importlib.metadata
import importlib.util
import os
import sys
import time
import types

import numpy


def _load():
    """Flower's modules, with `flwr` and `flwr.common` as plain folders."""
    place = os.path.dirname(importlib.util.find_spec("flwr").origin)
    for name in ("flwr", "flwr.common", "flwr.supercore", "flwr.supercore.primitives"):
        module = types.ModuleType(name)
        module.__path__ = [os.path.join(place, *name.split(".")[1:])]
        sys.modules[name] = module
    # The types that annotations name.
    sys.modules["flwr.common"].NDArrayInt = numpy.ndarray
    sys.modules["flwr.common"].NDArrayFloat = numpy.ndarray
    common = "flwr.common.secure_aggregation"
    names = {
        "shamir": f"{common}.crypto.shamir", "fernet": f"{common}.crypto.symmetric_encryption",
        "arithmetic": f"{common}.ndarrays_arithmetic", "quantization": f"{common}.quantization",
        "utils": f"{common}.secaggplus_utils", "keys": "flwr.supercore.primitives.asymmetric",
    }
    return types.SimpleNamespace(
        **{short: importlib.import_module(name) for short, name in names.items()})


flower = _load()
VERSIONS = {
    name: importlib.metadata.version(name) for name in ("flwr", "cryptography", "pycryptodome")}

CLIP, TARGET, MODULUS = 8.0, 1 << 22, 1 << 32


def _key_pair():
    private, public = flower.keys.generate_key_pairs()
    return flower.keys.private_key_to_bytes(private), flower.keys.public_key_to_bytes(public)


def _agree(private, public):
    return flower.fernet.generate_shared_key(
        flower.keys.bytes_to_private_key(private), flower.keys.bytes_to_public_key(public))


class _Client:
    def __init__(self, number, vector):
        self.number, self.vector = number, vector
        self.sk1, self.pk1 = _key_pair()
        self.sk2, self.pk2 = _key_pair()
        self.seed = os.urandom(32)

    def share(self, others, threshold):
        """Shares of both secrets, encrypted for each other client."""
        seeds = flower.shamir.create_shares(self.seed, threshold, len(others))
        keys = flower.shamir.create_shares(self.sk1, threshold, len(others))
        sent = {}
        for place, other in enumerate(others):
            if other is self:
                continue
            agreed = _agree(self.sk2, other.pk2)
            sent[other.number] = agreed, flower.fernet.encrypt(
                agreed, flower.utils.share_keys_plaintext_concat(
                    self.number, other.number, seeds[place], keys[place]))
        return seeds, keys, sent

    def open(self, sent):
        """What the others sent it, of which it gets as many as it sent."""
        for agreed, ciphertext in sent.values():
            flower.utils.share_keys_plaintext_separate(flower.fernet.decrypt(agreed, ciphertext))

    def mask(self, others):
        """Its codes and its masked codes."""
        codes = flower.arithmetic.factor_combine(
            TARGET, flower.quantization.quantize([self.vector], CLIP, TARGET))
        shapes = [array.shape for array in codes]
        masked = flower.arithmetic.parameters_addition(
            codes, flower.utils.pseudo_rand_gen(self.seed, MODULUS, shapes))
        for other in others:
            if other is self:
                continue
            agreed = _agree(self.sk1, other.pk1)
            mask = flower.utils.pseudo_rand_gen(agreed, MODULUS, shapes)
            change = flower.arithmetic.parameters_addition if self.number > other.number \
                else flower.arithmetic.parameters_subtraction
            masked = change(masked, mask)
        return codes, flower.arithmetic.parameters_mod(masked, MODULUS)


class _Clock:
    """Seconds of this process on all its threads, by phase, each times how often it happens."""

    def __init__(self):
        self.seconds = {}

    def __call__(self, phase, times, body):
        start = time.process_time()
        result = body()
        spent = (time.process_time() - start) * times
        self.seconds[phase] = self.seconds.get(phase, 0.0) + spent
        return result


def run(clients, dropped, threshold, dimension, sample):
    """One aggregation: CPU seconds of keys, shares, masks and unmasking; whether it is exact.

    Keys, masks and the removal of masks are done by everybody and counted as they are. Shamir's
    sharing and rebuilding are measured on one client and on `sample` secrets of each kind, and
    scaled.
    """
    rng = numpy.random.default_rng(0)
    vectors = rng.normal(size=(clients, dimension))
    clock = _Clock()
    everybody = clock("keys", 1, lambda: [_Client(i, vectors[i]) for i in range(clients)])
    seeds, keys, sent = clock("shares", clients, lambda: everybody[0].share(everybody, threshold))
    clock("shares", clients, lambda: everybody[0].open(sent))

    survivors, gone = everybody[dropped:], everybody[:dropped]
    total = plain = None
    for client in survivors:
        codes, masked = clock("masks", 1, lambda: client.mask(everybody))
        codes = [array.astype(numpy.int64) for array in codes]
        if total is None:
            total, plain = masked, codes
        else:
            total = clock(
                "unmasking", 1, lambda: flower.arithmetic.parameters_addition(total, masked))
            plain = flower.arithmetic.parameters_addition(plain, codes)
    total = flower.arithmetic.parameters_mod(total, MODULUS)

    # Of client 0, whose shares are there: the shares of any survivors do.
    kept = slice(dropped, clients)
    for times, shares, secret in (
            (len(survivors), seeds, everybody[0].seed), (len(gone), keys, everybody[0].sk1)):
        for _ in range(min(sample, times)):
            rebuilt = clock(
                "unmasking", times / min(sample, times),
                lambda: flower.shamir.combine_shares(shares[kept]))
            if rebuilt != secret:
                raise ValueError("Flower's shares do not rebuild the secret")

    shapes = flower.arithmetic.get_parameters_shape(total)

    def unmask():
        result = total
        for client in survivors:
            result = flower.arithmetic.parameters_subtraction(
                result, flower.utils.pseudo_rand_gen(client.seed, MODULUS, shapes))
        for client in gone:
            for other in everybody:
                if other is client:
                    continue
                agreed = _agree(client.sk1, other.pk1)
                mask = flower.utils.pseudo_rand_gen(agreed, MODULUS, shapes)
                change = flower.arithmetic.parameters_addition if client.number > other.number \
                    else flower.arithmetic.parameters_subtraction
                result = change(result, mask)
        return flower.arithmetic.parameters_mod(result, MODULUS)

    result = clock("unmasking", 1, unmask)
    expected = flower.arithmetic.parameters_mod(plain, MODULUS)
    is_exact = all(bool((a == b).all()) for a, b in zip(result, expected))
    spent = [clock.seconds[phase] for phase in ("keys", "shares", "masks", "unmasking")]
    return spent + [1.0 if is_exact else 0.0]


def secagg(**numbers):
    """Aggregations; counts them."""

    def call():
        call.values = run(**numbers)
        return 1

    call.is_long = True
    call.values = []
    return call
