#!/usr/bin/env python3
"""Writes constants.h: every number the kernels of BLS12-381 need, derived and checked here.

    python3 make-constants.py ../../Tests/Vectors > constants.h

Taken as given: the parameter x of the curve (draft-irtf-cfrg-pairing-friendly-curves), the
generators (Tests/Vectors/bls12381_encodings.json, from the Zcash specification), the curves that
RFC 9380 maps to (section 8.8: A', B' and Z), and its test vectors. All else follows:

- r = x^4 - x^2 + 1, p = (x - 1)^2 r / 3 + x, the constants of Montgomery's form;
- the factors of Frobenius' map, powers of xi = 1 + u: w^6 = xi, hence w^p = xi^((p-1)/6) w;
- the cube root of unity beta and the factors of psi, those whose maps multiply the generators by
  -x^2 and x;
- the isogenies of RFC 9380 by Velu's formulas from a point of order 11 (3) of the curve mapped to.
  Six isomorphisms lead from Velu's curve to ours; the one that gives the RFC's points is taken.

A wrong number among those given fails an assertion: order, curve, isogeny or vector.
"""
import json
import random
import sys

random.seed(1)
x = -0xD201000000010000
r = x**4 - x**2 + 1
p = (x - 1) ** 2 * r // 3 + x
R = 1 << 384


class E:
    """An element of Fp[u]/(u^2 + 1)."""

    def __init__(self, a, b=0):
        self.a, self.b = a % p, b % p

    def __add__(self, o): return E(self.a + o.a, self.b + o.b)
    def __sub__(self, o): return E(self.a - o.a, self.b - o.b)
    def __neg__(self): return E(-self.a, -self.b)
    def __mul__(self, o):
        if isinstance(o, int): return E(self.a * o, self.b * o)
        return E(self.a * o.a - self.b * o.b, self.a * o.b + self.b * o.a)
    def __eq__(self, o): return self.a == o.a and self.b == o.b
    def __bool__(self): return bool(self.a or self.b)
    def __pow__(self, n):
        result, base = E(1), self
        while n:
            if n & 1: result = result * base
            base = base * base
            n >>= 1
        return result
    def conj(self): return E(self.a, -self.b)
    def inv(self):
        n = pow(self.a * self.a + self.b * self.b, -1, p)
        return E(self.a * n, -self.b * n)


def poly_mul(f, g):
    out = [E(0)] * (len(f) + len(g) - 1)
    for i, a in enumerate(f):
        for j, b in enumerate(g): out[i + j] = out[i + j] + a * b
    return out


def poly_mod(f, g):
    f, lead = list(f), g[-1].inv()
    while len(f) >= len(g):
        c = f[-1] * lead
        for i in range(len(g)): f[len(f) - len(g) + i] = f[len(f) - len(g) + i] - c * g[i]
        f.pop()
    while f and not f[-1]: f.pop()
    return f


def poly_gcd(f, g):
    while g: f, g = g, poly_mod(f, g)
    return [c * f[-1].inv() for c in f]


def roots(f, q):
    """All roots of f in the field of q elements (Cantor and Zassenhaus)."""
    def power(base, n, m):
        out = [E(1)]
        while n:
            if n & 1: out = poly_mod(poly_mul(out, base), m)
            base = poly_mod(poly_mul(base, base), m)
            n >>= 1
        return out

    def minus(f, g):
        out = [(f[i] if i < len(f) else E(0)) - (g[i] if i < len(g) else E(0))
               for i in range(max(len(f), len(g)))]
        while out and not out[-1]: out.pop()
        return out

    def split(f):
        if len(f) == 1: return []
        if len(f) == 2: return [-f[0] * f[1].inv()]
        while True:
            t = E(random.randrange(p), random.randrange(p) if q > p else 0)
            g = poly_gcd(f, minus(power([t, E(1)], (q - 1) // 2, f), [E(1)]))
            if 1 < len(g) < len(f):
                h, rest = [], list(f)
                while len(rest) >= len(g):
                    c = rest[-1] * g[-1].inv()
                    h.insert(0, c)
                    for i in range(len(g)):
                        rest[len(rest) - len(g) + i] = rest[len(rest) - len(g) + i] - c * g[i]
                    rest.pop()
                return split(g) + split(h)

    g = poly_gcd(f, minus(power([E(0), E(1)], q, f), [E(0), E(1)]))
    return split(g)


def sqrt(c, q):
    found = roots([-c, E(0), E(1)], q)
    return found[0] if found else None


def add(P, Q, A):
    if P is None: return Q
    if Q is None: return P
    if P[0] == Q[0]:
        if not (P[1] + Q[1]): return None
        s = (P[0] * P[0] * 3 + A) * (P[1] * 2).inv()
    else:
        s = (Q[1] - P[1]) * (Q[0] - P[0]).inv()
    X = s * s - P[0] - Q[0]
    return (X, s * (P[0] - X) - P[1])


def mul(k, P, A):
    if k < 0: return mul(-k, (P[0], -P[1]), A)
    out = None
    for bit in bin(k)[2:]:
        out = add(out, out, A)
        if bit == "1": out = add(out, P, A)
    return out


def evaluate(f, t):
    out = E(0)
    for c in reversed(f): out = out * t + c
    return out


def derivative(f): return [c * i for i, c in enumerate(f)][1:]


def isogeny(A, B, target, kernel, q, pairs):
    """d, N, M: (x, y) to (N / d^2, y M / d^3), from y^2 = x^3 + A x + B to y^2 = x^3 + target.

    `kernel` holds the abscissas of the kernel's points, one of each pair Q, -Q; `pairs` points and
    what they must be mapped to."""
    d, t, u = [E(1)], [], []
    for X in kernel:
        d = poly_mul(d, [-X, E(1)])
        t.append((X * X * 3 + A) * 2)
        u.append((X * X * X + A * X + B) * 4)
    # N = x d^2 + sum (t (x - X) + u) (d / (x - X))^2.
    N = poly_mul([E(0), E(1)], poly_mul(d, d))
    for i, X in enumerate(kernel):
        rest = [E(1)]
        for j, Y in enumerate(kernel):
            if j != i: rest = poly_mul(rest, [-Y, E(1)])
        for k, c in enumerate(poly_mul([u[i] - t[i] * X, t[i]], poly_mul(rest, rest))):
            N[k] = N[k] + c
    # Y's factor is the derivative of X: (N' d - 2 N d') / d^3.
    M = poly_mul(derivative(N), d)
    for k, c in enumerate(poly_mul(N, derivative(d))): M[k] = M[k] - c * 2
    a, b = A, B
    for i, X in enumerate(kernel):
        a = a - t[i] * 5
        b = b - (u[i] + X * t[i]) * 7
    assert not a, "the isogenous curve has the form y^2 = x^3 + b"
    for s in roots([-(target * b.inv()), E(0), E(0), E(0), E(0), E(0), E(1)], q):
        n, m = [c * s * s for c in N], [c * s * s * s for c in M]
        good = True
        for (X, Y), (X2, Y2) in pairs:
            i = evaluate(d, X).inv()
            good = good and evaluate(n, X) * i * i == X2 and Y * evaluate(m, X) * i * i * i == Y2
        if good: return d, n, m
    raise AssertionError("no isomorphism gives the points of RFC 9380")


def sgn0(e): return e.a & 1 if e.a else e.b & 1


def sswu(u, A, B, Z, q):
    t = Z * Z * (u * u * u * u) + Z * u * u
    x1 = -B * A.inv() * (E(1) + t.inv()) if t else B * (Z * A).inv()
    for X in (x1, Z * u * u * x1):
        Y = sqrt(X * X * X + A * X + B, q)
        if Y is not None:
            return (X, Y if sgn0(Y) == sgn0(u) else -Y)
    raise AssertionError


def limbs(n, count=6):
    return ", ".join(f"0x{n >> 64 * i & (1 << 64) - 1:016x}" for i in range(count))
def fp(n): return "{{" + limbs(n * R % p) + "}}"
def fp2(e): return "{" + fp(e.a) + ", " + fp(e.b) + "}"
def words(name, n, count): print(f"static const uint64_t {name}[{count}] = {{{limbs(n, count)}}};")
def word(name, n, what): print(f"static const uint64_t {name} = 0x{n:016x}; // {what}")
def one(kind, name, text): print(f"static const ramp_{kind} {name} = {text};")
def many(kind, name, items, show):
    print(f"static const ramp_{kind} {name}[{len(items)}] = {{")
    for item in items: print(f"  {show(item)},")
    print("};")


def main(folder):
    cases = json.load(open(folder + "/bls12381_encodings.json"))["cases"]
    def generator(g):
        text = next(c["u"] for c in cases if c["g"] == g and int(c["k"], 16) == 1)
        return [int(text[i:i + 96], 16) for i in range(0, len(text), 96)]
    g = generator(1)
    G1 = (E(g[0]), E(g[1]))
    g = generator(2)
    G2 = (E(g[1], g[0]), E(g[3], g[2]))
    four, xi, zero = E(4), E(1, 1), E(0)
    assert G1[1] * G1[1] == G1[0] * G1[0] * G1[0] + four and mul(r, G1, zero) is None
    assert G2[1] * G2[1] == G2[0] * G2[0] * G2[0] + four * xi and mul(r, G2, zero) is None

    beta = next(b for b in roots([E(1), E(1), E(1)], p)
                if mul(-x * x, G1, zero) == (G1[0] * b, G1[1]))
    frobenius = [xi ** (i * (p - 1) // 6) for i in range(6)]
    squared = [f * f.conj() for f in frobenius]
    assert all(f.b == 0 for f in squared)
    psi_x, psi_y = frobenius[2].inv(), frobenius[3].inv()
    assert mul(x, G2, zero) == (G2[0].conj() * psi_x, G2[1].conj() * psi_y)

    rfc = json.load(open(folder + "/rfc9380_bls12381.json"))["cases"]
    A1 = E(int("144698a3b8e9433d693a02c96d4982b0ea985383ee66a8d8"
               "e8981aefd881ac98936f8da0e0f97f5cf428082d584c1d", 16))
    B1 = E(int("12e2908d11688030018b12e8753eee3b2016c1f0f24f4070"
               "a0b9c14fcef35ef55a23215a316ceaa5d1cc48e98e172be0", 16))
    Z1 = E(11)
    A2, B2, Z2 = E(0, 240), E(1012, 1012), E(-2, -1)

    def element(values): return E(*[int(v, 16) for v in values])
    def pairs(suite, A, B, Z, q):
        out = []
        for case in rfc:
            if case["suite"][:2] != suite: continue
            for u, t in zip(case["u"], case["q"]):
                half = len(t) // 2
                out.append((sswu(element(u), A, B, Z, q), (element(t[:half]), element(t[half:]))))
        return out

    # The curve of order h r has a point of order 11, and one subgroup of that order.
    h = (x - 1) ** 2 // 3
    while True:
        X = E(random.randrange(p))
        Y = sqrt(X * X * X + A1 * X + B1, p)
        if Y is None: continue
        T = mul(h * r // 121, (X, Y), A1)
        if T is None: continue
        while mul(11, T, A1) is not None: T = mul(11, T, A1)
        break
    kernel1 = [mul(k, T, A1)[0] for k in range(1, 6)]
    d1, n1, m1 = isogeny(A1, B1, four, kernel1, p, pairs("G1", A1, B1, Z1, p))
    # Abscissas of points of order 3 are roots of the third division polynomial.
    candidates = roots([-A2 * A2, B2 * 12, A2 * 6, zero, E(3)], p * p)
    found = None
    for X in candidates:
        try: found = isogeny(A2, B2, four * xi, [X], p * p, pairs("G2", A2, B2, Z2, p * p))
        except AssertionError: continue
    d2, n2, m2 = found

    print("// Written by make-constants.py, which says where each number comes from. Elements of")
    print("// the field are in Montgomery's form, least significant word first.")
    print("// clang-format off")
    print('#include "CPairings.h"')
    words("P", p, 6)
    words("TWO_P", 2 * p, 6)
    word("P_INVERSE", -pow(p, -1, 1 << 64) % (1 << 64), "-1/p modulo 2^64")
    words("P_MINUS_2", p - 2, 6)
    words("P_MINUS_3_OVER_4", (p - 3) // 4, 6)
    words("P_MINUS_1_OVER_2", (p - 1) // 2, 6)
    word("X_ABSOLUTE", -x, "x is negative")
    words("ORDER", r, 4)
    word("ORDER_INVERSE", -pow(r, -1, 1 << 64) % (1 << 64), "-1/r modulo 2^64")
    words("ORDER_R2", (1 << 512) % r, 4)
    words("ORDER_R3", (1 << 768) % r, 4)
    words("ORDER_MINUS_2", r - 2, 4)
    one("fp", "ONE", fp(1))
    one("fp", "R_SQUARED", "{{" + limbs(R * R % p) + "}}")
    one("fp", "TWO_256", fp(1 << 256))
    one("fp", "BETA", fp(beta.a))
    one("fp2", "PSI_X", fp2(psi_x))
    one("fp2", "PSI_Y", fp2(psi_y))
    one("fp", "G1_X", fp(G1[0].a))
    one("fp", "G1_Y", fp(G1[1].a))
    one("fp2", "G2_X", fp2(G2[0]))
    one("fp2", "G2_Y", fp2(G2[1]))
    many("fp2", "FROBENIUS", frobenius, fp2)
    many("fp", "FROBENIUS_SQUARED", [f.a for f in squared], fp)
    one("fp", "SSWU1_A", fp(A1.a))
    one("fp", "SSWU1_B", fp(B1.a))
    one("fp", "SSWU1_Z", fp(Z1.a))
    one("fp", "SSWU1_ROOT", fp(sqrt(-Z1, p).a))
    one("fp2", "SSWU2_A", fp2(A2))
    one("fp2", "SSWU2_B", fp2(B2))
    one("fp2", "SSWU2_Z", fp2(Z2))
    many("fp", "ISOGENY1_D", [c.a for c in d1], fp)
    many("fp", "ISOGENY1_N", [c.a for c in n1], fp)
    many("fp", "ISOGENY1_M", [c.a for c in m1], fp)
    many("fp2", "ISOGENY2_D", d2, fp2)
    many("fp2", "ISOGENY2_N", n2, fp2)
    many("fp2", "ISOGENY2_M", m2, fp2)


main(sys.argv[1])
