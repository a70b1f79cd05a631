/// The bytes of data files, unpacked where they are gzip files.
package enum DataFile {
  /// The content of the file at `path`; a gzip file is known by its first bytes, not by its name.
  ///
  /// - Throws: `TensorFileError` for a file that cannot be read, is damaged, or has more than 4 GiB.
  package static func read(_ path: String) throws(TensorFileError) -> [UInt8] {
    try content(try WholeFile.read(path), file: path)
  }

  /// The content that the bytes of a file are or, for a gzip file, hold; `file` is for errors.
  package static func content(
    _ bytes: [UInt8], file: String
  ) throws(TensorFileError) -> [UInt8] {
    Gzip.isPacked(bytes) ? try Gzip.unpack(bytes, file: file) : bytes
  }

  /// What a content is by its first bytes, if that is certain: `a ZIP archive`.
  package static func kind(of bytes: [UInt8]) -> String? { TextCheck.kind(of: bytes) }

  /// The offset of the first byte that cannot belong to UTF-8 text, or nil.
  package static func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
    TextCheck.firstInvalidUTF8(bytes)
  }

  /// The files in the folder at `path` whose names end in `suffix`, in order; nil if it is no
  /// folder.
  package static func list(_ path: String, suffix: String) -> [String]? {
    WholeFile.list(path)?.filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }.sorted().map {
      path.hasSuffix("/") ? path + $0 : path + "/" + $0
    }
  }

  /// Makes `bytes` the content of the file at `path`, as a whole or not at all.
  package static func replace(_ path: String, with bytes: [UInt8]) throws(TensorFileError) {
    try WholeFile.replace(path, with: bytes)
  }

  /// Makes a new file at `path`, never in place of another one; one that only its owner may read if
  /// it `isSecret`.
  package static func create(
    _ path: String, with bytes: [UInt8], isSecret: Bool
  ) throws(TensorFileError) {
    try WholeFile.create(path, with: bytes, isSecret: isSecret)
  }

  /// Checks that a file could stand at `path`.
  package static func checkDestination(_ path: String) throws(TensorFileError) {
    try WholeFile.checkDestination(path)
  }

  /// Whether something is at `path`.
  package static func exists(_ path: String) -> Bool { WholeFile.exists(path) }
}
