public import Accounting
public import Randomness

/// An update transform after which nobody has to be trusted: the client's own clip and noise.
///
/// The round calls `protect` in place of `transform`, counts each client's releases, and tells at the
/// end of the run the promise to the honest client that made most.
public protocol LocalPrivacy: UpdateTransform {
  /// The delta of the promise.
  var delta: Double { get }

  /// The epsilon that the mechanism's own formula states, where that is not what is accounted; nil
  /// where it is.
  var statedEpsilon: Double? { get }

  /// What a client's `releases` releases are to whoever sees all of them, in a run of `rounds`.
  func events(releases: Int, rounds: Int) throws -> [PrivacyEvent]

  /// Makes of an update what may leave the client, its claims included.
  func protect(
    _ update: inout Update, rounds: Int, using generator: inout Generator, memory: inout Memory
  ) throws
}

extension LocalPrivacy {
  /// None.
  public var statedEpsilon: Double? { nil }
}

extension PrivacyEvidence {
  /// What `privacy` promises the client that made `releases` releases, the most of all.
  static func local(
    _ privacy: any LocalPrivacy, releases: Int, rounds: Int
  ) throws -> PrivacyEvidence {
    var evidence = PrivacyEvidence(
      mechanism: privacy.cardName, trust: .local, unit: .client, adjacency: .zeroOut,
      delta: privacy.delta, epsilonStated: privacy.statedEpsilon)
    guard releases > 0 else {
      evidence.epsilonUpper = 0
      return evidence
    }
    let events = try privacy.events(releases: releases, rounds: rounds)
    if let adjacency = events.first?.adjacency { evidence.adjacency = adjacency }
    // Half of delta is for the imperfection of the noise, which costs far less.
    let upper = try GaussianAccountant().epsilon(delta: privacy.delta / 2, of: events).upper
    evidence.epsilonUpper = upper.isFinite ? upper : nil
    evidence.caps = try caps(of: events, by: GaussianAccountant())
    return evidence
  }
}
