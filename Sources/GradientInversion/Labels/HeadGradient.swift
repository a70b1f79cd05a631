public import Learning

/// The gradient of a classifier's last dense layer: what label recovery reads.
///
/// For softmax and cross-entropy, the mean over a batch of B examples with features `a_i`:
///
///     dL/db_c = mean_i (p_ic - [y_i = c])        dL/dW_c = mean_i (p_ic - [y_i = c]) a_i
public struct HeadGradient: Sendable, Hashable {
  /// Classes, the rows of the weight.
  public let classes: Int
  /// Features, its columns.
  public let features: Int
  /// The weight's gradient, row by row.
  public let weight: [Double]
  /// The bias's gradient; nil for a layer without one.
  public let bias: [Double]?

  /// The head's part of a gradient.
  ///
  /// - Throws: `InversionError` if the gradient does not fit, the last layer is not dense, or the
  ///   loss is not the cross-entropy.
  public init(_ gradient: [Double], of network: Network) throws(InversionError) {
    guard gradient.count == network.parameterCount else {
      throw .sizeMismatch(
        what: "values of the gradient", got: gradient.count,
        expected: "\(network.parameterCount), the model's parameters")
    }
    guard case .crossEntropy(let smoothing) = network.loss, smoothing == 0 else {
      throw .unsuitableModel(
        method: "label recovery", reason: "its loss is not the cross-entropy of hard labels")
    }
    let head = network.layout.segments(of: .head)
    guard let weight = head.first(where: { $0.kind == .weight }), weight.shape.count == 2,
      weight.shape[0] == network.classes, case .dense = network.layers.last
    else {
      throw .unsuitableModel(method: "label recovery", reason: "its last layer is not dense")
    }
    classes = weight.shape[0]
    features = weight.shape[1]
    self.weight = Array(gradient[weight.range])
    bias = head.first { $0.kind == .bias }.map { Array(gradient[$0.range]) }
  }

  /// The sums of the weight's rows.
  public var rowSums: [Double] {
    (0..<classes).map { row in weight[(row * features)..<((row + 1) * features)].reduce(0, +) }
  }

  /// The smallest entry of each row.
  public var rowMinima: [Double] {
    (0..<classes).map { row in
      weight[(row * features)..<((row + 1) * features)].min() ?? 0
    }
  }

  /// The bias's gradient.
  func requireBias(_ method: String) throws(InversionError) -> [Double] {
    guard let bias else {
      throw .unsuitableModel(
        method: method, reason: "its last layer has no bias; the weight methods need none")
    }
    return bias
  }
}
