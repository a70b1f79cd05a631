internal import Learning
public import Tensors

/// What an attacker saw of a client: numbers with their unit, so that a trained difference is never
/// taken for a gradient.
public struct ObservedUpdate: Sendable, Hashable {
  /// What the numbers are.
  public enum Unit: String, Sendable, Hashable, CaseIterable {
    /// `dL/dw` of the mean loss over a batch: FedSGD.
    case gradient
    /// `w_after - w_before`: what FedAvg's clients add to the model.
    case delta
    /// `w_before - w_after`: the same with the sign of a gradient.
    case pseudoGradient = "pseudo-gradient"
  }

  /// The numbers, in the order of the model's parameters.
  public let values: [Double]
  /// What they are.
  public let unit: Unit

  /// Numbers of a unit.
  ///
  /// - Throws: `InversionError` if an entry is not finite, or all are zero.
  public init(_ values: [Double], unit: Unit) throws(InversionError) {
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(what: "the observed \(unit.rawValue)", index: bad)
    }
    guard values.contains(where: { $0 != 0 }) else {
      throw .zeroGradient(what: "the observed \(unit.rawValue)")
    }
    self.values = values
    self.unit = unit
  }

  /// Numbers of a unit.
  ///
  /// - Throws: `InversionError` if an entry is not finite, or all are zero.
  public init(_ values: Vector, unit: Unit) throws(InversionError) {
    try self.init(values.array.map { Double($0) }, unit: unit)
  }

  /// The mean of a sum over clients, which is all that secure aggregation shows: with batches of
  /// one size, the gradient of the union of the clients' batches. Invert it as one batch of
  /// `clients` times as many examples.
  ///
  /// - Throws: `InversionError` if there is no client, an entry is not finite, or all are zero.
  public init(sum: [Double], clients: Int, unit: Unit) throws(InversionError) {
    guard clients >= 1 else {
      throw .invalid(
        what: "the number of clients in a sum", got: "\(clients)",
        requirement: "must be at least 1")
    }
    try self.init(sum.map { $0 / Double(clients) }, unit: unit)
  }

  /// The gradient that one plain SGD step of this rate would have to have had: the mean over the
  /// steps, if there were several.
  ///
  /// - Parameters:
  ///   - training: The client's local training; needed unless the unit is `gradient`.
  /// - Throws: `InversionError.notKnown` if the training is needed and not known.
  public func meanGradient(_ training: LocalTraining?) throws(InversionError) -> [Double] {
    guard unit != .gradient else { return values }
    guard let training else {
      throw .notKnown(
        attack: "reading a \(unit.rawValue) as a gradient",
        missing: "the client's learning rate and number of steps",
        alternative: "grant the hyper-parameters, or observe gradients")
    }
    let factor = (unit == .delta ? -1 : 1) / (training.rate * Double(training.steps))
    return values.map { $0 * factor }
  }

  /// `w_after - w_before`, where a gradient is one step of a rate.
  func delta(rate: Double) -> [Double] {
    switch unit {
    case .gradient: values.map { -rate * $0 }
    case .delta: values
    case .pseudoGradient: values.map { -$0 }
    }
  }

  /// - Throws: `InversionError.sizeMismatch` unless there is a number for each parameter.
  func check(_ network: Network) throws(InversionError) {
    guard values.count == network.parameterCount else {
      throw .sizeMismatch(
        what: "values of the observed \(unit.rawValue)", got: values.count,
        expected: "\(network.parameterCount), the model's parameters")
    }
  }
}

/// The local training of a client, as far as an attacker who was told may use it: plain SGD in
/// PyTorch's form.
public struct LocalTraining: Sendable, Hashable {
  /// Learning rate, above 0.
  public let rate: Double
  /// Momentum, at least 0 and below 1.
  public let momentum: Double
  /// Examples in each step's batch; as many as there were steps.
  public let batchSizes: [Int]
  /// Passes over the data; the steps divide into them evenly.
  public let epochs: Int

  /// Steps in all.
  public var steps: Int { batchSizes.count }
  /// Examples seen, those of every epoch counted again.
  public var examplesSeen: Int { batchSizes.reduce(0, +) }

  /// Training of `batchSizes.count` steps.
  ///
  /// - Throws: `InversionError` if a number is out of range.
  public init(
    rate: Double, momentum: Double = 0, batchSizes: [Int], epochs: Int = 1
  ) throws(InversionError) {
    guard rate > 0, rate.isFinite else {
      throw .invalid(
        what: "the learning rate", got: "\(rate)", requirement: "must be a number above 0")
    }
    guard momentum >= 0, momentum < 1 else {
      throw .invalid(
        what: "the momentum", got: "\(momentum)", requirement: "must be at least 0 and below 1")
    }
    guard !batchSizes.isEmpty, batchSizes.allSatisfy({ $0 >= 1 }) else {
      throw .invalid(
        what: "the batch sizes", got: "\(batchSizes)",
        requirement: "need at least one step of at least one example")
    }
    guard epochs >= 1, batchSizes.count % epochs == 0 else {
      throw .invalid(
        what: "the number of epochs", got: "\(epochs)",
        requirement: "must divide the \(batchSizes.count) steps")
    }
    self.rate = rate
    self.momentum = momentum
    self.batchSizes = batchSizes
    self.epochs = epochs
  }
}
