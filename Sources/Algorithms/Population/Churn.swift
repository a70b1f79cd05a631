public import Components
public import Federation
internal import Foundation
internal import Randomness

/// Clients that join late and leave for good.
///
///     A share `present` is there at time 0. Every other client joins
///       exponential   after a time of mean `arrival`, each by itself
///       poisson       at a uniform time in [0, arrival): a Poisson process, given its count
///     and stays for a time of
///       forever       without end
///       exponential   mean `lifetime`: with poisson arrivals an M/M/∞ queue
///       constant      just `lifetime`
///
/// Both times are traits of the client, fixed by the seed. A client that leaves while it works takes its
/// update along; what the server keeps about it stays.
///
/// Source: Poisson arrivals with exponential lifetimes are the churn of Leonard, Rai, Loguinov 2005, *On
/// Lifetime-Based Node Failure and Stochastic Resilience of Decentralized Peer-to-Peer Networks*; a
/// Poisson process given its count: Ross 2014, *Introduction to Probability Models*, theorem 5.2.
public struct Churn: DeviceModel {
  /// Laws of arrival.
  public enum Arrival: String, Codable, Hashable, Sendable, CaseIterable {
    case exponential, poisson
  }

  /// Laws of the time that clients stay.
  public enum Stay: String, Codable, Hashable, Sendable, CaseIterable {
    case forever, exponential, constant
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The share of clients that are there from the start.
    public var present = 0.5
    /// How the others arrive.
    public var arrivals = Arrival.exponential
    /// Their mean time of arrival, or with `poisson` the latest.
    public var arrival = 10.0
    /// How long clients stay.
    public var stay = Stay.exponential
    /// How long on average.
    public var lifetime = 50.0

    /// Half of the clients at the start, the others at a rate of 0.1, all for a mean of 50.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "churn",
    summary: "Clients join late and leave for good, on the virtual clock.",
    formula: "k is there from A_k to A_k + L_k; A_k = 0 with probability present",
    citation: "Leonard, Rai, Loguinov 2005; Ross 2014, theorem 5.2",
    parameters: [
      .init("present", "share of the clients that are there at time 0", range: "in [0, 1]"),
      .init(
        "arrivals",
        "law of the others' arrival: exponential times, or uniform ones up to 'arrival'",
        range: "exponential or poisson"),
      .init(
        "arrival", "mean time of arrival; with poisson, the time by which all have come",
        range: "greater than 0"),
      .init("stay", "law of the time they stay", range: "forever, exponential or constant"),
      .init("lifetime", "how long they stay on average", range: "greater than 0"),
    ])

  /// Half of the clients at the start, the others at a rate of 0.1, all for a mean of 50.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Churn by these parameters.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check(
      "present", parameters.present >= 0 && parameters.present <= 1, "must be in [0, 1]",
      got: parameters.present)
    for (key, value) in [("arrival", parameters.arrival), ("lifetime", parameters.lifetime)] {
      check.positive(key, value)
    }
    try check.finish()
    self.parameters = parameters
  }

  /// When `device` joins and when it leaves, infinity if never. O(1).
  public func presence(of device: Device) -> (from: Double, until: Double) {
    var generator = device.traits.fork("churn")
    let isEarly = generator.uniform() < parameters.present
    let arrival =
      switch parameters.arrivals {
      case .exponential: parameters.arrival * generator.exponential()
      case .poisson: parameters.arrival * generator.uniform()
      }
    let stay =
      switch parameters.stay {
      case .forever: Double.infinity
      case .exponential: parameters.lifetime * generator.exponential()
      case .constant: parameters.lifetime
      }
    let start = isEarly ? 0 : arrival
    return (start, start + stay)
  }

  /// 1 between arrival and departure, else 0.
  public func availability(of device: Device, at time: Double) -> Double {
    isThere(device, at: time) ? 1 : 0
  }

  /// Its arrival, or now; never after its departure.
  public func firstContact(of device: Device, from time: Double) -> Double? {
    let presence = presence(of: device)
    return time < presence.until ? max(time, presence.from) : nil
  }

  /// Whether it has come and has not left.
  public func isThere(_ device: Device, at time: Double) -> Bool {
    let presence = presence(of: device)
    return time >= presence.from && time < presence.until
  }
}
