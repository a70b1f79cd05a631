internal import CommandLineTools

extension CommandSpec {
  /// `rampart secagg`.
  static let secagg = CommandSpec(
    "secagg",
    abstract: "Secure aggregation: the parameters a policy needs, and whole runs with their costs.",
    subcommands: [secaggParameters, secaggSimulate])
}
