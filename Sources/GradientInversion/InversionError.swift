/// What can be wrong with what an inversion is asked to work on; each case names the thing.
public enum InversionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A size that differs from what is needed.
  case sizeMismatch(what: String, got: Int, expected: String)
  /// A value that cannot be worked with, and what would work.
  case invalid(what: String, got: String, requirement: String)
  /// An entry that is NaN or infinite.
  case notFinite(what: String, index: Int)
  /// Nothing was observed: every entry is zero.
  case zeroGradient(what: String)
  /// Something an attack is not granted; what would do instead.
  case notKnown(attack: String, missing: String, alternative: String)
  /// A model that a method cannot be applied to; why.
  case unsuitableModel(method: String, reason: String)

  /// One line: the thing, what is wrong, what would work.
  public var description: String {
    switch self {
    case .sizeMismatch(let what, let got, let expected):
      "\(what): got \(got), expected \(expected)"
    case .invalid(let what, let got, let requirement):
      "\(what) \(requirement), got \(got)"
    case .notFinite(let what, let index):
      "\(what): entry \(index) is not finite; training has diverged or the file is damaged"
    case .zeroGradient(let what):
      "\(what): every entry is zero, so nothing about the data was observed"
    case .notKnown(let attack, let missing, let alternative):
      "\(attack) needs \(missing), which the scenario does not grant; \(alternative)"
    case .unsuitableModel(let method, let reason):
      "\(method) does not apply to this model: \(reason)"
    }
  }
}
