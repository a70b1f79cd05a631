public import Components
public import Federation
public import Learning

/// Clients share all layers but the last ones, which stay their own.
///
/// A model is `layers` personal layers on a shared base. The personal layers start as everybody's do,
/// are trained along with the rest, and never leave their client: the server sees neither their
/// values nor their gradients. Every client should take part in the first rounds, or a late one
/// starts with an untrained head.
///
/// Source: Arivazhagan, Aggarwal, Singh, Choudhary 2019, *Federated Learning with Personalization
/// Layers*, algorithms 1 and 2.
public struct FedPer: Personalizer {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many layers with parameters are personal, from the last one back.
    public var layers = 1
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "fedper",
    summary: "The last layers are each client's own and never leave it.",
    formula: "w_k = (shared base, own head_k); only the base is sent",
    citation: "Arivazhagan et al. 2019, algorithms 1 and 2",
    parameters: [.init("layers", "personal layers, from the last one back", range: "at least 1")])

  /// The last layer.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Personal layers as described by `parameters`.
  ///
  /// - Throws: `ParameterError` if no layer is personal.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.oneOrMore("layers", parameters.layers)
    try check.finish()
    self.parameters = parameters
  }

  /// The last `layers` layers are personal.
  public init(layers: Int = 1) throws { try self.init(Parameters(layers: layers)) }

  /// The segments of the last layers.
  public func keptRanges(of network: Network) throws(FederationError) -> [Range<Int>] {
    // A layer's segments share the name before the point: fc1.weight, fc1.bias.
    func layer(_ segment: Segment) -> Substring { segment.name.prefix { $0 != "." } }
    var layers: [Substring] = []
    for segment in network.layout.segments where layers.last != layer(segment) {
      layers.append(layer(segment))
    }
    guard parameters.layers < layers.count else {
      throw .unsuitableModel(
        component: Self.card.name,
        problem: "the model has \(layers.count) layers with parameters, so at most "
          + "\(layers.count - 1) can be personal, got layers: \(parameters.layers)")
    }
    let personal = Set(layers.suffix(parameters.layers))
    return network.layout.segments.filter { personal.contains(layer($0)) }.map(\.range)
  }
}
