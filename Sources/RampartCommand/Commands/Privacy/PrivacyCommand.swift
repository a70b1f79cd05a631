internal import CommandLineTools

extension CommandSpec {
  /// `rampart privacy`.
  static let privacy = CommandSpec(
    "privacy",
    abstract: "Account for differential privacy: bounds, calibration, ledgers, plans, audits.",
    subcommands: [
      privacyEpsilon, privacyDelta, privacyCalibrate, privacyCurve, privacyCompare, privacyLedger,
      privacyPlan, privacyRecalibrate, privacyAudit,
    ])
}
