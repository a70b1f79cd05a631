public import Components
internal import Federation
public import GradientInversion

/// GradInversion: batch-norm statistics, consensus of four candidates, Langevin noise.
///
/// Source: Yin et al. 2021, *See Through Gradients*, section 3.
public struct GradInversion: MatchingObserver {
  /// The paper's settings.
  public static let preset = InversionPreset.gradInversion

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = presetCard(
    preset,
    control: .init(
      parameters: "{updates: 2, steps: 2000}",
      model: "sequential: {layers: [{conv: {outputs: 16, kernel: 3, padding: 1}}, batch-norm, "
        + "relu, {dense: classes}]}", batch: 2))

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
