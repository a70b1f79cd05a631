public import Components

extension Planner {
  /// What nobody but the server sees or can do.
  private static let serverOwn: Set<Capability> = [
    .individualUpdates, .groupSums, .claims, .sum, .clientIdentity, .weightModification,
    .architectureModification,
  ]

  /// What those of `attackers` that read along use that only the server has; empty where the
  /// released models and the scenario's gifts are enough for them.
  ///
  /// A promise that trusts the server (`PrivacyEvidence.Trust.central`) is made to whoever sees the
  /// released models: it does not reach attackers of whom this is not empty (Dwork and Roth, "The
  /// algorithmic foundations of differential privacy", section 2.3: the curator is trusted).
  public static func serverSight(of attackers: [any RoundComponent]) -> Set<Capability> {
    attackers.reduce(into: []) { sight, attacker in
      guard attacker is any Observer else { return }
      sight.formUnion(attacker.needs.intersection(serverOwn))
      if attacker is any ServerTampering { sight.insert(.weightModification) }
    }
  }
}
