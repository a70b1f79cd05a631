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
///     high-labels     1 - β + β min(labels of k) / (K - 1): who lacks the first labels is there more
///     many-labels     1 - β + β |labels of k| / K: who holds few kinds of labels is often away
///     label-cycle     1 while the hour, r = (1 + ⌊t mod period⌋) / period, lies between the first and
///                     the last label of k over K - 1; else 1 - β
///
/// Source: the availability modes of FLGo (Wang et al. 2023, section 3.3), in the order above HOMO, MDF,
/// LDF, LN, SLN, YMF, YFF, YC of its default simulator. Where that differs: `log-normal` scales each
/// device against the typical largest one, not against those drawn; `sine` is the formula of FLGo's
/// documentation (its code spreads 23 steps over a period of 24); `many-labels` is FLGo's formula, of
/// which its documentation says that *fewer* labels make a client likelier; labels are those of the
/// training data, K the number of classes. `high-labels` is from Gu et al. 2021, *Fast Federated Learning
/// in the Presence of Arbitrary Device Unavailability*; `log-normal` and `sine` are from Ribero et al.
/// 2022, *Federated Learning Under Intermittent Client Availability and Time-Varying Communication
/// Constraints*.
public struct Availability: DeviceModel {
  /// Laws of availability.
  public enum Law: String, Codable, Hashable, Sendable, CaseIterable {
    case homogeneous
    case moreData = "more-data"
    case lessData = "less-data"
    case logNormal = "log-normal"
    case sine
    case highLabels = "high-labels"
    case manyLabels = "many-labels"
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
    ], revision: 2)

  /// Every device away a fifth of the time.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Availability by these parameters.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.belowOne("skew", parameters.skew)
    check.positive("period", parameters.period)
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
    case .highLabels:
      return 1 - skew + skew * Double(labels(device)?.lowerBound ?? 0) / last(device)
    case .manyLabels:
      let kinds = device.labelCounts.count { $0 > 0 }
      return 1 - skew + skew * Double(kinds) / Double(max(device.labelCounts.count, 1))
    case .labelCycle:
      guard let held = labels(device) else { return 1 - skew }
      let hour =
        (1 + time.truncatingRemainder(dividingBy: parameters.period).rounded(.down))
        / parameters.period
      let isIts =
        hour >= Double(held.lowerBound) / last(device)
        && hour <= Double(held.upperBound) / last(device)
      return isIts ? 1 : 1 - skew
    }
  }

  /// The first and the last label that the device holds.
  private func labels(_ device: Device) -> ClosedRange<Int>? {
    guard let first = device.labelCounts.firstIndex(where: { $0 > 0 }),
      let last = device.labelCounts.lastIndex(where: { $0 > 0 })
    else { return nil }
    return first...last
  }

  /// The last label there is, at least 1.
  private func last(_ device: Device) -> Double { Double(max(device.labelCounts.count - 1, 1)) }

  /// The device's log-normal trait over the typical largest of its population, at most 1: the largest
  /// of n normal numbers lies near sqrt(2 ln n) deviations.
  private func trait(_ device: Device) -> Double {
    let deviation = -log(1 - parameters.skew)
    var generator = device.traits.fork("availability")
    let largest = (2 * log(Double(max(device.population, 2)))).squareRoot()
    return min(1, exp(deviation * (generator.normal() - largest)))
  }
}
