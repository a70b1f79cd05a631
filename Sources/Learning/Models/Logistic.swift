public import Components

/// Multinomial logistic regression: one dense layer from the features to the logits.
///
/// `p(y = c | x) = softmax(W x + b)[c]`; the loss is convex in the parameters. For 64 features and
/// 10 classes it has 650 parameters.
public struct Logistic: ModelFamily {
  /// Name and meaning.
  public static let card = Card(
    name: "logistic",
    summary: "Multinomial logistic regression: one dense layer from the features to the logits.",
    formula: "p(y = c | x) = softmax(W x + b)[c]")

  /// The only value.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// A single dense layer, `fc1`.
  public func network(inputShape: [Int], classes: Int) throws -> Network {
    try check(inputShape, classes: classes)
    return try Network(input: inputShape, [.dense(outputs: classes)])
  }
}
