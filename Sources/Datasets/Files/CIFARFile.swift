import FileFormats

/// Reads the binary files of CIFAR-10 and CIFAR-100: records of labels and 3 x 32 x 32 pixels.
///
/// Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009, and the page
/// of the data, section "Binary version".
package enum CIFARFile {
  private static let pixels = 3 * 32 * 32

  /// The examples that the content of a file holds, which may be packed by gzip.
  package static func parse(
    _ bytes: [UInt8], file: String, kind: CIFARData.Kind
  ) throws(DataError) -> RawExamples {
    let content = try DataError.reading(file) { () throws(TensorFileError) in
      try DataFile.content(bytes, file: file)
    }
    let record = kind.labels + pixels
    let count = content.count / record
    guard count > 0, content.count % record == 0 else {
      let other = CIFARData.Kind.allCases.first {
        content.count > 0 && content.count % ($0.labels + pixels) == 0
      }
      let hint =
        other.map { "; \($0.rawValue) would fit" }
        ?? DataFile.kind(of: content).map { "; this is \($0)" } ?? ""
      throw .unusable(
        source: file,
        problem: "holds \(content.count) bytes; \(kind.rawValue) needs whole records of \(record), "
          + "byte \(count * record) starts one that is cut off\(hint)")
    }
    var labels: [Int32] = []
    labels.reserveCapacity(count)
    for index in 0..<count {
      let start = index * record
      for offset in 0..<kind.labels {
        let limit = kind.labels == 1 ? 10 : offset == 0 ? 20 : 100
        guard content[start + offset] >= limit else { continue }
        throw .malformed(
          source: file, row: index + 1,
          problem:
            "the label \(content[start + offset]) at byte \(start + offset) is out of range; "
            + "expected 0 to \(limit - 1)")
      }
      labels.append(Int32(content[start + kind.label]))
    }
    let features = [UInt8](unsafeUninitializedCapacity: count * pixels) { out, initialized in
      content.withUnsafeBytes { source in
        for index in 0..<count {
          let start = index * record + kind.labels
          UnsafeMutableRawBufferPointer(
            rebasing: UnsafeMutableRawBufferPointer(out)[
              (index * pixels)..<((index + 1) * pixels)]
          ).copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<(start + pixels)]))
        }
      }
      initialized = count * pixels
    }
    return RawExamples(
      source: file, features: .bytes(features), shape: [3, 32, 32], labels: labels)
  }
}

extension CIFARData.Kind {
  /// Number of classes.
  var classes: Int {
    switch self {
    case .cifar10: 10
    case .cifar100: 100
    case .cifar100Coarse: 20
    }
  }

  /// Labels before the pixels of a record.
  fileprivate var labels: Int { self == .cifar10 ? 1 : 2 }
  /// Which of them counts.
  fileprivate var label: Int { self == .cifar100 ? 1 : 0 }
}
