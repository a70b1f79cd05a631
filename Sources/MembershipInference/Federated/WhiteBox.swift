internal import Glibc
internal import Learning
public import Tensors

/// What a white-box attacker sees of one example in one model of a round, as a row of features.
///
/// For the whole model and for each of its segments: log of the gradient's norm, and its cosine
/// with the update's part; besides log loss, confidence and whether the class is right.
///
/// Source: Nasr, Shokri, Houmansadr, "Comprehensive privacy analysis of deep learning" (arXiv
/// 1812.00910), section III. The paper feeds gradients, activations, outputs, loss and label to
/// convolutional and dense encoders; these summaries stand in for the encoders, so that a few dozen
/// known examples suffice to learn from.
public struct WhiteBoxFeatures {
  private let probe: ExampleProbe

  /// Features of the probe's examples.
  public init(_ probe: ExampleProbe) { self.probe = probe }

  /// Values of a row.
  public var width: Int { 5 + 2 * probe.network.layout.segments.count }

  /// For each update, one row an example: updates x examples x width.
  ///
  /// - Parameters:
  ///   - model: The model the round started from, at which gradients are taken.
  ///   - deltas: New weights minus old ones.
  public func rows(at model: Vector, deltas: [Vector]) throws -> [[[Float]]] {
    let segments = probe.network.layout.segments
    let labels = probe.examples.labels
    let classes = probe.network.classes
    let directions = deltas.map { (-$0).array }
    var rows = [[[Float]]](repeating: [], count: deltas.count)
    var heads: [[[Float]]] = []
    for delta in deltas {
      let logits = try probe.logits(model + delta)
      heads.append(
        labels.indices.map { example in
          let posterior = Posterior(
            logits: logits[(example * classes)..<((example + 1) * classes)],
            label: Int(labels[example]))
          return [
            Float(log(max(posterior.loss, 1e-12))), Float(exp(posterior.logConfidence)),
            posterior.isCorrect ? 1 : 0,
          ]
        })
    }
    try probe.forEachGradient(at: model) { example, gradient in
      let own = gradient.array
      for (index, direction) in directions.enumerated() {
        var row = heads[index][example]
        row += Self.pair(own[...], direction[...])
        for segment in segments {
          row += Self.pair(own[segment.range], direction[segment.range])
        }
        rows[index].append(row)
      }
    }
    return rows
  }

  /// log ‖a‖ and cos(a, b).
  private static func pair(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> [Float] {
    var (aa, bb, ab) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      aa += Double(x) * Double(x)
      bb += Double(y) * Double(y)
      ab += Double(x) * Double(y)
    }
    let scale = (aa * bb).squareRoot()
    return [Float(log(max(aa.squareRoot(), 1e-12))), scale > 0 ? Float(ab / scale) : 0]
  }
}

/// A classifier that learns from examples whose truth is known to tell members by their features.
public struct WhiteBoxAttack: Sendable {
  /// Hidden units; 0 is logistic regression.
  public let hidden: Int
  /// Passes over the known examples.
  public let epochs: Int
  /// Seeds its training.
  public let seed: UInt64

  /// An attack as described.
  public init(hidden: Int = 16, epochs: Int = 60, seed: UInt64 = 0) {
    self.hidden = hidden
    self.epochs = epochs
    self.seed = seed
  }

  /// Scores of all rows, larger for members.
  ///
  /// - Parameters:
  ///   - rows: Features, one row an example, all of one width.
  ///   - known: The truth about some of them.
  /// - Throws: `MembershipError` unless at least 4 of each kind are known and all features are
  ///   finite.
  public func scores(
    _ rows: [[Float]], known: [Int: Bool]
  ) throws(MembershipError) -> [Double] {
    let members = known.values.count(where: \.self)
    for (kind, count) in [("members", members), ("non-members", known.count - members)]
    where count < 4 {
      throw .tooFew(
        what: "white-box: \(kind) to learn from", got: count, needed: 4,
        remedy: "let the attacker know more examples")
    }
    let width = rows.first?.count ?? 0
    if let bad = rows.firstIndex(where: { $0.count != width || !$0.allSatisfy(\.isFinite) }) {
      throw .value(
        what: "white-box features", place: "row \(bad)", got: "no finite row of \(width) values",
        remedy: "leave models that diverged out")
    }
    let lessons = known.keys.sorted()
    let classifier = try BinaryClassifier(
      features: lessons.flatMap { rows[$0] }, labels: lessons.map { known[$0] == true ? 1 : 0 },
      width: width, hidden: hidden, epochs: epochs, seed: seed)
    return try classifier.logits(rows.flatMap(\.self))
  }
}
