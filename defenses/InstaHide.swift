public import Components
public import Federation
public import GradientInversion
public import Learning
public import Randomness

/// Clients train on mixtures of k of their examples with the sign of every pixel flipped at random.
///
///     x̃_i = σ_i ∘ sum_j λ_j x_(π_j(i)),   q̃_i = sum_j λ_j q_(π_j(i));   σ_i random signs
///
/// The first of the k is the example itself, the others are other examples. The weights are drawn
/// uniformly among those that sum to 1 and of which none exceeds `largest-weight`. Signs carry
/// something only where values lie on both sides of zero: centre the data. This is the form that
/// needs no public images.
///
/// The known break needs many encodings of the same images, from which it clusters and solves
/// (Carlini et al. 2021). It is not built here, so results are marked `non-adaptive only`.
///
/// Example: k = 1 is the example with its signs flipped, and its own label.
///
/// Source: Huang, Song, Li, Arora 2020, *InstaHide: Instance-hiding Schemes for Private Distributed
/// Learning*, algorithm 1.
public struct InstaHide: StepView, CounteredDefense {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Examples of a mixture.
    public var k = 4
    /// The most that one example weighs.
    public var largestWeight = 0.65
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "instahide",
    summary: "Clients train on mixtures of k examples whose pixels' signs are flipped at random.",
    formula: "x̃_i = σ_i ∘ sum_j λ_j x_π_j(i), labels mixed; σ random signs",
    citation: "Huang et al. 2020, algorithm 1",
    parameters: [
      .init("k", "examples of a mixture", range: "at least 1"),
      .init(
        "largest-weight", "the most that one example weighs", range: "in (1/k, 1]; 1 for k = 1"),
    ])

  /// Four examples, none above 0.65.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The defense with these parameters.
  ///
  /// - Throws: `ParameterError` if no such weights exist.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.oneOrMore("k", parameters.k)
    let least = 1 / Double(max(1, parameters.k))
    check(
      "largest-weight",
      parameters.largestWeight <= 1
        && (parameters.largestWeight > least || parameters.k == 1 && parameters.largestWeight == 1),
      "must be above 1/k and at most 1 (1 for k = 1)", got: parameters.largestWeight)
    try check.finish()
    self.parameters = parameters
  }

  /// Mixtures of k.
  public init(k: Int, largestWeight: Double = 0.65) throws {
    try self.init(Parameters(k: k, largestWeight: k == 1 ? 1 : largestWeight))
  }

  /// - Throws: `FederationError.unsuitableModel` unless the loss takes mixed labels.
  public func check(_ network: Network) throws {
    try BatchMixing.check(network, component: Self.card.name)
  }

  /// The batch mixed and flipped. A batch of fewer than k examples is mixed of what it has. O(k B
  /// n).
  public func view(
    _ batch: Batch<Float>, of network: Network, using generator: inout Generator
  ) throws -> Batch<Float> {
    let rows = batch.inputs.count / network.inputs
    // A row's partners follow it in one random circle, so that none comes twice.
    let circle = generator.permutation(rows)
    var mixtures = [[(row: Int, weight: Float)]](repeating: [], count: rows)
    for (place, row) in circle.enumerated() {
      mixtures[row] = weights(using: &generator).enumerated().map {
        (row: circle[(place + $0) % rows], weight: $1)
      }
    }
    var mixed = BatchMixing.mixed(batch, weights: mixtures, network: network)
    for index in mixed.inputs.indices where generator.bernoulli(0.5) {
      mixed.inputs[index].negate()
    }
    return mixed
  }

  private func weights(using generator: inout Generator) -> [Float] {
    while true {
      let parts = (0..<parameters.k).map { _ in generator.exponential() }
      let sum = parts.reduce(0, +)
      guard sum > 0 else { continue }
      let weights = parts.map { $0 / sum }
      if weights.allSatisfy({ $0 <= parameters.largestWeight }) { return weights.map { Float($0) } }
    }
  }

  /// None is built.
  public func counter(network: Network) -> InversionCounter {
    .nonAdaptiveOnly(
      reason: "instahide: the attack on many encodings (Carlini et al. 2021) is not built")
  }
}
