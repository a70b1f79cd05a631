internal import Glibc
internal import Tensors

/// What each model said about each example: losses, logits or probabilities.
///
///     let outputs = try ModelOutputs(
///       logits: [2, 0, 0, 1], models: 1, examples: 2, classes: 2, labels: [0, 1])
///     try outputs.signal(.phi).values  // [2, 1]
public struct ModelOutputs: Sendable {
  /// A number that can be derived from outputs.
  public enum Signal: String, Sendable, Hashable, CaseIterable {
    /// The cross-entropy, -log p_y.
    case loss
    /// log p_y - log(1 - p_y).
    case phi
    /// p_y.
    case confidence
    /// The entropy of the posterior.
    case entropy
    /// The entropy that knows the label.
    case modifiedEntropy = "modified-entropy"
    /// 1 where the label has the largest probability, else 0.
    case correctness
  }

  /// How what was said is written.
  public enum Kind: Sendable, Hashable {
    /// -log p_y alone; the least loss that their precision can show.
    case losses(resolution: Double)
    /// Any numbers whose softmax is the posterior, for so many classes.
    case logits(classes: Int)
    /// The posterior, for so many classes.
    case probabilities(classes: Int)
  }

  /// How what was said is written.
  public let kind: Kind
  /// How many models there are.
  public let models: Int
  /// How many examples there are.
  public let examples: Int
  /// How often each model was asked about each example.
  public let queries: Int
  /// The true class of each example; empty where only losses are known.
  public let labels: [Int32]
  /// Row-major: models x examples x queries x classes.
  let values: [Double]

  /// Losses, row-major models x examples x queries.
  ///
  /// - Parameters:
  ///   - labels: The classes, for scores that use them; may be empty.
  ///   - resolution: What a loss of 0 or below is taken for: the rounding of single precision by
  ///     default.
  /// - Throws: `MembershipError` for sizes that do not fit, for losses that are NaN, infinite or
  ///   below -1e-5: a cross-entropy has none of these.
  public init(
    losses: [Double], models: Int, examples: Int, queries: Int = 1, labels: [Int32] = [],
    resolution: Double = 0x1p-24
  ) throws(MembershipError) {
    let table = try SignalTable(
      models: models, examples: examples, queries: queries, losses, name: "losses")
    if let bad = losses.firstIndex(where: { $0 < -1e-5 }) {
      throw .value(
        what: "losses",
        place: "model \(bad / (examples * queries)), example \(bad / queries % examples)",
        got: "\(losses[bad])",
        remedy: "give cross-entropies, which are not negative; -log p_y, not log p_y")
    }
    try self.init(.losses(resolution: resolution), table, labels)
  }

  /// Logits, row-major models x examples x queries x classes.
  ///
  /// - Throws: `MembershipError` for sizes that do not fit, numbers that are not finite, labels
  ///   that are no class.
  public init(
    logits: [Double], models: Int, examples: Int, queries: Int = 1, classes: Int, labels: [Int32]
  ) throws(MembershipError) {
    try Self.check(classes, labels, examples, "logits")
    let table = try SignalTable(
      models: models, examples: examples, queries: queries * classes, logits, name: "logits")
    try self.init(.logits(classes: classes), table, labels)
  }

  /// Probabilities, row-major models x examples x queries x classes.
  ///
  /// - Throws: `MembershipError` for sizes that do not fit, labels that are no class, and rows that
  ///   are no probabilities: outside 0...1, or with a sum that differs from 1 by more than 1e-3.
  public init(
    probabilities: [Double], models: Int, examples: Int, queries: Int = 1, classes: Int,
    labels: [Int32]
  ) throws(MembershipError) {
    try Self.check(classes, labels, examples, "probabilities")
    let table = try SignalTable(
      models: models, examples: examples, queries: queries * classes, probabilities,
      name: "probabilities")
    for start in stride(from: 0, to: probabilities.count, by: classes) {
      let row = probabilities[start..<(start + classes)]
      let sum = row.reduce(0, +)
      guard row.allSatisfy({ $0 >= 0 && $0 <= 1 + 1e-6 }), abs(sum - 1) <= 1e-3 else {
        let example = start / classes / queries
        throw .value(
          what: "probabilities",
          place: "the row of model \(example / examples), example \(example % examples)",
          got: "no distribution, its sum is \(sum)", remedy: "give logits as logits")
      }
    }
    try self.init(.probabilities(classes: classes), table, labels)
  }

  private init(_ kind: Kind, _ table: SignalTable, _ labels: [Int32]) throws(MembershipError) {
    guard labels.isEmpty || labels.count == table.examples else {
      throw .shape(what: "labels", got: "\(labels.count)", expected: "\(table.examples), one each")
    }
    self.kind = kind
    models = table.models
    examples = table.examples
    self.labels = labels
    values = table.values
    switch kind {
    case .losses: queries = table.queries
    case .logits(let classes), .probabilities(let classes): queries = table.queries / classes
    }
  }

  /// What these models said, in this order.
  func keeping(_ chosen: [Int]) -> ModelOutputs {
    let width = values.count / models
    return ModelOutputs(
      kind, chosen.flatMap { values[($0 * width)..<(($0 + 1) * width)] }, models: chosen.count,
      examples: examples, queries: queries, labels: labels)
  }

  /// A part of checked outputs.
  private init(
    _ kind: Kind, _ values: [Double], models: Int, examples: Int, queries: Int, labels: [Int32]
  ) {
    self.kind = kind
    self.values = values
    self.models = models
    self.examples = examples
    self.queries = queries
    self.labels = labels
  }

  private static func check(
    _ classes: Int, _ labels: [Int32], _ examples: Int, _ name: String
  ) throws(MembershipError) {
    guard classes >= 2 else {
      throw .invalid(
        what: "the number of classes of \(name)", got: "\(classes)",
        requirement: "must be at least 2")
    }
    guard labels.count == examples else {
      throw .shape(what: "labels", got: "\(labels.count)", expected: "\(examples), one an example")
    }
    if let bad = labels.firstIndex(where: { $0 < 0 || $0 >= classes }) {
      throw .value(
        what: "labels", place: "example \(bad)", got: "\(labels[bad])",
        remedy: "classes run from 0 to \(classes - 1)")
    }
  }

  /// How many classes each posterior has; nil where only losses are known.
  public var classes: Int? {
    switch kind {
    case .losses: nil
    case .logits(let classes), .probabilities(let classes): classes
    }
  }

  /// The posterior of one model, example and query; nil where only losses are known.
  public func posterior(
    model: Int, example: Int, query: Int = 0, temperature: Double = 1
  ) -> Posterior? {
    guard let classes else { return nil }
    let start = ((model * examples + example) * queries + query) * classes
    let row = values[start..<(start + classes)]
    let label = Int(labels[example])
    if case .logits = kind {
      return Posterior(logits: row, label: label, temperature: temperature)
    }
    return temperature == 1
      ? Posterior(probabilities: row, label: label)
      : Posterior(logits: row.map { log($0) }, label: label, temperature: temperature)
  }

  /// How many losses, of so many, are at or below what their precision can show.
  public var lossesAtResolution: (count: Int, of: Int) {
    guard case .losses(let resolution) = kind else { return (0, values.count) }
    return (values.reduce(0) { $0 + ($1 <= resolution ? 1 : 0) }, values.count)
  }

  /// The table of one signal.
  ///
  /// - Parameters:
  ///   - score: Whom an error names.
  ///   - temperature: Divides logits, or the logarithms of probabilities, first.
  ///   - workers: Threads; the result does not depend on their number.
  /// - Throws: `MembershipError.missing` for a signal that losses do not tell; `.value` where a
  ///   probability of 0 or 1 makes it infinite.
  /// - Complexity: One pass over all outputs.
  public func signal(
    _ signal: Signal, for score: String? = nil, temperature: Double = 1, workers: Int = 1
  ) throws(MembershipError) -> SignalTable {
    let name = score ?? "signal \(signal.rawValue)"
    if case .losses(let resolution) = kind {
      guard temperature == 1 else {
        throw .missing(
          score: name, what: "logits for a temperature of \(temperature)",
          remedy: "give logits, or take temperature 1")
      }
      let convert: (Double) -> Double
      switch signal {
      case .loss: convert = { $0 }
      case .confidence: convert = { exp(-max($0, 0)) }
      case .phi: convert = { Posterior.phi(loss: max($0, resolution)) }
      case .entropy, .modifiedEntropy, .correctness:
        throw .missing(
          score: name, what: "all classes' logits or probabilities",
          remedy: "losses say nothing of the other classes")
      }
      return SignalTable(
        unchecked: values.map(convert), models: models, examples: examples, queries: queries)
    }
    let rows = WorkerPool.map(models, workers: workers) { model, _ in
      var row: [Double] = []
      row.reserveCapacity(examples * queries)
      for example in 0..<examples {
        for query in 0..<queries {
          guard
            let posterior = posterior(
              model: model, example: example, query: query, temperature: temperature)
          else { continue }
          row.append(Self.value(of: signal, posterior))
        }
      }
      return row
    }
    return try SignalTable(
      models: models, examples: examples, queries: queries, Array(rows.joined()),
      name: "\(name) from probabilities of 0 or 1")
  }

  private static func value(of signal: Signal, _ posterior: Posterior) -> Double {
    switch signal {
    case .loss: posterior.loss
    case .phi: posterior.phi
    case .confidence: exp(posterior.logConfidence)
    case .entropy: posterior.entropy
    case .modifiedEntropy: posterior.modifiedEntropy
    case .correctness: posterior.isCorrect ? 1 : 0
    }
  }
}
