public import Components
internal import Federation
public import GradientInversion

/// Inverting Gradients: the cosine of gradients and total variation, Adam on the gradient's sign.
///
/// By default labels are read off the gradient; `labels: known` is the paper's setting and needs an
/// oracle.
///
/// Source: Geiping, Bauermeister, Dröge, Moeller 2020, *Inverting Gradients*, section 4.
public struct InvertingGradients: MatchingObserver {
  /// The paper's settings.
  public static let preset = InversionPreset.invertingGradients

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = presetCard(
    preset, control: .init(parameters: "{updates: 2, steps: 1000}", model: "mlp: {hidden: [100]}"))

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
