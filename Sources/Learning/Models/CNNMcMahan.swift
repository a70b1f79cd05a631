public import Components

/// The CNN of the FedAvg paper: two padded 5x5 convolutions with 2x2 max-pooling, then a hidden layer
/// of 512.
///
/// At 28x28x1 and 10 classes it has 1,663,370 parameters. Smaller images are resized to 28x28.
public struct CNNMcMahan: ModelFamily {
  /// Name and meaning.
  public static let card = Card(
    name: "cnn-mcmahan",
    summary: "The FedAvg paper's network of 1,663,370 parameters at 28x28x1.",
    formula: "conv 32@5x5 padded, ReLU, max-pool 2, conv 64@5x5 padded, ReLU, max-pool 2, "
      + "dense 512, ReLU, dense",
    citation: "McMahan, Moore, Ramage, Hampson, Aguera y Arcas: Communication-Efficient Learning "
      + "of Deep Networks from Decentralized Data, AISTATS 2017, section 3")

  /// The only value.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// At least 28x28.
  public func preparedShape(_ inputShape: [Int]) -> [Int] { inputShape.enlarged(to: 28) }

  /// Tensors `conv1`, `conv2`, `fc1`, `fc2`.
  public func network(inputShape: [Int], classes: Int) throws -> Network {
    try check(inputShape, classes: classes, dimensions: 3)
    return try Network(
      input: inputShape,
      [
        .convolution(Convolution(outputs: 32, kernel: 5, padding: 2)), .relu, .maxPool(2),
        .convolution(Convolution(outputs: 64, kernel: 5, padding: 2)), .relu, .maxPool(2),
        .flatten, .dense(outputs: 512), .relu, .dense(outputs: classes),
      ])
  }
}
