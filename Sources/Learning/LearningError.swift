/// What can be wrong with the input of training or evaluation; each case names the place.
public enum LearningError: Error, Sendable, Hashable, CustomStringConvertible {
  /// There is nothing to train or evaluate on.
  case noExamples(place: String)
  /// A label outside `0..<classes`.
  case labelOutOfRange(place: String, example: Int, label: Int, classes: Int)
  /// A size that differs from what the place needs, such as features per example.
  case sizeMismatch(place: String, what: String, got: Int, expected: Int)
  /// The index of an example outside `0..<count`.
  case indexOutOfRange(place: String, index: Int, count: Int)
  /// Named tensors that are not those of a model; every problem, one line each.
  case parametersDoNotFit(problems: [String])
  /// A number outside its range.
  case invalid(place: String, what: String, got: String, requirement: String)

  /// One line: the place, what is wrong, what would work.
  public var description: String {
    switch self {
    case .noExamples(let place):
      "\(place): there are no examples; at least one is needed"
    case .labelOutOfRange(let place, let example, let label, let classes):
      "\(place): example \(example) has label \(label); labels run from 0 to \(classes - 1)"
    case .sizeMismatch(let place, let what, let got, let expected):
      "\(place): got \(got) \(what), expected \(expected)"
    case .indexOutOfRange(let place, let index, let count):
      "\(place): there is no example \(index); indices run from 0 to \(count - 1)"
    case .parametersDoNotFit(let problems):
      "the parameters do not fit the model: \(problems.joined(separator: "; "))"
    case .invalid(let place, let what, let got, let requirement):
      "\(place): \(what) \(requirement), got \(got)"
    }
  }
}
