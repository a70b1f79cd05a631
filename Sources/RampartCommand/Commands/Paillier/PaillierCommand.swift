internal import CommandLineTools

extension CommandSpec {
  /// `rampart paillier`.
  static let paillier = CommandSpec(
    "paillier",
    abstract: "Compute on encrypted numbers; keys and ciphertexts are python-paillier's.",
    discussion: """
        rampart paillier genkey KEY.json
        rampart paillier extract KEY.json PUB.json
        rampart paillier encrypt PUB.json 12.5 --output A.json
        rampart paillier encrypt PUB.json --output B.json -- -2
        rampart paillier addenc PUB.json A.json B.json --output SUM.json
        rampart paillier multiply PUB.json SUM.json 0.5 | rampart paillier decrypt KEY.json -

      Who has the public key can encrypt, add and multiply; only who has the private key can read. \
      Arguments, options and files are those of pheutil, python-paillier's command, so that each \
      reads what the other writes. Where a file is asked for, - is standard input or output; what \
      was done is said on standard error.
      """,
    subcommands: [
      paillierKey("genkey", option: "bits"), paillierKey("genpkey", option: "keysize"),
      paillierExtract, paillierEncrypt, paillierDecrypt, paillierAdd, paillierAddEncrypted,
      paillierMultiply, paillierAttack, paillierBench,
    ])
}
