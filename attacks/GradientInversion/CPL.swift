public import Components
internal import Federation
public import GradientInversion

/// CPL: squared distance and task loss from a tile of noise, L-BFGS within the valid range.
///
/// Source: Wei et al. 2020, *A Framework for Evaluating Gradient Leakage Attacks in Federated Learning*.
public struct CPL: MatchingObserver {
  /// The paper's settings.
  public static let preset = InversionPreset.cpl

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = presetCard(
    preset, control: .init(parameters: "{updates: 2, steps: 100}", model: "mlp: {hidden: [100]}"))

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
