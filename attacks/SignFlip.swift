public import Components
public import Federation
public import Randomness
internal import Tensors

/// Every colluder sends its own update turned round, or the benign mean turned round.
///
///     m_i = -scale · x_i            variant own
///     m_i = -scale · mean(benign)   variant mean: what ByzFL calls sign flipping, IPM with ε = scale
///
/// The first needs nothing but the colluder's own data. With f colluders among n the plain mean is about
/// (n - f - scale · f)/n of the honest one: learning stops at scale = (n-f)/f and reverses beyond.
///
/// Example: scale 2 turns (1, -3) into (-2, 6).
///
/// Source: the sign-flipping attack of Li et al. 2019, *RSA: Byzantine-Robust Stochastic
/// Aggregation Methods for Distributed Learning from Heterogeneous Datasets*, section 5.
public struct SignFlip: Corruption {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How much longer than the clean update the reversed one is.
    public var scale = 1.0
    /// Which update is reversed.
    public var variant = Variant.own
  }

  /// Which update is reversed.
  public enum Variant: String, CaseIterable, Codable, Hashable, Sendable {
    /// The colluder's own.
    case own
    /// The mean of the honest ones.
    case mean
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "sign-flip",
    summary: "Every colluder sends its own clean update, or the honest mean, reversed and scaled.",
    formula: "m_i = -scale · x_i, or -scale · mean(honest)",
    citation: "Li et al. 2019, section 5",
    needs: [.ownUpdates],
    control: .accuracyLoss(),
    parameters: [
      .init("scale", "length of the reversed update", range: "greater than 0"),
      .init("variant", "which update is reversed", range: "own or mean"),
    ])

  /// As long as the clean update.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A sign flip with `parameters.scale`.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.positive("scale", parameters.scale)
    try check.finish()
    self.parameters = parameters
  }

  /// A sign flip scaled by `scale`.
  public init(scale: Double, variant: Variant = .own) throws {
    try self.init(Parameters(scale: scale, variant: variant))
  }

  /// The honest updates only to reverse their mean.
  public var needs: Set<Capability> {
    parameters.variant == .own ? [.ownUpdates] : [.ownUpdates, .honestUpdates]
  }

  /// Reverses each colluder's update or the mean. O(nd).
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) throws -> [CraftedUpdate] {
    let mean = parameters.variant == .mean ? try view.benign(.omniscient).mean() : nil
    return view.colluders.indices.map { row in
      var delta = mean ?? view.own.row(row)
      delta.scale(by: -Float(parameters.scale))
      return CraftedUpdate(delta)
    }
  }
}
