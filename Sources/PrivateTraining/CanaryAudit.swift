public import Accounting
public import Learning
public import Randomness
internal import Tensors

/// Audits a private training in one run: canaries join its data by coin flips, and whoever sees the
/// weights before and after guesses which.
///
/// A canary's score is how far its loss fell. How many guesses are made is fixed before, so that no
/// significance is spent on looking; canaries may influence each other as they like. What comes out
/// is a lower bound of the epsilon at the level of records: for a training that keeps its promise
/// it is below the accounted epsilon, but for a share `significance` of audits.
///
/// Sources: Steinke, Nasr and Jagielski, Privacy Auditing with One (1) Training Run, NeurIPS 2023,
/// algorithm 1; Mahloujifar, Melis and Chaudhuri, Auditing f-Differential Privacy in One Run, 2024.
public struct CanaryAudit: Sendable {
  /// Guesses that a canary was in.
  public let guessesIn: Int
  /// Guesses that a canary was not.
  public let guessesOut: Int
  /// How often a bound may be wrong.
  public let significance: Double

  /// What an audit found.
  public struct Result: Sendable {
    /// Guesses and how many were right.
    public let outcome: OneRunAudit
    /// The greatest epsilon that the guesses reject.
    public let epsilonLower: Double
    /// The same if the trade-off between errors is that of some Gaussian mechanism.
    public let gaussianEpsilonLower: Double
    /// Each canary's score.
    public let scores: [Double]
    /// Whether each canary was in.
    public let members: [Bool]
    /// What the training's ledger says.
    public let report: TrainingPrivacy
  }

  /// An audit with these numbers of guesses.
  public init(guessesIn: Int, guessesOut: Int, significance: Double = 0.05) {
    self.guessesIn = guessesIn
    self.guessesOut = guessesOut
    self.significance = significance
  }

  /// Trains on `examples` and about half of `canaries`, then guesses.
  ///
  /// Canaries are data: the batch size, the steps and the ledger are those of the larger data set,
  /// and one canary more or less is what neighbours differ in. The expected number of canaries
  /// counts in the population that rates are computed from.
  ///
  /// - Parameters:
  ///   - steps: Steps of training.
  /// - Throws: As `PrivateTrainer`; `AccountingError` for guesses that do not fit.
  public func run(
    network: Network, examples: LabeledExamples, canaries: LabeledExamples,
    options: PrivateTrainingOptions, steps: Int, delta: Double, using generator: Generator
  ) throws -> Result {
    try run(
      network: network, examples: examples, canaries: canaries, options: options, steps: steps,
      delta: delta, using: generator, fault: nil)
  }

  package func run(
    network: Network, examples: LabeledExamples, canaries: LabeledExamples,
    options: PrivateTrainingOptions, steps: Int, delta: Double, using generator: Generator,
    fault: TrainingFault?
  ) throws -> Result {
    var coins = generator.fork("canaries")
    let members = (0..<canaries.count).map { _ in coins.bernoulli(0.5) }
    let joined = try examples.joined(
      with: canaries.subset(members.indices.filter { members[$0] }))
    var trainer = try PrivateTrainer(
      network: network, examples: joined, options: options,
      filter: PrivacyFilter(epsilon: .infinity, delta: delta),
      randomness: .seeded(generator.fork("training")), fault: fault)
    var initial = generator.fork("initialization")
    var parameters = network.initialParameters(using: &initial)
    let workspace = Workspace(for: network)
    func losses() throws -> [Double] {
      try network.predict(parameters: parameters, on: canaries, workspace: workspace).losses
    }
    let before = try losses()
    for _ in 0..<steps { _ = try trainer.step(&parameters) }
    let scores = zip(before, try losses()).map { before, after in
      // A diverged model says nothing about anybody.
      let fall = before - after
      return fall.isNaN ? 0 : fall
    }
    let outcome = try OneRunAudit(
      scores: scores, members: members, guessesIn: guessesIn, guessesOut: guessesOut)
    return Result(
      outcome: outcome,
      epsilonLower: try outcome.epsilonLower(delta: delta, significance: significance),
      gaussianEpsilonLower: try outcome.gaussianEpsilonLower(
        delta: delta, significance: significance),
      scores: scores, members: members, report: try trainer.report(delta: delta))
  }

  /// Canaries that nothing but memory can get right: normal noise of the examples' shape and scale
  /// with labels drawn at random.
  ///
  /// - Throws: `LearningError` if there is no example to be like.
  public static func noise(
    like examples: LabeledExamples, count: Int, using generator: inout Generator
  ) throws(LearningError) -> LabeledExamples {
    guard examples.count > 0 else { throw .noExamples(place: "canaries") }
    let some = (0..<min(examples.count, 100)).flatMap { examples.features(of: $0) }
    let square = some.reduce(0) { $0 + Double($1) * Double($1) } / Double(some.count)
    let scale = Float(max(square.squareRoot(), 1e-6))
    let features = (0..<count * examples.featureCount).map { _ in
      scale * Float(generator.normal())
    }
    return try LabeledExamples(
      features: features,
      labels: (0..<count).map { _ in Int32(generator.uniform(below: examples.classes)) },
      shape: examples.shape, classes: examples.classes)
  }
}

extension LabeledExamples {
  /// These examples, then others of the same kind.
  fileprivate func joined(with others: LabeledExamples) throws(LearningError) -> LabeledExamples {
    guard others.count > 0 else { return self }
    return try LabeledExamples(
      features: features + others.features, labels: labels + others.labels, shape: shape,
      classes: classes)
  }
}
