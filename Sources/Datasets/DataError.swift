/// What can be wrong with data or with sharing it out; each case names the place.
public enum DataError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A row of a file that is not what it should be; rows count from 1: lines of text files, examples
  /// of others.
  case malformed(source: String, row: Int, problem: String)
  /// A file or a source that is not what it should be as a whole.
  case unusable(source: String, problem: String)
  /// A table with the wrong number of rows.
  case wrongSize(source: String, rows: Int, expected: Int)
  /// A partition among more clients than there are examples.
  case moreClientsThanExamples(partition: String, clients: Int, examples: Int)
  /// A partition whose clients cannot all be as large as asked.
  case clientsTooLarge(partition: String, clients: Int, minimumSize: Int, examples: Int)
  /// A random partition that gave some client too little in every draw.
  case clientsTooSmall(partition: String, minimumSize: Int, draws: Int, bestMinimum: Int)
  /// A partition that this data, or these parameters, do not allow.
  case unfit(partition: String, problem: String, remedy: String)

  /// One line: the place, what is wrong, what would work.
  public var description: String {
    // Names and fields in files are anybody's: nothing of them may break the line.
    switch self {
    case .unusable(let source, let problem): Self.oneLine("data \(source): \(problem)")
    case .malformed(let source, let row, let problem):
      Self.oneLine("data \(source), row \(row): \(problem)")
    case .wrongSize(let source, let rows, let expected):
      "data \(source): got \(rows) rows, expected \(expected)"
    case .moreClientsThanExamples(let partition, let clients, let examples):
      "partition \(partition): \(clients) clients cannot share \(examples) examples; "
        + "at most \(examples) clients would work"
    case .clientsTooLarge(let partition, let clients, let minimumSize, let examples):
      "partition \(partition): \(clients) clients of at least \(minimumSize) examples need "
        + "\(clients * minimumSize), there are \(examples); "
        + "a minimum-size of \(examples / clients) or less would fit"
    case .clientsTooSmall(let partition, let minimumSize, let draws, let bestMinimum):
      "partition \(partition): in \(draws) draws some client always had fewer than "
        + "\(minimumSize) examples; the best draw gave \(bestMinimum): use a minimum-size of "
        + "\(max(bestMinimum, 1)) or less, a larger alpha or fewer clients"
    case .unfit(let partition, let problem, let remedy):
      "partition \(partition): \(problem); \(remedy)"
    }
  }

  private static func oneLine(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isBreaking) else { return text }
    return text.unicodeScalars.reduce(into: "") { line, scalar in
      if isBreaking(scalar) {
        line += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        line.unicodeScalars.append(scalar)
      }
    }
  }

  private static func isBreaking(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control || scalar.value == 0x2028
      || scalar.value == 0x2029
  }
}
