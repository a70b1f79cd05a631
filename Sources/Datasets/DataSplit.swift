import CryptoCore
public import Learning

/// Examples to train on, examples to test on, and where they come from.
public struct DataSplit: Sendable {
  /// The source's name: `digits`.
  public let name: String
  /// What clients share out among themselves.
  public let train: LabeledExamples
  /// What nobody trains on.
  public let test: LabeledExamples
  /// Who each training example comes from, where the data says so.
  public let groups: ExampleGroups?
  /// What a partition shares out.
  public let pool: ExamplePool
  /// Who made the data and under which licence; goes with everything that contains it.
  public let attribution: String
  /// What was done to feature values; the numbers are those of the training part.
  public let normalisation: Normalisation
  /// What each class is called in the files, by label; empty where they use the labels.
  public let classNames: [String]
  /// Where one file was cut in two: the rows of it that are tested on, counting from 0.
  public let testRows: [Int]?
  /// SHA-256, in hexadecimal, over both parts: shapes, classes, labels and the bits of every feature
  /// in order, then the groups. Two splits with one digest are the same data.
  public let digest: String

  /// A split; computes the digest.
  ///
  /// - Precondition: Both parts have one shape and one number of classes.
  /// - Complexity: One pass over all features.
  public init(
    name: String, train: LabeledExamples, test: LabeledExamples, groups: ExampleGroups? = nil,
    attribution: String, normalisation: Normalisation = .none, classNames: [String] = [],
    testRows: [Int]? = nil
  ) {
    precondition(
      train.shape == test.shape && train.classes == test.classes,
      "both parts of a split need one shape and one number of classes")
    self.name = name
    self.train = train
    self.test = test
    self.groups = groups
    self.attribution = attribution
    self.normalisation = normalisation
    self.classNames = classNames
    self.testRows = testRows
    pool = ExamplePool(train, groups: groups)
    var hash = SHA256()
    for part in [train, test] {
      var header: [UInt8] = []
      for value in [part.count, part.classes, part.shape.count] + part.shape {
        header.append(littleEndian: UInt64(value))
      }
      hash.update(header)
      part.forEach { label, features in
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(bitPattern: label))
        hash.update(bytes)
        if 1.littleEndian == 1 {
          hash.update(features.bytes)
        } else {
          bytes.removeAll()
          for index in features.indices { bytes.append(littleEndian: features[index].bitPattern) }
          hash.update(bytes)
        }
      }
    }
    if let groups {
      var bytes: [UInt8] = []
      for name in groups.names { bytes += Array(name.utf8) + [0] }
      for member in groups.members { bytes.append(littleEndian: UInt32(bitPattern: member)) }
      hash.update(bytes)
    }
    digest = hash.finalize().hexadecimal
  }
}

extension [UInt8] {
  /// Appends the bytes of an integer, the least significant first, on every machine.
  mutating func append(littleEndian value: some FixedWidthInteger & UnsignedInteger) {
    for shift in stride(from: 0, to: value.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
