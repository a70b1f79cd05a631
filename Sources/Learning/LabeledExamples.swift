/// Examples with class labels: a cheap view on shared features.
///
/// Features are stored once, `n` rows of `featureCount` floats; a view is a list of rows and their
/// labels, so taking a subset, reordering or relabelling copies no features.
///
///     let all = try LabeledExamples(
///       features: [0, 1, 2, 3, 4, 5], labels: [0, 1, 1], shape: [2], classes: 2)
///     let view = try all.subset([2, 0])
///     view.features(of: 0)  // [4, 5]
///     view.labels           // [1, 0]
public struct LabeledExamples: Sendable {
  /// The shape of one example, such as `[1, 8, 8]` for channels, height, width.
  public let shape: [Int]
  /// How many classes there are; labels run from 0 to `classes - 1`.
  public let classes: Int
  /// The label of each example of the view.
  public let labels: [Int32]
  /// The row of `storage` that each example is.
  private let rows: [Int]
  private let storage: FeatureStorage

  /// Examples from row-major features.
  ///
  /// - Parameters:
  ///   - features: `labels.count` rows, each the flattened example of `shape`.
  ///   - labels: One class per example, in `0..<classes`.
  ///   - shape: The shape of one example; its product is the number of features.
  /// - Throws: `LearningError` if the sizes do not fit or a label is out of range.
  public init(
    features: [Float], labels: [Int32], shape: [Int], classes: Int
  ) throws(LearningError) {
    let width = shape.reduce(1, *)
    guard width >= 1, shape.allSatisfy({ $0 >= 1 }) else {
      throw .invalid(
        place: "examples", what: "the shape", got: "\(shape)", requirement: "needs positive sizes")
    }
    guard features.count == labels.count * width else {
      throw .sizeMismatch(
        place: "examples", what: "feature values", got: features.count,
        expected: labels.count * width)
    }
    try Self.check(labels, classes: classes)
    self.shape = shape
    self.classes = classes
    self.labels = labels
    self.rows = Array(0..<labels.count)
    self.storage = FeatureStorage(features)
  }

  private init(
    shape: [Int], classes: Int, labels: [Int32], rows: [Int], storage: FeatureStorage
  ) {
    self.shape = shape
    self.classes = classes
    self.labels = labels
    self.rows = rows
    self.storage = storage
  }

  /// Number of examples in the view.
  public var count: Int { rows.count }
  /// Features of one example: the product of `shape`.
  public var featureCount: Int { shape.reduce(1, *) }

  /// The view's examples at these positions, in this order; a position may occur more than once.
  ///
  /// - Throws: `LearningError.indexOutOfRange` for a position outside `0..<count`.
  public func subset(_ indices: [Int]) throws(LearningError) -> LabeledExamples {
    for index in indices where index < 0 || index >= count {
      throw .indexOutOfRange(place: "subset of examples", index: index, count: count)
    }
    return LabeledExamples(
      shape: shape, classes: classes, labels: indices.map { labels[$0] },
      rows: indices.map { rows[$0] }, storage: storage)
  }

  /// The same examples under other labels.
  ///
  /// - Throws: `LearningError` if there is not one label per example, or one is out of range.
  public func relabeled(_ labels: [Int32]) throws(LearningError) -> LabeledExamples {
    guard labels.count == count else {
      throw .sizeMismatch(
        place: "relabelled examples", what: "labels", got: labels.count, expected: count)
    }
    try Self.check(labels, classes: classes)
    return LabeledExamples(
      shape: shape, classes: classes, labels: labels, rows: rows, storage: storage)
  }

  /// The flattened features of one example.
  ///
  /// - Precondition: `index` is in `0..<count`.
  public func features(of index: Int) -> [Float] {
    let start = rows[index] * featureCount
    return Array(storage.values[start..<(start + featureCount)])
  }

  /// All features of the view, row-major: a copy, for writing and for changing data.
  public var features: [Float] {
    var all: [Float] = []
    all.reserveCapacity(count * featureCount)
    for index in 0..<count { all += features(of: index) }
    return all
  }

  /// Calls `body` with the label and the flattened features of each example in order; copies nothing.
  package func forEach(_ body: (_ label: Int32, _ features: Span<Float>) -> Void) {
    let width = featureCount
    storage.values.withUnsafeBufferPointer { values in
      for (row, label) in zip(rows, labels) {
        let start = row * width
        body(label, UnsafeBufferPointer(rebasing: values[start..<(start + width)]).span)
      }
    }
  }

  /// How many examples each class has.
  public var labelCounts: [Int] {
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[Int(label)] += 1 }
    return counts
  }

  /// Copies the examples at `indices`, which must be in range, into a batch.
  func gather<S: Scalar>(
    _ indices: some RandomAccessCollection<Int>, features: UnsafeMutablePointer<S>,
    labels target: UnsafeMutablePointer<Int32>
  ) {
    let width = featureCount
    storage.values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      var slot = 0
      for index in indices {
        S.copy(base + rows[index] * width, into: features + slot * width, count: width)
        target[slot] = labels[index]
        slot += 1
      }
    }
  }

  private static func check(_ labels: [Int32], classes: Int) throws(LearningError) {
    guard classes >= 1 else {
      throw .invalid(
        place: "examples", what: "the number of classes", got: "\(classes)",
        requirement: "must be at least 1")
    }
    for (example, label) in labels.enumerated() where label < 0 || label >= classes {
      throw .labelOutOfRange(
        place: "examples", example: example, label: Int(label), classes: classes)
    }
  }
}

/// Features shared by every view on them.
private final class FeatureStorage: Sendable {
  let values: [Float]
  init(_ values: [Float]) { self.values = values }
}
