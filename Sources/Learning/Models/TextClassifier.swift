public import Components

/// A small text model without attention: token embeddings, their mean, a dense layer.
///
/// An example is a row of token numbers, `[positions]`.
public struct TextClassifier: ModelFamily {
  /// What a configuration may set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many tokens there are; token numbers run from 0 to one less.
    public var vocabulary: Int
    /// Length of a token's vector.
    public var dimension: Int

    /// A vocabulary and a dimension.
    public init(vocabulary: Int = 1000, dimension: Int = 64) {
      self.vocabulary = vocabulary
      self.dimension = dimension
    }
  }

  /// Name and meaning.
  public static let card = Card(
    name: "text",
    summary: "Bag of embeddings: token vectors, their mean over the positions, a dense layer.",
    formula: "p(y | x) = softmax(W mean_t E[x_t] + b)",
    citation: "Joulin, Grave, Bojanowski, Mikolov: Bag of Tricks for Efficient Text "
      + "Classification, EACL 2017, section 2",
    parameters: [
      Card.Parameter("vocabulary", "how many tokens there are", range: "an integer of at least 1"),
      Card.Parameter("dimension", "length of a token's vector", range: "an integer of at least 1"),
    ])

  /// 1,000 tokens, vectors of 64.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A model of this size.
  ///
  /// - Throws: `ParameterError` if a size is below 1.
  public init(_ parameters: Parameters = Parameters()) throws {
    var check = ParameterCheck()
    check(
      "vocabulary", parameters.vocabulary >= 1, "must be at least 1", got: parameters.vocabulary)
    check("dimension", parameters.dimension >= 1, "must be at least 1", got: parameters.dimension)
    try check.finish()
    self.parameters = parameters
  }

  /// Tensors `embedding1` and `fc1`.
  public func network(inputShape: [Int], classes: Int) throws -> Network {
    try check(inputShape, classes: classes, dimensions: 1)
    return try Network(
      input: inputShape,
      [
        .embedding(vocabulary: parameters.vocabulary, dimension: parameters.dimension),
        .globalAveragePool, .dense(outputs: classes),
      ])
  }
}
