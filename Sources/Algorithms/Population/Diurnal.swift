public import Components
public import Federation
internal import Foundation
internal import Randomness

/// Devices that are on for a part of each day, at night where they live.
///
///     k is reachable at t  ⇔  (t - φ_k) mod period < on · period,  φ_k uniform in [0, spread · period)
///
/// With `spread` 0 all are on at the same hours, with 1 as many at one time as at another. A trace that is
/// made up: on and off by the clock, no chance in it.
///
/// Source: devices are idle, charging and on an unmetered network mostly at their local night: Bonawitz et
/// al. 2019, *Towards Federated Learning at Scale: System Design*, section 9 (a swing of 4x over a day).
public struct Diurnal: DeviceModel {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The share of a day that a device is on.
    public var on = 0.4
    /// Length of a day.
    public var period = 24.0
    /// Over which share of the day starts are spread.
    public var spread = 0.5
    /// Whether updates arrive from devices that are off when they are due.
    public var keepsUpdates = false

    /// 40% of a day of 24, starting within half a day.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "diurnal",
    summary: "Devices are on for a part of each day, at hours of their own.",
    formula: "(t - φ_k) mod period < on period; φ_k ~ U(0, spread period)",
    citation: "Bonawitz et al. 2019, section 9",
    parameters: [
      .init("on", "share of a day that a device is on", range: "in (0, 1]"),
      .init("period", "length of a day", range: "greater than 0"),
      .init("spread", "share of the day over which starts are spread", range: "in [0, 1]"),
      .init(
        "keeps-updates", "whether updates arrive from devices that are off by then",
        range: "true or false"),
    ])

  /// 40% of a day of 24.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Days by these parameters.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check("on", parameters.on > 0 && parameters.on <= 1, "must be in (0, 1]", got: parameters.on)
    check.positive("period", parameters.period)
    check(
      "spread", parameters.spread >= 0 && parameters.spread <= 1, "must be in [0, 1]",
      got: parameters.spread)
    try check.finish()
    self.parameters = parameters
  }

  /// 1 while the device is on, else 0. O(1).
  public func availability(of device: Device, at time: Double) -> Double {
    hour(device, at: time) < parameters.on * parameters.period ? 1 : 0
  }

  /// Now, or when its next day starts.
  public func firstContact(of device: Device, from time: Double) -> Double? {
    guard availability(of: device, at: time) == 0 else { return time }
    let start = start(device)
    let day = ((time - start) / parameters.period).rounded(.up)
    var next = max(time, start + day * parameters.period)
    // Adding up may round to a time just before the start.
    for _ in 0..<16 where availability(of: device, at: next) == 0 { next = next.nextUp }
    return next
  }

  /// Whether its update arrives.
  public func isThere(_ device: Device, at time: Double) -> Bool {
    parameters.keepsUpdates || availability(of: device, at: time) == 1
  }

  /// When the device's first day starts.
  private func start(_ device: Device) -> Double {
    var generator = device.traits.fork("diurnal")
    return parameters.spread * parameters.period * generator.uniform()
  }

  /// The time since the device's day started.
  private func hour(_ device: Device, at time: Double) -> Double {
    let start = start(device)
    let hour = (time - start).truncatingRemainder(dividingBy: parameters.period)
    return hour < 0 ? hour + parameters.period : hour
  }
}
