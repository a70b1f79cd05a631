internal import CommandLineTools

extension CommandSpec {
  /// `rampart secagg`.
  static let secagg = CommandSpec(
    "secagg",
    abstract: "Secure aggregation: parameters a policy needs, whole runs with costs, and attacks.",
    subcommands: [secaggParameters, secaggSimulate, secaggCosts, secaggAttack, secaggVerifyAttack])
}
