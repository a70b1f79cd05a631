internal import CommandLineTools

extension CommandSpec {
  /// `rampart paillier`.
  static let paillier = CommandSpec(
    "paillier",
    abstract: "Paillier's encryption: attacks on weak forms of it.",
    subcommands: [paillierAttack])
}
