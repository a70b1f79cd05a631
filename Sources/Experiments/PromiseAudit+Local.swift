internal import Accounting
internal import Components
public import Federation
internal import Learning
internal import Randomness

extension PromiseAudit {
  /// What was claimed of one release of a client's own mechanism, and what its releases prove.
  public struct LocalFinding: Sendable {
    /// The cell's defense, after its labels on the axes that vary.
    public var title: String
    /// Coordinates of the updates that were released.
    public var dimension: Int
    /// The claim and the guesses.
    public var audit: LocalReleaseAudit

    /// What may be concluded, by the same rule as of canaries.
    public var verdict: Finding.Verdict {
      Finding.Verdict(
        claim: audit.promise.epsilonUpper, isGaussian: audit.promise.isGaussian == true,
        lower: audit.epsilonLower, gaussianLower: audit.gaussianEpsilonLower)
    }
  }

  /// A mechanism that each client runs by itself.
  struct LocalClaim: Sendable {
    var title: String
    var privacy: any LocalPrivacy
    var rounds: Int
    var dimension: Int
  }

  /// Updates are as long as the model, or this long if it is longer: noise is that of each coordinate.
  static let mostCoordinates = 4096

  /// The claims of `plan`'s cells that each client keeps by itself, each once.
  static func localClaims(of plan: MatrixPlan) throws -> [LocalClaim] {
    guard let seed = plan.seeds.first else { return [] }
    var known: Set<String> = []
    return try plan.cells.compactMap { cell in
      let parts = cell.entry(.defense).components
      guard cell.refusal == nil,
        let privacy = parts.lazy.compactMap({ $0.component as? any LocalPrivacy }).first
      else { return nil }
      let data = try plan.workbench.data(cell.entry(.data), for: cell.entry(.model), seed: seed)
      let size = try plan.workbench.network(cell.entry(.model), data: data).parameterCount
      let claim = LocalClaim(
        title: title(cell, of: plan), privacy: privacy, rounds: cell.training.rounds,
        dimension: min(size, mostCoordinates))
      let isNew = known.insert(
        "\(cell.entry(.defense).identity) \(claim.rounds) \(claim.dimension)"
      ).inserted
      return isNew ? claim : nil
    }
  }

  /// What releases of the clients' own mechanisms show, in the order of the experiment.
  ///
  /// - Complexity: 2 `trials` releases for each claim.
  public func localFindings() throws -> [LocalFinding] {
    try localClaims.map { claim in
      LocalFinding(
        title: claim.title, dimension: claim.dimension,
        audit: try LocalReleaseAudit(
          of: claim.privacy, rounds: claim.rounds, dimension: claim.dimension, trials: trials,
          significance: significance / Double(claims),
          using: Generator(seed: seed).fork("local audit")))
    }
  }
}
