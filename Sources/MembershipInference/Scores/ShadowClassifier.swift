public import Components
internal import Glibc
internal import Learning
internal import Randomness
internal import Tensors

/// A classifier that learns from shadow models what the posteriors of members look like.
///
///     features = log p of the label and the largest `top` log p in descending order
///     score    = logit of "member" by logistic regression or a network with 64 hidden units
///
/// Trained on the other models' posteriors, whose rows are known, without those of the target; one
/// classifier for all classes. The first published attack trains one for each class on unsorted
/// posteriors; sorting them and taking the first three is its successor's simplification. The
/// label's own probability is an addition, as later comparisons have it.
///
/// Source: Shokri, Stronati, Song, Shmatikov (arXiv 1610.05820), section V; Salem et al.,
/// "ML-Leaks" (arXiv 1806.01246), section III.
public struct ShadowClassifier: MembershipScore {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many of the largest probabilities are looked at.
    public var top = 3
    /// Hidden units; 0 is logistic regression.
    public var hidden = 0
    /// How many of the other models teach; all at most.
    public var shadows = 8
    /// Passes over the lessons.
    public var epochs = 20
    /// Seeds initial weights and order.
    public var seed = 0

    /// Logistic regression on three probabilities, 8 shadows.
    public init(
      top: Int = 3, hidden: Int = 0, shadows: Int = 8, epochs: Int = 20, seed: Int = 0
    ) {
      self.top = top
      self.hidden = hidden
      self.shadows = shadows
      self.epochs = epochs
      self.seed = seed
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "shadow-classifier",
    summary: "A classifier that learns from shadow models what members' posteriors look like.",
    formula: "logit of member given sorted log p and log p_y",
    citation: "Shokri et al. 2017, arXiv 1610.05820; Salem et al. 2019, arXiv 1806.01246",
    needs: [.targetLogits, .shadowModels],
    parameters: [
      .init("top", "how many of the largest probabilities", range: "an integer of at least 1"),
      .init("hidden", "hidden units; 0: logistic regression", range: "an integer of at least 0"),
      .init("shadows", "how many models teach", range: "an integer of at least 1"),
      .init("epochs", "passes over the lessons", range: "an integer of at least 1"),
      .init("seed", "seeds weights and order", range: "an integer of at least 0"),
    ])

  /// Logistic regression on three probabilities, 8 shadows.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with `parameters`.
  ///
  /// - Throws: `ParameterError` for numbers out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    for (key, value, least) in [
      ("top", parameters.top, 1), ("hidden", parameters.hidden, 0),
      ("shadows", parameters.shadows, 1), ("epochs", parameters.epochs, 1),
      ("seed", parameters.seed, 0),
    ] {
      check(key, value >= least, "must be at least \(least)", got: value)
    }
    try check.finish()
    self.parameters = parameters
  }

  /// Trains a classifier for each target. O(epochs x shadows x examples).
  public func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]] {
    try table.check(targets)
    guard let classes = table.outputs.classes else {
      throw .missing(
        score: Self.card.name, what: "all classes' logits or probabilities",
        remedy: "losses say nothing of the other classes")
    }
    guard table.models > 1 else {
      throw .tooFew(
        what: "shadow-classifier: shadows", got: 0, needed: 1, remedy: "give further models")
    }
    let width = min(parameters.top, classes) + 1
    let features = WorkerPool.map(table.models, workers: workers) { model, _ in
      self.features(of: model, table, width)
    }
    let audited = table.audited
    return try WorkerPool.map(targets.count, workers: workers) {
      (slot, _) throws(MembershipError) in
      let target = targets[slot]
      let teachers = (1..<table.models).prefix(parameters.shadows).map {
        (target + $0) % table.models
      }
      var lessons: [Float] = []
      var answers: [Int32] = []
      for teacher in teachers {
        for example in audited {
          lessons += features[teacher][(example * width)..<((example + 1) * width)]
          answers.append(table.membership[teacher, example] ? 1 : 0)
        }
      }
      return try BinaryClassifier(
        features: lessons, labels: answers, width: width, hidden: parameters.hidden,
        epochs: parameters.epochs, seed: UInt64(parameters.seed)
      ).logits(features[target])
    }
  }

  /// The features of all examples under one model, of the first query.
  private func features(of model: Int, _ table: ShadowTable, _ width: Int) -> [Float] {
    var features: [Float] = []
    for example in 0..<table.examples {
      guard let posterior = table.outputs.posterior(model: model, example: example) else {
        continue
      }
      // A probability of 0 has no logarithm; beyond 1e-13 there is nothing to learn.
      let floor = -30.0
      features.append(Float(max(posterior.logConfidence, floor)))
      features += posterior.logProbabilities.sorted(by: >).prefix(width - 1)
        .map { Float(max($0, floor)) }
    }
    return features
  }
}
