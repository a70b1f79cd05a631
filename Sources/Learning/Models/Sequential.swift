public import Components

/// A model written in the experiment file, as a list of layers from the input to the logits.
///
///     model:
///       sequential:
///         layers:
///           - conv: {outputs: 16, kernel: 3, padding: 1}
///           - group-norm: 4
///           - relu
///           - max-pool: 2
///           - dense: classes
///
/// `classes` stands for the data's number of classes. A dense layer flattens what it gets.
public struct Sequential: ModelFamily {
  /// What a configuration may set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// A list of layers as ``LayerReader`` reads them.
    public var layers: ConfigurationNode

    /// These layers.
    public init(layers: ConfigurationNode) { self.layers = layers }
  }

  /// Name and meaning.
  public static let card = Card(
    name: "sequential",
    summary: "A model of your own, written as a list of layers.",
    parameters: [
      Card.Parameter(
        "layers", "the layers from the input to the logits",
        range: "a list of the layers below, where 'classes' stands for the number of classes",
        choices: LayerReader.usages)
    ])

  /// Logistic regression: a single dense layer.
  public static let defaults = Parameters(
    layers: ConfigurationNode(
      .list([
        ConfigurationNode(
          .map([.init(key: "dense", node: ConfigurationNode(.text("classes")))]))
      ])))

  /// The parameters in force.
  public let parameters: Parameters

  /// A model of these layers.
  ///
  /// - Throws: `ConfigurationError` naming every layer that cannot be read, with its place in the
  ///   file.
  public init(_ parameters: Parameters) throws {
    _ = try LayerReader(classes: 2).layers(parameters.layers)
    self.parameters = parameters
  }

  /// The layers, numbered by kind: `conv1`, `norm1`, `fc1`, ...
  public func network(inputShape: [Int], classes: Int) throws -> Network {
    try check(inputShape, classes: classes)
    let network = try Network(
      input: inputShape, LayerReader(classes: classes).layers(parameters.layers))
    guard network.classes == classes else {
      throw LearningError.sizeMismatch(
        place: "model sequential", what: "outputs of the last layer", got: network.classes,
        expected: classes)
    }
    return network
  }
}
