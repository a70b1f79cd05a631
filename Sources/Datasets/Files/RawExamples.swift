/// Examples as files hold them: before any normalisation.
package struct RawExamples: Sendable {
  /// Feature values, row-major.
  package enum Features: Sendable {
    /// Whole numbers of one byte, such as pixels.
    case bytes([UInt8])
    /// Anything else.
    case floats([Float])

    var floats: [Float] {
      switch self {
      case .bytes(let values): values.map(Float.init)
      case .floats(let values): values
      }
    }
  }

  /// What messages call the file.
  package var source: String
  /// `labels.count` rows of the product of `shape`.
  package var features: Features
  /// The shape of one example.
  package var shape: [Int]
  /// One class an example.
  package var labels: [Int32]
  /// Who each example comes from; empty where the file does not say.
  package var groups: [String] = []

  /// Number of examples.
  package var count: Int { labels.count }
  /// Features of one example.
  var width: Int { shape.reduce(1, *) }

  /// Throws if there is nothing, or a feature is not finite.
  func check() throws(DataError) {
    guard count > 0 else {
      throw .unusable(source: source, problem: "holds no examples; expected at least 1")
    }
    guard shape.allSatisfy({ $0 > 0 }) else {
      throw .unusable(source: source, problem: "its examples have no features")
    }
    guard case .floats(let values) = features else { return }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .malformed(
        source: source, row: index / width + 1,
        problem: "feature \(index % width + 1) is \(values[index]), expected a finite number")
    }
  }

  /// The examples of several files, one file after another.
  static func joined(_ parts: [RawExamples]) throws(DataError) -> RawExamples {
    guard var whole = parts.first else {
      throw .unusable(source: "files", problem: "there are none; name at least one")
    }
    for part in parts.dropFirst() {
      guard part.shape == whole.shape else {
        throw .unusable(
          source: part.source,
          problem: "its examples have the shape \(part.shape), those of \(whole.source) have "
            + "\(whole.shape)")
      }
      whole.labels += part.labels
      whole.groups += part.groups
    }
    guard parts.count > 1 else { return whole }
    let bytes = parts.compactMap { part in
      if case .bytes(let values) = part.features { values } else { nil as [UInt8]? }
    }
    whole.features =
      bytes.count == parts.count
      ? .bytes(Array(bytes.joined())) : .floats(parts.flatMap { $0.features.floats })
    whole.source = parts.map(\.source).joined(separator: ", ")
    return whole
  }

  /// The same examples in another shape of as many features; no shape changes nothing.
  func reshaped(_ shape: [Int]) throws(DataError) -> RawExamples {
    if shape.isEmpty { return self }
    guard shape.reduce(1, *) == width else {
      throw .unusable(
        source: source,
        problem: "its examples have \(width) features, which do not fill the shape \(shape)")
    }
    var copy = self
    copy.shape = shape
    return copy
  }
}

/// The labels that data may have.
enum LabelRange {
  /// More classes than this are no classification; memory per class must stay small.
  static let classLimit = 1 << 16

  /// Labels as they are trained on.
  ///
  /// - Throws: `DataError` with the row of a label outside `0..<classLimit`.
  static func labels(_ values: [Int64], source: String) throws(DataError) -> [Int32] {
    if let row = values.firstIndex(where: { $0 < 0 || $0 >= classLimit }) {
      throw .malformed(
        source: source, row: row + 1,
        problem: "the label \(values[row]) is out of range; expected 0 to \(classLimit - 1)")
    }
    return values.map { Int32(truncatingIfNeeded: $0) }
  }
}
