public import Components

/// Two 5x5 convolutions without padding, each followed by ReLU and 2x2 max-pooling, then a hidden
/// layer of 500: LeNet in Caffe's sizes, a standard CNN of federated papers on MNIST.
///
/// At 28x28x1 and 10 classes it has 431,080 parameters: 520 + 25,050 + 400,500 + 5,010. Smaller
/// images are resized to 28x28.
public struct CNN431K: ModelFamily {
  /// Name and meaning.
  public static let card = Card(
    name: "cnn-431k",
    summary: "Convolutional network of 431,080 parameters at 28x28x1: conv 20, conv 50, dense 500.",
    formula: "conv 20@5x5, ReLU, max-pool 2, conv 50@5x5, ReLU, max-pool 2, dense 500, ReLU, dense",
    citation:
      "Jia et al.: Caffe, MM 2014 (its LeNet); in federated learning: Wang, Kaplan, Niu, Li: "
      + "Optimizing Federated Learning on Non-IID Data with Reinforcement Learning, INFOCOM 2020")

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
        .convolution(Convolution(outputs: 20, kernel: 5)), .relu, .maxPool(2),
        .convolution(Convolution(outputs: 50, kernel: 5)), .relu, .maxPool(2),
        .flatten, .dense(outputs: 500), .relu, .dense(outputs: classes),
      ])
  }
}
