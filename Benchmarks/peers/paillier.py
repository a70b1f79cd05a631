"""python-paillier with gmpy2: the peer of the benchmark `paillier`.

Calls that are timed, on keys and ciphertexts that the other side gives; and `pheutil`, the library's
own command, with files in and the file that it writes out.
"""

import importlib.metadata
import json
import os
import sys
import tempfile

from click.testing import CliRunner
import phe
import phe.command_line
import phe.util

VERSIONS = {name: importlib.metadata.version(name) for name in ("phe", "gmpy2")}
if not phe.util.HAVE_GMP:
    raise ImportError("python-paillier runs without gmpy2")

# Numbers of hostile or merely large exponents have more digits than Python prints by itself.
sys.set_int_max_str_digits(0)


def _keys(key):
    """The keys in the text of a private one."""
    members = json.loads(key)
    p, q = (phe.util.base64_to_int(members[name]) for name in ("p", "q"))
    public = phe.PaillierPublicKey(p * q)
    return public, phe.PaillierPrivateKey(public, p, q)


class _Call:
    """One operation on each number, again and again; counts numbers."""

    def __init__(self, question, key, values, ciphertexts):
        self.public, self.private = _keys(key)
        self.plain = [float(value) for value in values]
        self.numbers = []
        for text in ciphertexts:
            members = json.loads(text)
            self.numbers.append(phe.EncryptedNumber(self.public, int(members["v"]), members["e"]))
        self.work = getattr(self, question)

    def encrypt(self):
        self.found = [self.public.encrypt(value) for value in self.plain]

    def add(self):
        self.found = [a + b for a, b in zip(self.numbers, reversed(self.numbers))]

    def decrypt(self):
        self.found = [self.private.decrypt(number) for number in self.numbers]

    def __call__(self):
        self.work()
        return len(self.found)

    @property
    def values(self):
        """What came out last, decrypted where it has not been."""
        return [float(self.private.decrypt(number))
                if isinstance(number, phe.EncryptedNumber) else number for number in self.found]


def paillier(question, key, values=(), ciphertexts=()):
    """Calls of `encrypt` on values, of `add` or `decrypt` on ciphertexts."""
    return _Call(question, key, values, ciphertexts)


def pheutil(arguments, files):
    """Runs the command in a folder of these files; the texts of the files after it."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for name, text in files.items():
                with open(name, "w", encoding="utf-8") as file:
                    file.write(text)
            result = CliRunner().invoke(phe.command_line.cli, arguments)
            if result.exit_code != 0:
                raise ValueError(f"pheutil {arguments[0]}: {result.exception!r} {result.output}")
            texts = {}
            for name in os.listdir(folder):
                with open(name, encoding="utf-8") as file:
                    texts[name] = file.read()
            return texts
        finally:
            os.chdir(before)


def listed(key, values):
    """Numbers encrypted by the library at their own exponents, in the list form of its manual."""
    public, _ = _keys(key)
    numbers = [public.encrypt(int(value) if kind == "int" else float(value))
               for kind, value in values]
    return json.dumps({
        "public_key": {"n": public.n},
        "values": [(str(number.ciphertext()), number.exponent) for number in numbers]})


def unlisted(key, text):
    """What such a text holds: the kind of number and its digits."""
    public, private = _keys(key)
    received = json.loads(text)
    if received["public_key"]["n"] != public.n:
        raise ValueError("a text of another key")
    numbers = [private.decrypt(phe.EncryptedNumber(public, int(v), int(e)))
               for v, e in received["values"]]
    return [[type(number).__name__, str(number)] for number in numbers]


def encoded(key, values):
    """Residue and exponent of doubles."""
    public, _ = _keys(key)
    # In JSON a whole number has no point, and an int would be encoded in another way.
    encodings = [phe.EncodedNumber.encode(public, float(value)) for value in values]
    return [[str(encoding.encoding), encoding.exponent] for encoding in encodings]
