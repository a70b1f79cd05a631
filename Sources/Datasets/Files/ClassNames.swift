import FileFormats

/// Labels as tables write them, mapped to classes in sorted order.
///
/// Where every label is a number, numbers are compared, and `2` is the label `2.0`; else texts are, by
/// their Unicode code points.
struct ClassNames: Sendable {
  /// The name of each class, by label.
  let names: [String]
  private let isNumeric: Bool
  private let labels: [String: Int32]

  /// The classes of a table.
  ///
  /// - Throws: `DataError` for a label that is not finite among numbers, or more classes than a
  ///   classification has.
  init(_ table: CSVTable) throws(DataError) {
    let written = Set(table.labels)
    let numbers = written.compactMap { Self.number($0) }
    isNumeric = numbers.count == written.count
    if isNumeric {
      if let row = table.labels.firstIndex(where: { Self.number($0)?.isFinite != true }) {
        throw .malformed(
          source: table.source, row: table.lines[row],
          problem: "the label is '\(table.labels[row])', expected a finite number or a word")
      }
      names = Set(numbers).sorted().map(NumberText.shortest)
    } else {
      names = Self.sorted(Array(written))
    }
    guard names.count <= LabelRange.classLimit else {
      throw .unusable(
        source: table.source,
        problem: "the labels have \(names.count) different values, which are no classes; expected "
          + "at most \(LabelRange.classLimit)")
    }
    labels = Dictionary(uniqueKeysWithValues: zip(names, (0 as Int32)...))
  }

  /// Names in the order in which a table numbers its classes.
  static func sorted(_ names: [String]) -> [String] {
    let numbers = names.compactMap { number($0) }
    if numbers.count == names.count { return numbers.sorted().map(NumberText.shortest) }
    return names.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
  }

  /// The table's examples.
  ///
  /// - Throws: `DataError` with the row of a label that these classes lack.
  func examples(_ table: CSVTable) throws(DataError) -> RawExamples {
    var known: [String: Int32] = [:]
    var classes: [Int32] = []
    classes.reserveCapacity(table.labels.count)
    for (row, text) in table.labels.enumerated() {
      if let label = known[text] {
        classes.append(label)
        continue
      }
      let name = isNumeric ? Self.number(text).map(NumberText.shortest) ?? text : text
      guard let label = labels[name] else {
        let list = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
        throw .malformed(
          source: table.source, row: table.lines[row],
          problem: "the label '\(text.prefix(40))' is none of those that are trained on: \(list)")
      }
      known[text] = label
      classes.append(label)
    }
    return RawExamples(
      source: table.source, features: .floats(table.features), shape: [table.width],
      labels: classes, groups: table.groups)
  }

  /// The number a label is; zero has one sign.
  private static func number(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    return DecimalText.number(bytes, 0..<bytes.count).map { $0 == 0 ? 0 : $0 }
  }
}
