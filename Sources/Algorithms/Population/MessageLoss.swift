public import Components
public import Federation

/// Messages to the server get lost: the client worked in vain.
///
///     P(an update is lost) = rate, independently for each client and round
///
/// Source: the connectivity mode of FLGo (Wang et al. 2023, section 3.3).
public struct MessageLoss: DeviceModel {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The probability that an update is lost.
    public var rate = 0.1
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "message-loss",
    summary: "Each update is lost on its way with a fixed probability.",
    formula: "P(update lost) = rate",
    citation: "Wang et al. 2023 (FLGo), section 3.3",
    parameters: [.init("rate", "probability that an update is lost", range: "in [0, 1)")])

  /// One update in ten.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Losses with these parameters.
  ///
  /// - Throws: `ParameterError` if the rate is out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.belowOne("rate", parameters.rate)
    try check.finish()
    self.parameters = parameters
  }

  /// Losses with probability `rate`.
  public init(rate: Double) throws { try self.init(Parameters(rate: rate)) }

  /// The rate.
  public func lossProbability(of device: Device, round: Int) -> Double { parameters.rate }
}
