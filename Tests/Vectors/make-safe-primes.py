#!/usr/bin/env python3
"""Writes paillier_safe_primes.json: pairs of safe primes for tests of threshold decryption.

Those of moduli of 64 to 512 bits are the first safe primes at or above numbers that hide nothing: two
ones, then the binary digits of the square roots of 3 and 2. Of 512 bits there is a pair of neighbours
too, which is near enough for Fermat's method. The pair of 2048 bits is published: Oakley group 2
(RFC 2409, section 6.2) and the SRP group of 1024 bits (RFC 5054, appendix A). Every number is tested,
whatever its source.

Usage: make-safe-primes.py > paillier_safe_primes.json
"""
import json
from math import isqrt

SMALL = [p for p in range(3, 4000) if all(p % d for d in range(2, isqrt(p) + 1))]


def is_prime(n):
    """Miller and Rabin with the first 40 primes as bases."""
    if n < 4000 * 4000:
        return n > 1 and all(n % d for d in range(2, isqrt(n) + 1))
    if any(n % p == 0 for p in SMALL):
        return False
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in [2] + SMALL[:39]:
        x = pow(base, odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def is_safe(p):
    return all(p % r > 1 for r in SMALL if r * r < p) and is_prime(p // 2) and is_prime(p)


def next_safe(start):
    p = start | 3
    while not is_safe(p):
        p += 4
    return p


def start(bits, root):
    """The first `bits` bits of sqrt(root), behind two ones."""
    return (3 << (bits - 2)) | (isqrt(root << (2 * bits)) % (1 << (bits - 3)))


def oakley():
    """2^1024 - 2^960 - 1 + 2^64 (floor(2^894 pi) + 129093), pi by Machin's formula."""
    guard = 64

    def arctan(x):
        one = 1 << (894 + guard)
        total = term = one // x
        n = 3
        while term:
            term //= -x * x
            total += term // n
            n += 2
        return total

    pi = 4 * (4 * arctan(5) - arctan(239)) >> guard
    return 2**1024 - 2**960 - 1 + 2**64 * (pi + 129093)


SRP = int(
    "EEAF0AB9ADB38DD69C33F80AFA8FC5E86072618775FF3C0B9EA2314C9C256576D674DF7496EA81D3383B4813D692C6E0"
    "E0D5D8E250B98BE48E495C1D6089DAD15DC7D7B46154D6B6CE8EF4AD69B15D4982559B297BCF1885C529F566660E57EC"
    "68EDBC3C05726CC02FD4CBF4976EAA9AFD5138FE8376435B9FC61D2FC0EB06E3",
    16,
)

cases = [
    {"bits": 2 * bits, "p": next_safe(start(bits, 3)), "q": next_safe(start(bits, 2))}
    for bits in [32, 64, 128, 256]
]
near = cases[-1]["p"]
cases.append({"bits": 512, "near": True, "p": near, "q": next_safe(near + 4)})
cases.append({"bits": 2048, "p": oakley(), "q": SRP})
for case in cases:
    assert is_safe(case["p"]) and is_safe(case["q"]) and case["p"] != case["q"]
    assert (case["p"] * case["q"]).bit_length() == case["bits"]
    case["p"], case["q"] = "%x" % case["p"], "%x" % case["q"]
print(
    json.dumps(
        {
            "source": "make-safe-primes.py; 2048 bits: RFC 2409, section 6.2, RFC 5054, appendix A",
            "note": "p and q are safe primes, hexadecimal; bits are those of p q",
            "cases": cases,
        },
        indent=1,
    )
)
