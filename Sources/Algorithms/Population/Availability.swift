public import Components
public import Federation
internal import Foundation
internal import Randomness

/// Devices that cannot always be reached.
///
/// Laws of the probability of client k at time t, with `β` the `skew`:
///
///     homogeneous     1 - β
///     more-data       (n_k / max n)^β: who holds little data is often away
///     less-data       (min n / n_k)^β: who holds much is
///     log-normal      T_k / max T, T_k log-normal with deviation -ln(1 - β): a trait of the device
///     sine            the same times 0.4 sin(2π (1 + t) / 24) + 0.5: day and night
///     label-cycle     1 - β for clients without the label of the hour, ⌊K t / period⌋ mod K, else 1
///
/// Source: the availability modes of FLGo (Wang et al. 2023, section 3.3); `log-normal` scales each
/// device against the typical largest one, not against those drawn.
public struct Availability: DeviceModel {
  /// Laws of availability.
  public enum Law: String, Codable, Hashable, Sendable, CaseIterable {
    case homogeneous
    case moreData = "more-data"
    case lessData = "less-data"
    case logNormal = "log-normal"
    case sine
    case labelCycle = "label-cycle"
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The law.
    public var law = Law.homogeneous
    /// How strong it is.
    public var skew = 0.2
    /// Length of a day, or of the cycle of labels.
    public var period = 24.0

    /// Every device away a fifth of the time.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "availability",
    summary: "Devices cannot always be reached, at random, by their data, or by day and night.",
    formula: "P(k reachable at t) by the law; homogeneous: 1 - skew",
    citation: "Wang et al. 2023 (FLGo), section 3.3",
    parameters: [
      .init("law", "who is away when", range: Law.allCases.map(\.rawValue).joined(separator: ", ")),
      .init("skew", "strength β of the law", range: "in [0, 1)"),
      .init("period", "length of a day or of the cycle of labels", range: "greater than 0"),
    ])

  /// Every device away a fifth of the time.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Availability by these parameters.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check(
      "skew", parameters.skew >= 0 && parameters.skew < 1, "must be in [0, 1)",
      got: parameters.skew)
    check(
      "period", parameters.period > 0 && parameters.period.isFinite,
      "must be a finite number greater than 0", got: parameters.period)
    try check.finish()
    self.parameters = parameters
  }

  /// Availability by `law`.
  public init(_ law: Law, skew: Double, period: Double = 24) throws {
    var parameters = Parameters()
    parameters.law = law
    parameters.skew = skew
    parameters.period = period
    try self.init(parameters)
  }

  /// The probability by the law. O(1).
  public func availability(of device: Device, at time: Double) -> Double {
    let skew = parameters.skew
    switch parameters.law {
    case .homogeneous: return 1 - skew
    case .moreData:
      return pow(Double(device.examples) / Double(max(device.largestCount, 1)), skew)
    case .lessData:
      return pow(Double(max(device.smallestCount, 1)) / Double(max(device.examples, 1)), skew)
    case .logNormal: return trait(device)
    case .sine:
      let day = 0.4 * sin(2 * Double.pi * (1 + time) / parameters.period) + 0.5
      return min(max(trait(device) * day, 0), 1)
    case .labelCycle:
      let classes = device.labelCounts.count
      let hour = Int((Double(classes) * time / parameters.period).rounded(.down)) % classes
      return device.labelCounts[hour] > 0 ? 1 : 1 - skew
    }
  }

  /// The device's log-normal trait over the typical largest of its population, at most 1: the largest
  /// of n normal numbers lies near sqrt(2 ln n) deviations.
  private func trait(_ device: Device) -> Double {
    let deviation = -log(1 - parameters.skew)
    var generator = device.traits.fork("availability")
    let largest = (2 * log(Double(max(device.population, 2)))).squareRoot()
    return min(1, exp(deviation * (generator.normal() - largest)))
  }
}
