public import Components
public import Federation
public import GradientInversion
public import Randomness

/// Inversion of a secure sum: the mean of several clients' updates is the gradient of all their batches
/// together, and inverts as one batch of that size.
///
/// The only attack of a curious server on a protocol that shows nothing but the sum: how little it
/// finds as clients become many is what the protocol is worth by itself.
///
/// Source: Geiping, Bauermeister, Dröge, Moeller 2020, *Inverting Gradients*, section 6, on sums.
public struct SumInversion: InversionObserver {
  /// Name, meaning, source, needs and the control it must pass.
  public static let card = Card(
    name: "sum-inversion",
    summary: "Inverts the sum of all clients' updates as one large batch.",
    citation: "Geiping et al. 2020, section 6",
    needs: [.sum, .batchSize, .trainingParameters, .inputNormalisation],
    control: usualControl.tried(
      in: .init(
        parameters: "{steps: 1000}", model: "mlp: {hidden: [100]}", clients: 2,
        transport: "sum-only")),
    parameters: MatchingParameters.cards)

  /// The settings of Inverting Gradients.
  public static let defaults = MatchingParameters()

  /// The parameters in force.
  public let parameters: MatchingParameters

  /// The attack with these parameters.
  ///
  /// - Throws: `ParameterError` naming every value out of range.
  public init(_ parameters: MatchingParameters) throws {
    try parameters.validate()
    self.parameters = parameters
  }

  /// The updates that are attacked.
  public var target: InversionTarget { parameters.target }

  /// What the card says, and an oracle for labels that are to be known.
  public var needs: Set<Capability> { Self.card.needs.union(parameters.needs) }

  /// The same search behind the defense, as if it had worked on the sum.
  public func invert(
    _ row: Int, of observation: Observation, knowing counters: [InversionCounter],
    using generator: Generator
  ) throws -> InformedInversion {
    try Self.search(
      parameters.applied(to: InversionPreset.invertingGradients.settings), row, of: observation,
      knowing: counters, using: generator)
  }

  /// Searches for all examples of the sum at once.
  public func invert(
    _ row: Int, of observation: Observation, using generator: Generator
  ) throws -> [InvertedBatch] {
    [
      try Self.search(
        parameters.applied(to: InversionPreset.invertingGradients.settings), row, of: observation,
        using: generator)
    ]
  }
}
