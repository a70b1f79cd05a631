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
  /// Who made the data and under which licence; goes with everything that contains it.
  public let attribution: String
  /// SHA-256, in hexadecimal, over both parts: shapes, classes, labels and the bits of every feature
  /// in order. Two splits with one digest are the same data.
  public let digest: String

  /// A split; computes the digest.
  ///
  /// - Precondition: Both parts have one shape and one number of classes.
  /// - Complexity: One pass over all features.
  public init(name: String, train: LabeledExamples, test: LabeledExamples, attribution: String) {
    precondition(
      train.shape == test.shape && train.classes == test.classes,
      "both parts of a split need one shape and one number of classes")
    self.name = name
    self.train = train
    self.test = test
    self.attribution = attribution
    var hash = SHA256()
    for part in [train, test] {
      var header: [UInt8] = []
      for value in [part.count, part.classes, part.shape.count] + part.shape {
        header.append(littleEndian: UInt64(value))
      }
      hash.update(header)
      for index in 0..<part.count {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * (part.featureCount + 1))
        bytes.append(littleEndian: UInt32(bitPattern: part.labels[index]))
        for feature in part.features(of: index) { bytes.append(littleEndian: feature.bitPattern) }
        hash.update(bytes)
      }
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
