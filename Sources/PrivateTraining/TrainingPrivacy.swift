public import Accounting
internal import Glibc

/// What a private training's releases promise, the imperfection of its noise paid for.
public struct TrainingPrivacy: Sendable {
  /// The releases.
  public let events: [PrivacyEvent]
  /// The delta.
  public let delta: Double
  /// The epsilon, between certified ends.
  public let epsilon: PrivacyBound
  /// The accountant's name.
  public let accountant: String
  /// Where the random bits came from.
  public let randomness: String

  init(
    events: [PrivacyEvent], delta: Double, distance: Double, randomness: String,
    by accountant: any PrivacyAccountant
  ) throws(AccountingError) {
    self.events = events
    self.delta = delta
    self.accountant = accountant.name
    self.randomness = randomness
    epsilon = try Self.epsilon(of: events, delta: delta, distance: distance, by: accountant)
  }

  /// What `delta` is left after noise that is within `distance` of ideal noise has been paid for at
  /// `epsilon`: if ideal releases are (epsilon, d)-private, the real ones are
  /// (epsilon, d + (1 + e^epsilon) distance)-private. Nil if nothing is left.
  static func remaining(delta: Double, epsilon: Double, distance: Double) -> Double? {
    let rest = delta - (1 + exp(epsilon)) * distance
    return rest > delta / 2 ? rest.nextDown : nil
  }

  /// The epsilon at `delta` of events made with noise within `distance` of ideal noise.
  static func epsilon(
    of events: [PrivacyEvent], delta: Double, distance: Double,
    by accountant: any PrivacyAccountant
  ) throws(AccountingError) -> PrivacyBound {
    let ideal = try accountant.epsilon(delta: delta, of: events)
    guard ideal.upper.isFinite, distance > 0 else { return ideal }
    // What is paid is computed at a somewhat larger epsilon, which the answer must not exceed.
    let reach = 1.01 * ideal.upper + 0.01
    guard let rest = remaining(delta: delta, epsilon: reach, distance: distance) else {
      return PrivacyBound(lower: ideal.lower, upper: .infinity)
    }
    let real = try accountant.epsilon(delta: rest, of: events)
    return PrivacyBound(
      lower: ideal.lower, upper: real.upper <= reach ? real.upper : .infinity)
  }
}
