public import Components
public import Federation

/// The server waits no longer than a fixed time for a round's updates.
///
/// With `late: drop`, as FedAvg treats stragglers, an update that misses its round is lost; with
/// `late: keep` it counts in the round in which it arrives, stale.
///
/// Source: Bonawitz et al. 2019, *Towards Federated Learning at Scale: System Design*, section 4
/// (reporting windows).
public struct Deadline: Arrival {
  /// What becomes of late updates.
  public enum Late: String, Codable, Hashable, Sendable, CaseIterable {
    case drop, keep
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How long the server waits, on the virtual clock.
    public var time = 2.0
    /// What becomes of late updates.
    public var late = Late.drop

    /// Twice the time of an ideal device.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "deadline",
    summary: "The server waits for a fixed time; late updates are dropped, or counted later.",
    formula: "aggregate at start + time, or when all have arrived",
    citation: "Bonawitz et al. 2019, section 4",
    parameters: [
      .init("time", "how long the server waits", range: "greater than 0"),
      .init("late", "what becomes of late updates", range: "drop or keep"),
    ])

  /// Twice the time of an ideal device.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A deadline with these parameters.
  ///
  /// - Throws: `ParameterError` if the time is out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.positive("time", parameters.time)
    try check.finish()
    self.parameters = parameters
  }

  /// A deadline after `time`.
  public init(time: Double, late: Late = .drop) throws {
    var parameters = Parameters()
    parameters.time = time
    parameters.late = late
    try self.init(parameters)
  }

  /// After the time.
  public func deadline(start: Double) -> Double? { start + parameters.time }

  /// By the parameter.
  public var acceptsLate: Bool { parameters.late == .keep }

  /// Aggregates early once everybody has answered.
  public func decide(_ view: ArrivalView, memory: inout Memory) -> ArrivalDecision {
    view.outstanding == 0 ? .aggregate : .wait
  }
}
