public import Components
public import Federation
public import Randomness
internal import Tensors

/// Every colluder sends noise.
///
///     m_i = N(mean, deviation²) in every coordinate, drawn for each colluder on its own
///     additive: m_i = x_i + N(mean, deviation²)
///
/// The baseline of the field: needs no knowledge at all, and ruins the plain mean once the noise is
/// long against the updates (its norm is about deviation · √d), but every robust rule that looks at
/// distances sees it. An attack that does no better than this one is a naive attack.
///
/// Example: deviation 0 and mean 2 send (2, 2, …); additive, 2 more than the clean update.
///
/// Source: Blanchard et al. 2017, *Machine Learning with Adversaries: Byzantine Tolerant Gradient
/// Descent*, section 5.1, where the deviation is 200; others take N(0, 1) or N(0.1, 0.1²).
public struct Gaussian: Corruption {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The mean of every coordinate of the noise.
    public var mean = 0.0
    /// Its standard deviation.
    public var deviation = 1.0
    /// What the noise does to the clean update.
    public var variant = Variant.replacing
  }

  /// What the noise does to the clean update.
  public enum Variant: String, CaseIterable, Codable, Hashable, Sendable {
    /// It is sent in place of it.
    case replacing
    /// It is added to it.
    case additive
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "gaussian",
    summary: "Every colluder sends normal noise, or its own update plus normal noise.",
    formula: "m_i = N(mean, deviation²), or x_i + N(mean, deviation²)",
    citation: "Blanchard et al. 2017, section 5.1",
    control: .accuracyLoss(),
    parameters: [
      .init("mean", "mean of every coordinate of the noise", range: "any number"),
      .init("deviation", "standard deviation of the noise", range: "0 or more"),
      .init("variant", "in place of the clean update or added", range: "replacing or additive"),
    ])

  /// Standard normal noise in place of the updates.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check("mean", parameters.mean.isFinite, "must be a finite number", got: parameters.mean)
    check.notNegative("deviation", parameters.deviation)
    try check.finish()
    self.parameters = parameters
  }

  /// The attack with this mean, deviation and variant.
  public init(mean: Double = 0, deviation: Double = 1, variant: Variant = .replacing) throws {
    try self.init(Parameters(mean: mean, deviation: deviation, variant: variant))
  }

  /// Its own update only to add noise to it.
  public var needs: Set<Capability> { parameters.variant == .additive ? [.ownUpdates] : [] }

  /// Fresh noise for every colluder. O(fd).
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) -> [CraftedUpdate] {
    view.colluders.indices.map { row in
      let noise = generator.normals(
        view.globalModel.count, standardDeviation: Float(parameters.deviation))
      let mean = Float(parameters.mean)
      var delta = Vector(noise).map { $0 + mean }
      if parameters.variant == .additive { delta.add(view.own.row(row)) }
      return CraftedUpdate(delta)
    }
  }
}
