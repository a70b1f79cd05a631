public import Components
internal import Federation
public import GradientInversion

/// iDLG: DLG for one example, its label read off the last layer's gradient.
///
/// Source: Zhao, Mopuri, Bilen 2020, *iDLG: Improved Deep Leakage from Gradients*.
public struct IDLG: MatchingObserver {
  /// The paper's settings.
  public static let preset = InversionPreset.idlg

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
