public import Components
public import Federation
internal import Glibc
public import Learning
public import Randomness
internal import Tensors

/// Clients add noise to what they send.
///
///     Δ_j + σ ε_j,    ε standard normal, or Laplace with variance 1
///
/// Every coordinate that is sent gets noise of its own; running statistics, which no gradient
/// shows, get none. Nothing bounds what one example does to the update, so no ε follows and the
/// ledger of the run stays empty: put `update-clipping` before it for a bound.
///
/// An attacker who knows the noise chooses the distance that is its likelihood, squared for normal
/// and absolute for Laplace noise, and takes the mean of many rounds where a client repeats
/// itself.
///
/// Example: σ = 0.5 on 10,000 zeros gives a message of norm close to 50.
///
/// Sources: Zhu, Liu, Han 2019, *Deep Leakage from Gradients*, which finds variances
/// of 0.01 and more to help; Balunović, Dimitrov, Staab, Vechev 2022, *Bayesian Framework for
/// Gradient Leakage*, for the attacks.
public struct UpdateNoise: UpdateTransform {
  /// The law of the noise.
  public enum Law: String, Codable, Hashable, Sendable, CaseIterable {
    /// Normal.
    case gaussian
    /// Laplace: `P(ε) = exp(-|ε| / b) / (2 b)` with `b = σ / √2`.
    case laplace
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The law of the noise.
    public var law = Law.gaussian
    /// Standard deviation in each coordinate, in the unit of updates.
    public var sigma = 0.001
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "update-noise",
    summary: "Clients add normal or Laplace noise to their updates.",
    formula: "Δ + σ ε, ε normal or Laplace of variance 1",
    citation: "Zhu et al. 2019; Balunović et al. 2022",
    parameters: [
      .init("law", "the law of the noise", range: "'gaussian' or 'laplace'"),
      .init("sigma", "standard deviation in each coordinate", range: "0 or more"),
    ])

  /// Normal noise of deviation 0.001.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A transform with these parameters.
  ///
  /// - Throws: `ParameterError` if sigma is negative or not finite.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.notNegative("sigma", parameters.sigma)
    try check.finish()
    self.parameters = parameters
  }

  /// Noise of a law and a standard deviation.
  public init(law: Law = .gaussian, sigma: Double) throws {
    try self.init(Parameters(law: law, sigma: sigma))
  }

  /// Noise on every coordinate that is sent. O(d).
  public func transform(
    _ update: inout Update, using generator: inout Generator, memory: inout Memory
  ) {
    transform(&update, segments: [], using: &generator, memory: &memory)
  }

  /// Noise on every coordinate that is sent and trained. O(d).
  public func transform(
    _ update: inout Update, segments: [Segment], using generator: inout Generator,
    memory: inout Memory
  ) {
    guard parameters.sigma > 0 else { return }
    var values = update.delta.array
    let tensors = UpdateParts.tensors(segments, count: values.count)
    let sent = update.support.restricted(to: tensors).indices(dimension: values.count)
    switch parameters.law {
    case .gaussian:
      let noise = generator.normals(sent.count, standardDeviation: Float(parameters.sigma))
      for (index, noise) in zip(sent, noise) { values[Int(index)] += noise }
    case .laplace:
      let scale = parameters.sigma / 2.0.squareRoot()
      for index in sent { values[Int(index)] += Float(generator.laplace(scale: scale)) }
    }
    update.delta = Vector(values)
  }

  /// The update itself, and the noise's law.
  public var forwardModel: (any ForwardModel)? { Model(parameters: parameters) }

  private struct Model: ForwardModel {
    let parameters: Parameters

    func forward(_ delta: Vector, segments: [Segment]) -> Vector { delta }

    func pieces(observed: Vector, segments: [Segment]) -> [ForwardPiece] {
      guard parameters.sigma > 0 else { return [] }
      return switch parameters.law {
      case .gaussian: [.gaussian(deviation: parameters.sigma)]
      case .laplace: [.laplace(scale: parameters.sigma / 2.0.squareRoot())]
      }
    }
  }
}
