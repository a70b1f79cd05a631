public import Components
internal import Federation
public import GradientInversion

/// Leakage in federated averaging: dummies for each epoch, no batch order needed.
///
/// Source: Dimitrov et al. 2022, *Data Leakage in Federated Averaging*, section 4.
public struct FedAvgEpochs: MatchingObserver {
  /// The paper's settings.
  public static let preset = InversionPreset.fedAvgEpochs

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = presetCard(
    preset,
    control: .init(
      parameters: "{updates: 2, steps: 400}", model: "mlp: {hidden: [100]}", batch: 2,
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
