import FileFormats
import Learning
import Randomness

/// Makes a split of examples as files hold them: cuts, normalises, and keeps the parts apart.
package struct SplitMaker: Sendable {
  /// The source's name.
  var name: String
  /// What happens to feature values.
  var normalise: Normalisation.Method
  /// Number of classes; 0 for one more than the largest label that is trained on.
  var classes = 0
  /// What the classes are called, if not by their numbers.
  var classNames: [String] = []
  /// The part of one file that is tested on, when there is no file to test on.
  var testFraction = 0.2
  /// The seed of the cut.
  var splitSeed = 1
  /// Who made the data.
  var attribution: String

  /// The split of training and test files, or of one file.
  ///
  /// - Throws: `DataError` if a part is empty, the parts do not fit each other, a label is out of
  ///   range or a feature is not finite.
  func split(_ train: RawExamples, test: RawExamples?) throws(DataError) -> DataSplit {
    try train.check()
    guard let test else { return try cut(train) }
    try test.check()
    guard test.shape == train.shape else {
      throw .unusable(
        source: test.source,
        problem: "its examples have the shape \(test.shape), those of \(train.source) have "
          + "\(train.shape)")
    }
    let classes = try classCount(train)
    try checkLabels(test, classes: classes)
    let normalisation = try Normalisation(normalise, of: train, rows: Array(0..<train.count))
    if normalise == .unit { _ = try Normalisation(.unit, of: test, rows: []) }
    return try made { () throws(LearningError) in
      DataSplit(
        name: name,
        train: try examples(train, normalisation, classes: classes),
        test: try examples(test, normalisation, classes: classes),
        groups: train.groups.isEmpty ? nil : ExampleGroups(train.groups),
        attribution: attribution, normalisation: normalisation, classNames: classNames)
    }
  }

  /// Cuts one file in two: the first rows of a permutation that `splitSeed` fixes are tested on.
  private func cut(_ all: RawExamples) throws(DataError) -> DataSplit {
    guard all.count >= 2 else {
      throw .unusable(
        source: all.source, problem: "holds one example; training and testing need one each")
    }
    let classes = try classCount(all)
    var generator = Generator(seed: UInt64(splitSeed)).fork("data split")
    let order = generator.permutation(all.count)
    let size = min(max(Int((testFraction * Double(all.count)).rounded()), 1), all.count - 1)
    let (testRows, trainRows) = (order.prefix(size).sorted(), order.dropFirst(size).sorted())
    let normalisation = try Normalisation(normalise, of: all, rows: trainRows)
    return try made { () throws(LearningError) in
      let examples = try examples(all, normalisation, classes: classes)
      return DataSplit(
        name: name, train: try examples.subset(trainRows), test: try examples.subset(testRows),
        groups: all.groups.isEmpty ? nil : ExampleGroups(trainRows.map { all.groups[$0] }),
        attribution: attribution, normalisation: normalisation, classNames: classNames,
        testRows: testRows)
    }
  }

  private func classCount(_ raw: RawExamples) throws(DataError) -> Int {
    let count = classes > 0 ? classes : Int(raw.labels.max() ?? 0) + 1
    try checkLabels(raw, classes: count)
    return count
  }

  private func checkLabels(_ raw: RawExamples, classes: Int) throws(DataError) {
    guard let row = raw.labels.firstIndex(where: { $0 < 0 || $0 >= classes }) else { return }
    throw .malformed(
      source: raw.source, row: row + 1,
      problem: "the label \(raw.labels[row]) is out of range; there are \(classes) classes, 0 to "
        + "\(classes - 1)")
  }

  private func examples(
    _ raw: RawExamples, _ normalisation: Normalisation, classes: Int
  ) throws(LearningError) -> LabeledExamples {
    try LabeledExamples(
      features: normalisation.applied(to: raw), labels: raw.labels, shape: raw.shape,
      classes: classes)
  }

  private func made(
    _ body: () throws(LearningError) -> DataSplit
  ) throws(DataError) -> DataSplit {
    do {
      return try body()
    } catch {
      throw .unusable(source: name, problem: "\(error)")
    }
  }
}

extension DataError {
  /// What is wrong with a file, in the words of its reader.
  init(_ error: TensorFileError, file: String) {
    let problem = error.expected.map { "\(error.problem); expected \($0)" } ?? error.problem
    self = .unusable(
      source: [error.file ?? file, error.member].compactMap { $0 }.joined(separator: ": "),
      problem: problem)
  }

  /// Runs a reader of files; what is wrong becomes a `DataError`.
  static func reading<Result>(
    _ file: String, _ body: () throws(TensorFileError) -> Result
  ) throws(DataError) -> Result {
    do {
      return try body()
    } catch {
      throw DataError(error, file: file)
    }
  }
}
