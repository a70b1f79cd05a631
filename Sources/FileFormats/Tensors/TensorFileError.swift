/// What is wrong with a tensor file, or keeps one from being written.
public struct TensorFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file as the user named it; nil for values that are in no file.
  public var file: String?
  /// The tensor or member in the file; nil if the whole file is meant.
  public var member: String?
  /// What is wrong.
  public var problem: String
  /// What would be right, where `problem` does not say.
  public var expected: String?

  /// An error about a file, a member of it, or values alone.
  public init(
    file: String? = nil, member: String? = nil, _ problem: String, expected: String? = nil
  ) {
    self.file = file
    self.member = member
    self.problem = problem
    self.expected = expected
  }

  /// One line: `weights.npz: conv1.weight: holds 4 bytes of values; expected 8`.
  public var description: String {
    let place = [file, member].compactMap { $0 }.joined(separator: ": ")
    let what = expected.map { "\(problem); expected \($0)" } ?? problem
    return Self.oneLine(place.isEmpty ? what : "\(place): \(what)")
  }

  /// `text` with control characters escaped: names in files are anybody's.
  static func oneLine(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      if scalar.properties.generalCategory == .control || scalar.value == 0x2028
        || scalar.value == 0x2029
      {
        out += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}

/// Where in which file reading or writing is.
struct TensorPlace {
  var file: String
  var member: String?

  func error(_ problem: String, expected: String? = nil) -> TensorFileError {
    TensorFileError(file: file, member: member, problem, expected: expected)
  }
}

extension [Int] {
  /// A shape in the words of messages: `[64, 32, 5, 5]`.
  var shapeText: String { "[" + map(String.init).joined(separator: ", ") + "]" }
}
