public import Components
public import Federation
public import GradientInversion
public import Learning

/// A variational bottleneck before the model's last layer: what the last layer sees is sampled anew
/// in every step, and so are the gradients from there on.
///
///     r → (m, s) = E r + e,   z = m + softplus(s) ε,   r' = D z + d → last layer
///     loss of an example += β / ln 2 · ½ Σ_k (m_k² + σ_k² - 1 - 2 ln σ_k),   ε normal in training
///
/// Everybody trains the extended model; when it is used, samples are their means. A client's step
/// works as before: its gradient is that of one draw, which the attacker does not know.
///
/// It protects against attackers who match the whole gradient under the means. One who knows it leaves
/// out the gradients of the bottleneck and of the last layer, which hang on the draws and drown the
/// others; and the draws themselves are read off the update of a single example, in which every dense
/// layer names its input, so that the rest is searched as if there were no defense. The tests show
/// both. Seeking the draws of a batch together with its examples is not built.
///
/// Example: before `fc2` of a model whose last layer sees 768 values, `features: 256` adds an encoder
/// of 768 x 512 and a decoder of 256 x 768 weights.
///
/// Sources: Scheliga, Mäder, Seeland 2022, *PRECODE: A Generic Model Extension to Prevent Deep
/// Gradient Leakage*, section 4, with the 256 features and β of 0.001 of its published code; Scheliga,
/// Mäder, Seeland 2023, *Privacy Preserving Federated Learning with Convolutional Variational
/// Bottlenecks*, for leaving gradients out.
public struct PRECODE: ModelExtension, CounteredDefense {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Values that are sampled.
    public var features = 256
    /// What a bit that the samples' distribution tells costs, in loss.
    public var beta = 1e-3
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "precode",
    summary: "The model samples what its last layer sees, anew in every training step.",
    formula: "z = m + softplus(s) ε,  loss + β KL(z's distribution, standard normal) in bits",
    citation: "Scheliga, Mäder, Seeland 2022, section 4",
    parameters: [
      .init("features", "values that are sampled", range: "at least 1"),
      .init("beta", "loss per bit that the samples' distribution tells", range: "at least 0"),
    ])

  /// 256 features at 0.001 a bit.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The defense with these parameters.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.oneOrMore("features", parameters.features)
    check.notNegative("beta", parameters.beta)
    try check.finish()
    self.parameters = parameters
  }

  /// A bottleneck of this size and price.
  public init(features: Int = 256, beta: Double = 1e-3) throws {
    try self.init(Parameters(features: features, beta: beta))
  }

  /// The model with a bottleneck before its last layer, which must be dense.
  public func network(extending network: Network) throws -> Network {
    guard case .dense? = network.layers.last, network.layers.dropLast().contains(where: \.learns)
    else {
      throw FederationError.unsuitableModel(
        component: Self.card.name,
        problem:
          "it samples what a dense last layer sees, so that one must follow other layers with "
          + "parameters; in a linear model it would sample the data")
    }
    var layers = network.layers
    layers.insert(
      .variationalBottleneck(features: parameters.features, penalty: parameters.beta),
      at: layers.count - 1)
    return try network.with(layers: layers)
  }

  /// Leaves out what hangs on the draws, and reads them off where there is one example.
  public func counter(network: Network) throws -> InversionCounter {
    guard
      let encoder = network.layout.segments.last(where: { $0.name.hasSuffix(".encoder.weight") })
    else { return .nonAdaptiveOnly(reason: "the model has no bottleneck of \(Self.card.name)") }
    return .sampled(layer: String(encoder.name.prefix { $0 != "." }))
  }
}

extension Layer {
  /// Whether the layer itself, or one in it, has parameters.
  fileprivate var learns: Bool {
    switch self {
    case .dense, .convolution, .batchNorm, .groupNorm, .layerNorm, .variationalBottleneck,
      .embedding:
      true
    case .residual(let body, let shortcut): (body + shortcut).contains(where: \.learns)
    case .activation, .maxPool, .averagePool, .globalAveragePool, .instanceNorm, .dropout,
      .flatten:
      false
    }
  }
}
