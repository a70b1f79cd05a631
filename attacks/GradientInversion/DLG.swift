public import Components
internal import Federation
public import GradientInversion

/// DLG: looks for inputs and soft labels with the observed gradient, by L-BFGS from four starts.
///
/// Needs a smooth model: with rectifiers and pooling L-BFGS gets stuck at kinks.
///
/// Source: Zhu, Liu, Han 2019, *Deep Leakage from Gradients*, algorithm 1.
public struct DLG: MatchingObserver {
  /// The paper's settings.
  public static let preset = InversionPreset.dlg

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = presetCard(
    preset,
    control: .init(parameters: "{updates: 2, steps: 100}", model: "lenet-zhu: {initial-bound: 0.5}")
  )

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
