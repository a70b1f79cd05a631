public import Randomness

/// An attack on a defended client, twice: as it is, and by an attacker who knows the defense. What
/// the defense is worth is the worse of the two.
///
/// A failed run counts for nothing. Where no adaptive attack is known, `adaptive` is nil and
/// `nonAdaptiveOnly` says why; a report must say so beside the number.
///
/// Sources: Tramèr, Carlini, Brendel, Mądry, On Adaptive Attacks, NeurIPS 2020; Balunović,
/// Dimitrov, Staab, Vechev, Bayesian Framework for Gradient Leakage, ICLR 2022.
public struct AdaptiveEvaluation: Sendable {
  /// One of the two.
  public struct Run: Sendable {
    /// What was found.
    public let found: Reconstruction
    /// How near it is, larger is nearer; nil where the attack failed.
    public let score: Double?
  }

  /// The attack that does not know the defense.
  public let plain: Run
  /// The one that does; nil if nobody knows how.
  public let adaptive: Run?
  /// Why there is no adaptive attack, or none on all of the defenses.
  public let nonAdaptiveOnly: String?

  /// The worse of the two for the defender; nil where both failed.
  public var worse: Run? {
    [plain, adaptive].compactMap { $0 }.filter { $0.score != nil }
      .max { ($0.score ?? 0) < ($1.score ?? 0) }
  }

  /// Whether the attacker gains by knowing the defense.
  public var isAdaptiveWorse: Bool { (adaptive?.score ?? -.infinity) > (plain.score ?? -.infinity) }

  /// Runs both from the same random stream.
  ///
  /// - Parameters:
  ///   - attack: The attack as it is on an undefended client.
  ///   - problem: What was observed; what it knows of defenses is left to the second run.
  ///   - counters: What the attacker does about each defense.
  ///   - workers: Threads of each run.
  ///   - score: How near a reconstruction is to the truth, larger is nearer. Called after the runs,
  ///     so that nothing is chosen by it.
  /// - Throws: What the attack, or `score`, throws.
  public init(
    _ attack: GradientMatchingAttack, on problem: InversionProblem, counters: [InversionCounter],
    workers: Int = 1, using generator: Generator, score: (Reconstruction) throws -> Double
  ) throws {
    func run(_ attack: GradientMatchingAttack, _ problem: InversionProblem) throws -> Run {
      try Self.scored(try attack.run(on: problem, workers: workers, using: generator), score)
    }
    var knowledge = problem.knowledge
    knowledge.defenses = []
    plain = try run(attack, try problem.with(knowledge))
    let informed = try AdaptiveAttack(
      attack, on: try problem.with(knowledge), counters: counters, workers: workers,
      using: generator)
    nonAdaptiveOnly = informed.gaps.isEmpty ? nil : informed.gaps.joined(separator: "; ")
    adaptive = try informed.found.map { try Self.scored($0, score) }
  }

  private static func scored(
    _ found: Reconstruction, _ score: (Reconstruction) throws -> Double
  ) throws -> Run {
    Run(found: found, score: found.outcome == .found ? try score(found) : nil)
  }
}
