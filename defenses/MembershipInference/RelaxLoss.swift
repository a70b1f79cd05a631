public import Components
public import Federation
internal import Glibc
internal import Learning
public import Randomness
public import Tensors

/// Members' losses are held near a level that non-members have too, in place of driven to zero.
///
/// With L the batch's mean loss and α the level:
///
///     L > α             descend L
///     L <= α, even pass ascend L                                   (back up to the level)
///     L <= α, odd pass  descend CE to a flattened posterior, of wrong predictions only: p_y stays,
///                       the rest is spread evenly over the other classes; ascend CE to all labels
///
/// Passes count within a round, so a client that trains one epoch a round takes even passes in even
/// rounds. Without flattening the ascent alone makes predictions wrong.
///
/// Source: Chen, Yu, Fritz 2022, *RelaxLoss: Defending Membership Inference Attacks without Losing
/// Utility*, algorithm 1. The flattened target is (p_y, (1 - p_y)/(C - 1), …), as in the authors'
/// code.
public struct RelaxLoss: LocalDescent {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The level α of the mean loss, in nats.
    public var alpha = 0.5

    /// α = 0.5.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "relax-loss",
    summary: "Clients hold their loss at a level in place of driving it to zero.",
    formula: "L > α: descend L; else ascend L, or flatten the posterior of what is wrong",
    citation: "Chen et al. 2022, algorithm 1",
    parameters: [
      .init("alpha", "level of a batch's mean loss, in nats", range: "at least 0")
    ])

  /// α = 0.5.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The level `parameters.alpha`.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check.notNegative("alpha", parameters.alpha)
    try check.finish()
    self.parameters = parameters
  }

  /// Steps down, up or aside, by where the batch's loss is.
  public func descend(
    _ task: LocalTask, from parameters: inout Vector, using generator: inout Generator
  ) throws -> DescentOutcome {
    try requirePlainOutputs(task.network)
    let level = self.parameters.alpha
    let start = task.round * task.training.epochs
    return try task.descend(from: &parameters, using: &generator) { batch, _ in
      let p = try batch.probabilities()
      return try batch.steered(
        by: Self.gradient(
          p, labels: batch.positions.map { Int(batch.examples.labels[$0]) },
          classes: batch.classes, level: level, isOdd: (start + batch.epoch) % 2 == 1),
        at: p)
    }
  }

  /// The gradient by each row's logits of what the batch descends.
  static func gradient(
    _ p: [Double], labels: [Int], classes: Int, level: Double, isOdd: Bool
  ) -> [Double] {
    var plain = p
    var loss = 0.0
    for (row, label) in labels.enumerated() {
      plain[row * classes + label] -= 1
      loss -= log(max(p[row * classes + label], 1e-300)) / Double(labels.count)
    }
    if loss > level { return plain }
    guard isOdd else { return plain.map { -$0 } }
    // (1 - correct) CE(flattened) - CE(label).
    var result = plain.map { -$0 }
    for (row, label) in labels.enumerated() {
      let range = (row * classes)..<((row + 1) * classes)
      let top = range.max { (p[$0], -$0) < (p[$1], -$1) } ?? range.lowerBound
      if top == range.lowerBound + label { continue }
      let own = p[range.lowerBound + label]
      for index in range {
        let target =
          index == range.lowerBound + label ? own : (1 - own) / Double(classes - 1)
        result[index] += p[index] - target
      }
    }
    return result
  }
}
