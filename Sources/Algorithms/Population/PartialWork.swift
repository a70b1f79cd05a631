public import Components
public import Federation
public import Randomness

/// Devices that do not complete their local training: they send what they have.
///
/// A straggler completes a share of its steps that is uniform in `minimum ... 1`, at least one step.
/// Who straggles: `fixed` devices, a share `stragglers` of them in the whole run, or in every round
/// other ones.
///
/// Source: the stragglers of Li et al. 2020, *Federated Optimization in Heterogeneous Networks*,
/// section 5.2, who complete a uniform number of epochs.
public struct PartialWork: DeviceModel {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The share of clients that straggle.
    public var stragglers = 0.5
    /// The least share of the steps that a straggler completes.
    public var minimum = 0.0
    /// Whether the same clients straggle in every round.
    public var fixed = false

    /// Half of the clients, in every round other ones.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "partial-work",
    summary: "Stragglers complete a random share of their local steps and send what they have.",
    formula: "steps of a straggler = max(1, U(minimum, 1) E ⌈n_k/B⌉)",
    citation: "Li et al. 2020 (FedProx), section 5.2",
    parameters: [
      .init("stragglers", "share of the clients that straggle", range: "in [0, 1]"),
      .init("minimum", "least share of the steps they complete", range: "in [0, 1]"),
      .init("fixed", "whether they are the same in every round", range: "true or false"),
    ])

  /// Half of the clients.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Stragglers with these parameters.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    for (key, share) in [("stragglers", parameters.stragglers), ("minimum", parameters.minimum)] {
      check(key, share >= 0 && share <= 1, "must be in [0, 1]", got: share)
    }
    try check.finish()
    self.parameters = parameters
  }

  /// Stragglers: this share of the clients.
  public init(stragglers: Double, minimum: Double = 0, fixed: Bool = false) throws {
    var parameters = Parameters()
    parameters.stragglers = stragglers
    parameters.minimum = minimum
    parameters.fixed = fixed
    try self.init(parameters)
  }

  /// 1, or for a straggler a uniform share.
  public func completeness(
    of device: Device, round: Int, using generator: inout Generator
  ) -> Double {
    var trait = parameters.fixed ? device.traits.fork("partial work") : generator.fork("straggles")
    guard trait.uniform() < parameters.stragglers else { return 1 }
    return max(
      .leastNonzeroMagnitude,
      parameters.minimum + (1 - parameters.minimum) * generator.uniform())
  }
}
