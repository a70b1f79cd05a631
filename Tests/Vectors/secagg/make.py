"""Writes bad_*.json: messages of double masking that are not what they must be.

Beside each stands what must be said. The reasons follow from the protocol: what is wrong decides
who notices first and what it costs. They are written here, never copied from a run.
"""

import json
import os

BOTH = ["semi-honest", "active"]
ACTIVE = ["active"]
SERVER = "the server"
# In the order in which they are sent: name, who sends it, in which variants.
KINDS = [
    ("key advertisement", "client", BOTH),
    ("key directory", "server", BOTH),
    ("share distribution", "client", BOTH),
    ("share delivery", "server", BOTH),
    ("masked input", "client", BOTH),
    ("survivor list", "server", BOTH),
    ("consistency signature", "client", ACTIVE),
    ("consistency proof", "server", ACTIVE),
    ("unmasking shares", "client", BOTH),
]
NAMES = [kind for kind, _, _ in KINDS]
ALL = "sum of 0, 1, 2, 3"
WITHOUT_1 = "sum of 0, 2, 3"
# What a client waits for once it has answered a message of the server.
AFTER = {
    "key directory": {"semi-honest": "the share delivery", "active": "the share delivery"},
    "share delivery": {"semi-honest": "the survivor list", "active": "the survivor list"},
    "survivor list": {
        "semi-honest": "nothing: it has finished", "active": "the consistency proof"},
    "consistency proof": {"active": "nothing: it has finished"},
}
BEFORE = {
    "share delivery": ("key directory", "the share delivery"),
    "survivor list": ("share delivery", "the survivor list"),
    "consistency proof": ("survivor list", "the consistency proof"),
}


def step(what, **more):
    return {"do": what, **more}


SIGN = step("sign")


class File:
    """The cases of one message: client 1's, or the server's to client 1."""

    def __init__(self, kind):
        self.kind = kind
        _, side, self.variants = KINDS[NAMES.index(kind)]
        self.from_client = side == "client"
        self.sender = "client 1" if self.from_client else SERVER
        self.receiver = SERVER if self.from_client else "client 1"
        # Whether client 1's input is in the sum although this message is lost.
        self.lost = ALL if NAMES.index(kind) > NAMES.index("masked input") else WITHOUT_1
        self.cases = []

    def add(self, what, tamperer, change, reasons, result, variants=None, **more):
        case = {
            "what": what, "variants": variants or self.variants, "clients": 4, "threshold": 3,
            "message": self.kind, "from": self.sender, "to": self.receiver, "tamperer": tamperer,
            "change": change, "reasons": reasons, "result": result,
        }
        case.update(more)
        self.cases.append(case)

    def refused(self, what, tamperer, change, reason, result=None, **more):
        """The receiver refuses what arrives; nothing else arrives unless `result` says so."""
        reasons = [f"{more.get('to', self.receiver)} refuses: {reason}"]
        self.add(what, tamperer, change, reasons, result or self.lost, **more)

    def ended(self, what, change, reason, result=None, **more):
        """Client 1 ends the session on what the server signed."""
        self.add(
            what, SERVER, change + [SIGN], [f"client 1 ends: {reason}"], result or self.lost,
            **more)

    # Faults that any message can have.

    def envelope(self):
        net, me = "the network", self.sender
        r = self.refused
        r("the last byte is missing", net, [step("cut", bytes=1)], "it is short of 1 bytes")
        r("nothing is left", net, [step("cut")], "it is short of 3 bytes")
        r("a byte too many", net, [step("append", hex="00")], "it has 1 bytes too many")
        r("it does not begin as an envelope", net, [step("flip", field="magic")],
          "it is not an envelope of this protocol")
        r("another version", net, [step("put", field="version", hex="02")],
          "version 2 is not spoken here, only 1")
        r("a kind that does not exist", net, [step("put", field="kind", hex="0c")],
          "there is no message of kind 12")
        r("another kind written over its own", net,
          [step("put", field="kind", hex="0%d" % (1 + (NAMES.index(self.kind) + 1) % 9))],
          f"{me} did not sign it")
        r("another sender written over its own", net,
          [step("put", field="sender", hex="02000000")], "client 2 did not sign it")
        r("a sender nobody knows", net, [step("put", field="sender", hex="09000000")],
          "client 9 does not take part")
        r("for somebody else", net, [step("put", field="recipient", hex="02000000")],
          "it is for client 2")
        r("a session that is not this one", net, [step("flip", field="session")],
          "it belongs to another session")
        r("a round that is not this one", net,
          [step("put", field="round", hex="0600000000000000")], "it belongs to round 6")
        r("parameters that are not these", net, [step("flip", field="parameters")],
          "its sender uses other parameters")
        r("a length one byte longer than the payload", net,
          [step("payload append", hex="00"), step("cut", bytes=1)], "it is short of 1 bytes")
        r("a flipped bit in the payload", net, [step("flip", field="payload")],
          f"{me} did not sign it")
        r("a flipped bit in the signature", net, [step("flip", field="signature")],
          f"{me} did not sign it")
        self.add("it does not arrive", net, [step("lose")], [], self.lost)
        r("one of an earlier session comes first", net, [step("other session")],
          "it belongs to another session", ALL, thenOriginal=True)
        r("signed by its sender for another round", me, [step("sign", session="another round")],
          "it belongs to round 8")
        r("signed by its sender under another threshold", me,
          [step("sign", session="other parameters")], "its sender uses other parameters")
        r("signed by its sender for a client", me,
          [step("sign", to="client 2")], "it is for client 2")
        r("an insider signs in its sender's name, and is first", "client 2",
          [step("sign", by="client 2")], f"{me} did not sign it", ALL, thenOriginal=True)
        self.twice()
        self.earlier()
        if self.from_client:
            self.late()
            server_kind = "share delivery" if self.kind != "share delivery" else "key directory"
            r("as a message that only a server sends", me,
              [step("sign", kind=server_kind)],
              f"a {server_kind} while waiting for a {self.kind}")
            r("the server's signature on a client's message", SERVER,
              [step("sign", by=SERVER, **{"from": SERVER})], "the server did not sign it")
        else:
            r("an insider signs it as itself, and is first", "client 2",
              [step("sign", by="client 2", **{"from": "client 2"})],
              "the server did not sign it", ALL, thenOriginal=True)
            r("as a message that only clients send", me, [step("sign", kind="masked input")],
              f"a masked input while waiting for the {self.kind}")

    def twice(self):
        for variant in self.variants:
            if self.from_client:
                reason = f"client 1 has sent its {self.kind} already"
            else:
                reason = f"a {self.kind} while waiting for {AFTER[self.kind][variant]}"
            self.refused(
                f"it comes twice, {variant}", "the network", [step("twice")], reason, ALL,
                variants=[variant])

    def earlier(self):
        """What the same sender has said before arrives in its place, then itself."""
        if self.from_client:
            sent = [k for k, side, v in KINDS if side == "client"]
            place = sent.index(self.kind)
            if place == 0:
                return
            before = sent[place - 1]
            for variant in self.variants:
                last = before if variant == "active" or before != "consistency signature" \
                    else "masked input"
                self.refused(
                    f"its sender's last message comes again before it, {variant}", "the network",
                    [step("recall", message=last)],
                    f"a {last} while waiting for a {self.kind}", ALL, variants=[variant],
                    thenOriginal=True)
        elif self.kind in BEFORE:
            last, phase = BEFORE[self.kind]
            self.refused(
                "its sender's last message comes again before it", "the network",
                [step("recall", message=last)], f"a {last} while waiting for {phase}", ALL,
                thenOriginal=True)

    def late(self):
        """It arrives when the next messages do."""
        following = {
            "key advertisement": "share distribution", "share distribution": "masked input",
            "consistency signature": "unmasking shares"}
        for variant in self.variants:
            if self.kind == "masked input":
                later = "unmasking shares" if variant == "semi-honest" else "consistency signature"
            elif self.kind in following:
                later = following[self.kind]
            else:
                return
            self.refused(
                f"it comes a round late, {variant}", "the network", [step("hold", message=later)],
                f"a {self.kind} while waiting for a {later}", variants=[variant])

    # Faults of payloads, which whoever signs can make.

    def payload_ends(self, short, long, extra="00"):
        me = self.sender
        self.refused("a signed payload without its last byte", me,
                     [step("payload cut", bytes=1), SIGN], short)
        self.refused("a signed payload of a byte too many", me,
                     [step("payload append", hex=extra), SIGN], long)

    def list_faults(self, entries, sizes):
        """`entries`: the clients listed; `sizes`: bytes of an entry, by variant."""
        me = self.sender
        self.payload_ends("it is short of 1 bytes", "it has 1 bytes too many")
        self.refused("a count one too high", me,
                     [step("payload put", at=0, hex="%02x000000" % (len(entries) + 1)), SIGN],
                     "it is short of 4 bytes")
        for variant in self.variants:
            self.refused(
                f"a count one too low, {variant}", me,
                [step("payload put", at=0, hex="%02x000000" % (len(entries) - 1)), SIGN],
                f"it has {sizes[variant]} bytes too many", variants=[variant])
        self.refused("a count of 2^32 - 1", me, [step("payload put", at=0, hex="ffffffff"), SIGN],
                     "it is short of 4 bytes")
        last = len(entries) - 1
        self.refused("two entries in the wrong order", me,
                     [step("swap entries", entry=last - 1, other=last), SIGN],
                     f"the {self.kind} lists client {entries[last - 1]} twice or out of order")
        self.refused("one client in two entries", me,
                     [step("payload put", entry=last, at=0, hex="%02x000000" % entries[last - 1]),
                      SIGN],
                     f"the {self.kind} lists client {entries[last - 1]} twice or out of order")
        self.refused("an entry of a client that does not exist", me,
                     [step("payload put", entry=last, at=0, hex="09000000"), SIGN],
                     "client 9 does not take part")

    def injected(self, reason, dropouts, result):
        """Client 1, which has dropped out, sends one all the same, before client 0's."""
        self.add(
            "from a client that has no say in it", "client 1",
            [step("sign", **{"from": "client 1"})], [f"the server refuses: {reason}"], result,
            **{"from": "client 0"}, dropouts=dropouts, thenOriginal=True)


def key_advertisement():
    f = File("key advertisement")
    f.envelope()
    f.payload_ends("it is short of 1 bytes", "it has 1 bytes too many")
    small = "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"
    weak = "has small order, so that what is agreed with it is no secret"
    large = "is no number below 2^255 - 19"
    for what, at, hex, fault in [
        ("the channel key is 0", 0, "00" * 32, weak),
        ("the mask key is 0", 32, "00" * 32, weak),
        ("the mask key has order 8", 32, small, weak),
        ("the channel key is 2^255 - 19", 0, "ed" + "ff" * 30 + "7f", large),
        ("the mask key is 9 + 2^255", 32, "09" + "00" * 30 + "80", large),
    ]:
        f.refused(what, "client 1", [step("payload put", at=at, hex=hex), SIGN],
                  f"a key of client 1 {fault}")
    f.refused("both keys are 9", "client 1",
              [step("payload put", at=0, hex=("09" + "00" * 31) * 2), SIGN],
              "a key of client 1 is the same for both purposes")
    f.refused("the keys are client 0's", "client 1",
              [step("recall", **{"from": "client 0"}), step("sign")],
              "a key of client 1 is one that client 0 has sent")
    f.refused("sound keys after unsound ones", "client 1",
              [step("payload put", at=0, hex="00" * 32), SIGN],
              "a key of client 1 has small order, so that what is agreed with it is no secret", ALL,
              thenOriginal=True)
    f.add("a commitment other than its own", "client 1", [step("payload flip", at=64), SIGN],
          ["client 1 ends: the server lists other keys for this client than it sent"], WITHOUT_1)
    f.add("a flipped bit in the commitment, one client gone before", "the network",
          [step("flip", field="payload")], ["the server refuses: client 1 did not sign it"],
          "the server ends: 2 clients have sent a key advertisement, 3 are needed",
          dropouts={"3": "key advertisement"})
    return f


def key_directory():
    f = File("key directory")
    f.envelope()
    f.list_faults([0, 1, 2, 3], {"semi-honest": 100, "active": 164})
    f.ended("its own keys are others", [step("payload flip", entry=1, at=70)],
            "the server lists other keys for this client than it sent")
    f.ended("it is not listed itself", [step("drop entry", entry=1)],
            "the server lists other keys for this client than it sent")
    f.ended("two clients with the same keys", [step("copy keys", entry=3, other=2)],
            "clients 2 and 3 are listed with the same key")
    f.ended("a key of small order", [step("payload put", entry=2, at=4, hex="00" * 32)],
            "the key listed for client 2 is no key of a client that follows the protocol")
    f.ended("a key above 2^255 - 19", [step("payload put", entry=2, at=36, hex="ff" * 32)],
            "the key listed for client 2 is no key of a client that follows the protocol")
    f.ended("a key that its owner did not sign", [step("payload flip", entry=2, at=70)],
            "the keys listed for client 2 are not signed by it", variants=ACTIVE)
    f.ended("a signature that is not its owner's", [step("payload flip", entry=2, at=110)],
            "the keys listed for client 2 are not signed by it", variants=ACTIVE)
    f.ended("fewer clients than the threshold",
            [step("drop entry", entry=3), step("drop entry", entry=2)],
            "2 clients have sent a key advertisement, 3 are needed")
    f.ended("a client that is no neighbour", [step("payload put", entry=4, at=0, hex="04000000")],
            "client 4 has no place in the key directory", "sum of 0, 2, 3, 4, 5", clients=6,
            degree=4)
    return f


def share_distribution():
    f = File("share distribution")
    f.envelope()
    f.list_faults([0, 2, 3], {"semi-honest": 84, "active": 84})
    shown = "the share distribution is not for exactly the clients it was shown"
    f.refused("none for one of the clients", "client 1", [step("drop entry", entry=1), SIGN], shown)
    f.refused("one for itself", "client 1",
              [step("payload put", entry=0, at=0, hex="01000000"), SIGN], shown)
    f.refused("one for a client that is gone", "client 1",
              [step("payload put", entry=1, at=0, hex="03000000"), SIGN], shown,
              "the server ends: 2 clients have sent a share distribution, 3 are needed",
              dropouts={"3": "key advertisement"})
    f.add("a share that does not decrypt, which nobody needs", "client 1",
          [step("payload flip", entry=2, at=40), SIGN], [], ALL)
    f.add("no share that decrypts", "client 1",
          [step("payload flip", entry=0, at=40), step("payload flip", entry=1, at=40),
           step("payload flip", entry=2, at=40), SIGN], [],
          "the server ends: the secret of client 1 cannot be rebuilt: 1 shares do not rebuild a "
          "secret whose threshold is 3")
    f.injected("the share distribution is not for exactly the clients it was shown",
               {"1": "key advertisement"}, WITHOUT_1)
    return f


def share_delivery():
    f = File("share delivery")
    f.envelope()
    f.list_faults([0, 2, 3], {"semi-honest": 84, "active": 84})
    f.ended("fewer clients than the threshold",
            [step("drop entry", entry=2), step("drop entry", entry=1)],
            "2 clients have sent a share distribution, 3 are needed")
    f.ended("shares of its own", [step("payload put", entry=0, at=0, hex="01000000")],
            "client 1 has no place in the share delivery")
    f.ended("shares of a client that was never listed",
            [step("payload put", entry=1, at=0, hex="03000000")],
            "client 3 has no place in the share delivery",
            "the server ends: 2 clients have sent a masked input, 3 are needed",
            dropouts={"3": "key advertisement"})
    f.add("a share that does not decrypt, which nobody needs", SERVER,
          [step("payload flip", entry=2, at=40), SIGN], [], ALL)
    return f


def masked_input():
    f = File("masked input")
    f.envelope()
    f.payload_ends("the masked input does not unpack: 8 packed bytes, expected 9",
                   "the masked input does not unpack: 10 packed bytes, expected 9")
    f.refused("bits behind the last element", "client 1",
              [step("payload put", at=8, hex="ff"), SIGN],
              "the masked input does not unpack: the bits after the last packed element are not 0")
    f.refused("an empty vector", "client 1", [step("payload cut", bytes=9), SIGN],
              "the masked input does not unpack: 0 packed bytes, expected 9")
    f.injected("the masked input comes from a client that shared no secrets",
               {"1": "share distribution"}, WITHOUT_1)
    f.add("too few are left", "the network", [step("lose")], [],
          "the server ends: 2 clients have sent a masked input, 3 are needed",
          dropouts={"2": "masked input"})
    return f


def survivor_list():
    f = File("survivor list")
    f.envelope()
    f.payload_ends("it is short of 1 bytes", "it has 1 bytes too many")
    f.refused("a client that does not exist", SERVER, [step("payload put", at=0, hex="8f"), SIGN],
              "the survivor list lists client 7, and there are 4")
    f.ended("it is not on it itself", [step("payload put", at=0, hex="0d")],
            "this client has sent its input and is listed as dropped")
    f.ended("fewer than the threshold", [step("payload put", at=0, hex="03")],
            "2 clients have sent a masked input, 3 are needed")
    f.ended("a client that shared no secrets", [step("payload put", at=0, hex="0f")],
            "client 3 is listed as a survivor, but never shared its secrets",
            "the server ends: the secret of client 0 cannot be rebuilt: 2 shares do not rebuild a "
            "secret whose threshold is 3", variants=["semi-honest"],
            dropouts={"3": "share distribution"})
    f.ended("a client that shared no secrets, before anybody signs",
            [step("payload put", at=0, hex="0f")],
            "client 3 is listed as a survivor, but never shared its secrets",
            "the server ends: 2 clients have sent a consistency signature, 3 are needed",
            variants=ACTIVE, dropouts={"3": "share distribution"})
    f.add("a survivor left out, which a semi-honest session does not notice before its shares come",
          SERVER, [step("payload put", at=0, hex="07"), SIGN],
          ["the server refuses: the unmasking shares open the wrong secret of client 3"], ALL,
          variants=["semi-honest"])
    f.add("a survivor left out, which nobody signs but the one that is lied to", SERVER,
          [step("payload put", at=0, hex="07"), SIGN],
          ["the server refuses: the consistency signature is under another list"], ALL,
          variants=ACTIVE)
    return f


def consistency_signature():
    f = File("consistency signature")
    f.envelope()
    f.payload_ends("it is short of 1 bytes", "it has 1 bytes too many")
    f.refused("a client that does not exist", "client 1",
              [step("payload put", at=0, hex="8f"), SIGN],
              "the consistency signature lists client 7, and there are 4")
    f.refused("another list", "client 1", [step("payload put", at=0, hex="07"), SIGN],
              "the consistency signature is under another list")
    f.injected("the consistency signature comes from a client that is not on the list",
               {"1": "masked input"}, WITHOUT_1)
    f.add("too few are left", "the network", [step("lose")], [],
          "the server ends: 2 clients have sent a consistency signature, 3 are needed",
          dropouts={"2": "consistency signature"})
    return f


def consistency_proof():
    f = File("consistency proof")
    f.envelope()
    f.list_faults([0, 1, 2, 3], {"active": 68})
    f.ended("a signature that is not its client's", [step("payload flip", entry=0, at=10)],
            "client 0 signed another list of survivors")
    f.ended("one client's signature in another's name", [step("copy keys", entry=2, other=3)],
            "client 2 signed another list of survivors")
    f.ended("fewer signatures than the quorum",
            [step("drop entry", entry=3), step("drop entry", entry=2)],
            "2 clients signed the list of survivors, 3 are needed")
    f.ended("a signature of a client that is not on the list",
            [step("payload put", entry=2, at=0, hex="03000000")],
            "client 3 has no place in the consistency proof",
            "the server ends: the secret of client 0 cannot be rebuilt: 2 shares do not rebuild a "
            "secret whose threshold is 3", dropouts={"3": "masked input"})
    return f


def unmasking_shares():
    f = File("unmasking shares")
    f.envelope()
    f.list_faults([0, 1, 2, 3], {"semi-honest": 37, "active": 37})
    f.refused("a share of a third kind", "client 1",
              [step("payload put", entry=0, at=4, hex="02"), SIGN],
              "the unmasking shares has a share of no secret (kind 2)")
    f.refused("the other secret of a survivor", "client 1",
              [step("payload put", entry=2, at=4, hex="01"), SIGN],
              "the unmasking shares open the wrong secret of client 2")
    f.refused("the other secret of a client that dropped out", "client 1",
              [step("payload put", entry=3, at=4, hex="00"), SIGN],
              "the unmasking shares open the wrong secret of client 3",
              "the server ends: the secret of client 0 cannot be rebuilt: 2 shares do not rebuild "
              "a secret whose threshold is 3", dropouts={"3": "masked input"})
    f.refused("a share of a client that gave none", "client 1",
              [step("payload put", entry=2, at=0, hex="03000000"), SIGN],
              "the unmasking shares have one of client 3, which gave none",
              "the server ends: the secret of client 0 cannot be rebuilt: 2 shares do not rebuild "
              "a secret whose threshold is 3", dropouts={"3": "share distribution"})
    f.injected("the unmasking shares come from a client that is not on the list",
               {"1": "masked input"}, WITHOUT_1)
    f.add("a share that is not the one it was sent, one among four", "client 1",
          [step("payload flip", entry=0, at=20), SIGN], [],
          "the server ends: the secret of client 0 cannot be rebuilt: 4 shares of threshold 3 do "
          "not give the secret committed to; more than 0 of them are bad, too many to tell which")
    f.add("a share that is not the one it was sent, one among six", "client 1",
          [step("payload flip", entry=0, at=20), SIGN], [], "sum of 0, 1, 2, 3, 4, 5", clients=6,
          threshold=4, suspects=[1])
    f.add("a share that is no number of the field", "client 1",
          [step("payload put", entry=0, at=5, hex="ff" * 32), SIGN], [], ALL, suspects=[1])
    return f


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    for make in [
        key_advertisement, key_directory, share_distribution, share_delivery, masked_input,
        survivor_list, consistency_signature, consistency_proof, unmasking_shares,
    ]:
        file = make()
        name = "bad_" + file.kind.replace(" ", "_") + ".json"
        cases = ",\n".join("    " + json.dumps(case) for case in file.cases)
        with open(os.path.join(here, name), "w") as out:
            out.write(
                '{\n  "source": "the protocol; written by make.py",\n  "note": "see README.md",\n'
                '  "cases": [\n' + cases + "\n  ]\n}\n")


main()
