public import Components

/// A multilayer perceptron: dense layers with ReLU between them.
///
/// The default, two hidden layers of 200, is the `2NN` of McMahan et al.: 199,210 parameters at 784
/// features and 10 classes, 55,210 at 64 features.
public struct MLP: ModelFamily {
  /// The shape of the network.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Width of each hidden layer, from the input on; may be empty.
    public var hidden: [Int]

    /// Hidden layers of these widths.
    public init(hidden: [Int] = [200, 200]) { self.hidden = hidden }
  }

  /// Name and meaning.
  public static let card = Card(
    name: "mlp",
    summary: "Multilayer perceptron: dense layers with ReLU between them.",
    formula: "h_0 = x; h_l = max(W_l h_{l-1} + b_l, 0); p(y | x) = softmax(W h_L + b)",
    citation: "McMahan, Moore, Ramage, Hampson, Aguera y Arcas: Communication-Efficient Learning "
      + "of Deep Networks from Decentralized Data, AISTATS 2017, section 3 (the 2NN)",
    parameters: [
      Card.Parameter(
        "hidden", "width of each hidden layer", range: "a list of integers of at least 1")
    ])

  /// Two hidden layers of 200.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A perceptron of this shape.
  ///
  /// - Throws: `ParameterError` if a width is below 1.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check(
      "hidden", parameters.hidden.allSatisfy { $0 >= 1 }, "needs widths of at least 1",
      got: parameters.hidden)
    try check.finish()
    self.parameters = parameters
  }

  /// Dense layers `fc1`, `fc2`, ... with ReLU between them.
  public func network(inputShape: [Int], classes: Int) throws -> Network {
    try check(inputShape, classes: classes)
    let hidden = parameters.hidden.flatMap { [Layer.dense(outputs: $0), .relu] }
    return try Network(input: inputShape, hidden + [.dense(outputs: classes)])
  }
}
