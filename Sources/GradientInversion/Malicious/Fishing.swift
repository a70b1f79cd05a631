internal import Glibc
public import Learning
public import Tensors

/// Weights of the last layer under which a batch's gradient is that of the examples one is after.
///
/// Source: Wen, Geiping, Fowl, Goldblum, Goldstein, Fishing for user data in large-batch federated
/// learning, ICML 2022, sections 3 and 4.
public enum Fishing {
  /// Zero rows for every other class and a bias of `bias` on them: then those share the probability
  /// whatever the example, and only examples of the target class send anything back to the
  /// features.
  ///
  /// The gradient of every layer but the last is that of the target class's examples, times their
  /// share of the batch; leave the last layer out of the objective.
  ///
  /// - Throws: `InversionError` if the model has no dense head, or no such class.
  public static func byClass(
    _ target: Int, parameters: Vector, network: Network, bias: Float = 1000
  ) throws(InversionError) -> Vector {
    let head = try head(network, target)
    var weights = parameters.array
    for row in 0..<head.outputs {
      if row != target { for place in head.row(row) { weights[place] = 0 } }
      weights[head.bias.lowerBound + row] = row == target ? 0 : bias
    }
    return Vector(weights)
  }

  /// The class's logit `gain (feature - threshold)`, everything else 0: of a class's examples only
  /// those whose feature is *below* the threshold are taken for another class, and send something
  /// back. For batches of one class, or what `byClass` left of one.
  ///
  /// - Throws: `InversionError` if the model has no dense head, no such class or feature.
  public static func byFeature(
    _ feature: Int, threshold: Double, target: Int, parameters: Vector, network: Network,
    gain: Double = 300
  ) throws(InversionError) -> Vector {
    let head = try head(network, target)
    guard feature >= 0, feature < head.inputs else {
      throw .invalid(
        what: "the feature", got: "\(feature)", requirement: "must be from 0 to \(head.inputs - 1)")
    }
    var weights = parameters.array
    for row in 0..<head.outputs {
      for place in head.row(row) { weights[place] = 0 }
      weights[head.bias.lowerBound + row] = 0
    }
    weights[head.row(target).lowerBound + feature] = Float(gain)
    weights[head.bias.lowerBound + target] = Float(-gain * threshold)
    return Vector(weights)
  }

  /// The inputs of the last layer at one example, read off its own gradient: `dL/dW_y / dL/db_y`.
  ///
  /// - Throws: `InversionError` if the model has no dense head; `LearningError` if the example does
  ///   not fit.
  public static func features(
    of input: [Float], label: Int32, parameters: Vector, network: Network
  ) throws -> [Double] {
    let head = try head(network, Int(label))
    var gradient = Vector(zeros: network.parameterCount)
    try network.differentiate(
      parameters: parameters, batch: Batch(inputs: input, labels: [label]),
      workspace: Workspace(for: network, batchSize: 1), gradient: &gradient)
    let values = gradient.array
    // The label's own bias gradient is p - 1, the largest of all, unless the model is certain.
    let own = Double(values[head.bias.lowerBound + Int(label)])
    guard own != 0 else { return [Double](repeating: 0, count: head.inputs) }
    return values[head.row(Int(label))].map { Double($0) / own }
  }

  /// The feature to fish by: the one whose values look most like a normal law, by the distance of
  /// Kolmogorov and Smirnov to the law of their own mean and deviation. A threshold then parts a batch
  /// as evenly as can be, and rarely leaves two examples on the same spot. Nil if none varies.
  ///
  /// - Parameter samples: The features of public examples, one list an example.
  public static func mostNormal(_ samples: [[Double]]) -> Int? {
    guard let width = samples.first?.count, samples.count >= 2 else { return nil }
    let count = Double(samples.count)
    let distances = (0..<width).map { feature -> Double in
      let values = samples.map { $0[feature] }.sorted()
      let mean = values.reduce(0, +) / count
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
      guard deviation > 1e-9 * max(1, abs(mean)) else { return .infinity }
      return values.enumerated().reduce(0) { largest, entry in
        let share = erfc(-(entry.element - mean) / (deviation * 2.0.squareRoot())) / 2
        let (below, above) = (Double(entry.offset) / count, Double(entry.offset + 1) / count)
        return max(largest, abs(share - below), abs(share - above))
      }
    }
    guard let best = distances.indices.min(by: { distances[$0] < distances[$1] }),
      distances[best].isFinite
    else { return nil }
    return best
  }

  /// How many of a batch of one class sent something back under `byFeature`: each adds `-1/B` to
  /// the class's bias gradient.
  ///
  /// - Throws: `InversionError` if the gradient does not fit.
  public static func caught(
    _ gradient: [Double], target: Int, network: Network, batchSize: Int
  ) throws(InversionError) -> Double {
    guard gradient.count == network.parameterCount else {
      throw .sizeMismatch(
        what: "values of the gradient", got: gradient.count,
        expected: "\(network.parameterCount), the model's parameters")
    }
    return -Double(batchSize) * gradient[try head(network, target).bias.lowerBound + target]
  }

  private static func head(
    _ network: Network, _ target: Int
  ) throws(InversionError) -> DenseTensors {
    guard
      let weight = network.layout.segments(of: .head).first(where: { $0.kind == .weight }),
      case .dense(_, true) = network.layers.last
    else {
      throw .unsuitableModel(
        method: "fishing", reason: "its last layer is not dense with a bias")
    }
    guard target >= 0, target < network.classes else {
      throw .invalid(
        what: "the target class", got: "\(target)",
        requirement: "must be from 0 to \(network.classes - 1)")
    }
    return try DenseTensors(String(weight.name.prefix { $0 != "." }), of: network)
  }
}

/// The search, over rounds, for a threshold that catches one example: each query halves an interval
/// whose lower end catches none and whose upper end catches too many.
public struct FishingSearch: Codable, Sendable, Hashable {
  /// The threshold to ask with next.
  public private(set) var threshold: Double
  /// Whether the last query caught one example.
  public private(set) var isDone = false
  private var low: Double
  private var high: Double

  /// A search between two feature values, such as a public sample's smallest and largest.
  public init(from low: Double, to high: Double) {
    (self.low, self.high) = (low, high)
    threshold = (low + high) / 2
  }

  /// Takes the count of ``Fishing/caught(_:target:network:batchSize:)``; a count within 0.1 of 1
  /// ends the search.
  public mutating func update(caught: Double) {
    isDone = abs(caught - 1) < 0.1
    guard !isDone else { return }
    if caught < 1 { low = threshold } else { high = threshold }
    threshold = (low + high) / 2
  }
}
