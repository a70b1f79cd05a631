package import CommandLineTools

extension CommandSpec {
  /// What `rampart --version` says.
  package static let rampartVersion = "0.1.0"

  /// The command `rampart` and all below it, in the order help lists them.
  package static let rampart = CommandSpec(
    "rampart",
    abstract: "A laboratory for the privacy and robustness of federated learning.",
    subcommands: [
      .matrix, .watch, .merge, .run, .train, .gradient, .invert, .doctor, .aggregate, .craft,
      .membership,
      .privacy,
      .secagg,
      .paillier, .data, .report, .list, .describe, .new,
      .completion(of: "rampart"),
    ])
}
