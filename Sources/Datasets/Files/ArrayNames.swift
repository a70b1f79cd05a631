import FileFormats

/// Names in an array of numbers, since arrays of texts are a program's own: UTF-8, a zero byte after
/// each name.
///
/// In Python: `bytes(archive["class_names"]).decode().split("\0")[:-1]`.
enum ArrayNames {
  /// The array of this name that holds `names`.
  static func tensor(_ name: String, _ names: [String]) -> NamedTensor {
    var bytes: [UInt8] = []
    for name in names { bytes += Array(name.utf8) + [0] }
    return NamedTensor(name: name, shape: [bytes.count], values: .uint8(bytes))
  }

  /// The names that an array holds; nil if the archive has none of this name.
  static func read(_ name: String, in archive: TensorArchive) throws(DataError) -> [String]? {
    guard let tensor = archive[name] else { return nil }
    let source = "\(archive.file): \(name)"
    guard case .uint8(let bytes) = tensor.values, bytes.last == 0,
      DataFile.firstInvalidUTF8(bytes) == nil
    else {
      throw .unusable(
        source: source,
        problem: "holds no names; expected uint8 values, UTF-8 with a zero byte after each name")
    }
    let names = bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false)
    return names.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The group of each of `count` examples, by name, in the array `name`; empty if there is none.
  static func groups(
    _ name: String, count: Int, in archive: TensorArchive
  ) throws(DataError) -> [String] {
    guard let tensor = archive[name] else { return [] }
    let source = "\(archive.file): \(name)"
    guard tensor.shape == [count] else {
      throw .unusable(
        source: source,
        problem: "has the shape \(tensor.shape); expected [\(count)], one group an example")
    }
    let members = try DataError.reading(source) { () throws(TensorFileError) in
      try tensor.values.integers()
    }
    guard let names = try read("group_names", in: archive) else { return members.map { "\($0)" } }
    if let row = members.firstIndex(where: { $0 < 0 || $0 >= names.count }) {
      throw .malformed(
        source: source, row: row + 1,
        problem: "the group \(members[row]) is out of range; there are \(names.count) group_names")
    }
    return members.map { names[Int($0)] }
  }
}
