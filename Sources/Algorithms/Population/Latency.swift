public import Components
public import Federation
internal import Foundation
public import Randomness

/// Devices that take their time.
///
///     delay = base · S_k · exp(σ_r Z) + compute · S_k · examples + network · bytes
///
/// `S_k` is log-normal with median 1 and deviation `device-spread`: a trait that makes a client slow
/// for good. `Z` is drawn anew in every round, with deviation `round-spread`. Times are in units of the
/// virtual clock; nobody sleeps.
///
/// Sources: FedScale (Lai et al. 2022, *FedScale: Benchmarking Model and System Performance of Federated
/// Learning at Scale*, section 4: compute and communication times) and FLGo's log-normal response
/// times.
public struct Latency: DeviceModel {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// What a median device takes for an answer of no work.
    public var base = 1.0
    /// Deviation of the logarithm of a device's slowness.
    public var deviceSpread = 0.5
    /// Deviation of the logarithm of its time from round to round.
    public var roundSpread = 0.1
    /// Time per training example on a median device.
    public var compute = 0.0
    /// Time per byte, down and up.
    public var network = 0.0

    /// Devices that differ by a factor of a few.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "latency",
    summary: "Devices answer after log-normal times; some are slow for good.",
    formula: "base S_k exp(σ_r Z) + compute S_k examples + network bytes; ln S_k ~ N(0, σ_d²)",
    citation: "Lai et al. 2022 (FedScale), section 4",
    parameters: [
      .init("base", "time of a median device without work", range: "at least 0"),
      .init("device-spread", "σ_d, spread of slowness between devices", range: "at least 0"),
      .init("round-spread", "σ_r, spread from round to round", range: "at least 0"),
      .init("compute", "time per training example", range: "at least 0"),
      .init("network", "time per byte, down and up", range: "at least 0"),
    ])

  /// Devices that differ by a factor of a few.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Delays by these parameters.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    for (key, value) in [
      ("base", parameters.base), ("device-spread", parameters.deviceSpread),
      ("round-spread", parameters.roundSpread), ("compute", parameters.compute),
      ("network", parameters.network),
    ] {
      check.notNegative(key, value)
    }
    try check.finish()
    self.parameters = parameters
  }

  /// The delay. O(1).
  public func delay(
    of device: Device, work: DeviceWork, using generator: inout Generator
  ) -> Double? {
    var trait = device.traits.fork("latency")
    let slowness = exp(parameters.deviceSpread * trait.normal())
    let moment = exp(parameters.roundSpread * generator.normal())
    return parameters.base * slowness * moment
      + parameters.compute * slowness * Double(work.examples)
      + parameters.network * Double(work.bytesDown + work.bytesUp)
  }
}
