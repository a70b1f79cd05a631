public import Components
internal import Federation
public import GradientInversion

/// FedAvg unrolled: every local step differentiated through exactly.
///
/// Needs labels and order: the strongest knowledge of all presets.
///
/// Source: Geiping, Bauermeister, Dröge, Moeller 2020, *Inverting Gradients*, section 6.
public struct FedAvgUnroll: MatchingObserver {
  /// The paper's settings.
  public static let preset = InversionPreset.fedAvgUnroll

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = presetCard(
    preset,
    control: .init(
      parameters: "{updates: 2, steps: 1000}", model: "mlp: {hidden: [100]}", batch: 2,
      algorithm: "fedavg",
      training: ", batch-size: 1, epochs: 2", clients: 600))

  /// The parameters in force.
  public let parameters: MatchingParameters

  /// The attack with these parameters.
  ///
  /// - Throws: `ParameterError` naming every value out of range.
  public init(_ parameters: MatchingParameters) throws {
    try parameters.validate()
    self.parameters = parameters
  }
}
