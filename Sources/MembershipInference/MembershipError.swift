/// What can be wrong with tables of scores, with a score's demands on them, or with shadow models;
/// each case names the thing and what would work.
public enum MembershipError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Sizes that do not fit each other.
  case shape(what: String, got: String, expected: String)
  /// A value that is no finite number, or outside what such values can be.
  case value(what: String, place: String, got: String, remedy: String)
  /// Something that a score needs and the table does not have.
  case missing(score: String, what: String, remedy: String)
  /// Too few shadow models, members or non-members for what was asked.
  case tooFew(what: String, got: Int, needed: Int, remedy: String)
  /// An index that names nothing.
  case noSuch(what: String, index: Int, count: Int)
  /// A number outside its range.
  case invalid(what: String, got: String, requirement: String)
  /// A file of the cache that cannot be read or written.
  case cache(file: String, reason: String)

  /// One line: what is wrong, what would work.
  public var description: String {
    switch self {
    case .shape(let what, let got, let expected):
      "\(what): got \(got), expected \(expected)"
    case .value(let what, let place, let got, let remedy):
      "\(what): \(place) is \(got); \(remedy)"
    case .missing(let score, let what, let remedy):
      "\(score) needs \(what); \(remedy)"
    case .tooFew(let what, let got, let needed, let remedy):
      "\(what): \(got), but at least \(needed) \(needed == 1 ? "is" : "are") needed; \(remedy)"
    case .noSuch(let what, let index, let count):
      count == 0
        ? "there is no \(what) \(index): there are none"
        : "there is no \(what) \(index); they run from 0 to \(count - 1)"
    case .invalid(let what, let got, let requirement):
      "\(what) \(requirement), got \(got)"
    case .cache(let file, let reason):
      "the cache of shadow models: \(file): \(reason)"
    }
  }
}
