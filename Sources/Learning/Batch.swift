/// Inputs and targets of one batch as plain values: what derivatives by the inputs are taken at.
///
/// ``LabeledExamples`` holds a client's data; a batch holds a candidate that an attack moves, or one
/// that comes from elsewhere.
public struct Batch<Value: BinaryFloatingPoint & Sendable>: Sendable, Equatable {
  /// What the outputs are compared with.
  public enum Targets: Sendable, Equatable {
    /// A class for each example.
    case labels([Int32])
    /// A value for each output of each example, row-major: class probabilities under the
    /// cross-entropy, values under the other losses.
    case dense([Value])
  }

  /// One row after the other, each an example of the network's input shape, flattened.
  public var inputs: [Value]
  /// What the outputs are compared with.
  public var targets: Targets

  /// A batch; what does not fit a network is reported where the two meet.
  public init(inputs: [Value], targets: Targets) {
    self.inputs = inputs
    self.targets = targets
  }

  /// A batch with a class for each example.
  public init(inputs: [Value], labels: [Int32]) {
    self.init(inputs: inputs, targets: .labels(labels))
  }
}

extension Batch {
  /// Examples of a network's input width in the batch, all of it checked.
  func rows(for network: Network, place: String) throws(LearningError) -> Int {
    let rows = inputs.count / network.inputs
    guard rows * network.inputs == inputs.count else {
      throw .sizeMismatch(
        place: place, what: "input values, not a whole number of examples", got: inputs.count,
        expected: (rows + 1) * network.inputs)
    }
    guard rows > 0 else { throw .noExamples(place: place) }
    switch targets {
    case .labels(let labels):
      guard labels.count == rows else {
        throw .sizeMismatch(place: place, what: "labels", got: labels.count, expected: rows)
      }
      for (example, label) in labels.enumerated() where label < 0 || label >= network.classes {
        throw .labelOutOfRange(
          place: place, example: example, label: Int(label), classes: network.classes)
      }
    case .dense(let values):
      guard values.count == rows * network.classes else {
        throw .sizeMismatch(
          place: place, what: "target values", got: values.count,
          expected: rows * network.classes)
      }
    }
    return rows
  }
}

extension LabeledExamples {
  /// The examples at these positions as a batch.
  ///
  /// - Throws: `LearningError.indexOutOfRange` for a position outside `0..<count`.
  public func batch(_ indices: [Int]) throws(LearningError) -> Batch<Float> {
    let chosen = try subset(indices)
    return Batch(inputs: chosen.features, labels: chosen.labels)
  }
}
