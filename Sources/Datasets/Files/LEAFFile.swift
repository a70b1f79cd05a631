import FileFormats

/// Puts the users of LEAF's files together.
package enum LEAFFile {
  /// The examples that the contents of files hold, each of which may be packed by gzip, with the users
  /// as groups; a user may be in several files.
  ///
  /// - Throws: `DataError` with the file and the line and byte of the first mistake, or a user whose
  ///   data is missing or of another number than the file says.
  package static func parse(
    _ files: [(name: String, bytes: [UInt8])]
  ) throws(DataError) -> RawExamples {
    var parts: [RawExamples] = []
    for file in files {
      let bytes = try DataError.reading(file.name) { () throws(TensorFileError) in
        try DataFile.content(file.bytes, file: file.name)
      }
      if let kind = DataFile.kind(of: bytes) {
        throw .unusable(source: file.name, problem: "this is \(kind); expected LEAF's JSON")
      }
      var reader = LEAFReader(bytes, file: file.name)
      let content = try reader.read()
      try check(content, file: file.name)
      let groups = content.data.flatMap { [String](repeating: $0.name, count: $0.examples) }
      guard !groups.isEmpty else { continue }
      guard let width = content.width, width > 0 else {
        throw .unusable(source: file.name, problem: "its examples have no features")
      }
      parts.append(
        RawExamples(
          source: file.name, features: .floats(content.features), shape: [width],
          labels: content.labels, groups: groups))
    }
    guard !parts.isEmpty else {
      throw .unusable(
        source: files.map(\.name).joined(separator: ", "), problem: "no user has any examples")
    }
    return try RawExamples.joined(parts)
  }

  /// Compares the lists of users and numbers with what is there.
  private static func check(_ content: LEAFReader.Content, file: String) throws(DataError) {
    guard content.users.count == content.counts.count else {
      throw .unusable(
        source: file,
        problem: "lists \(content.users.count) users and \(content.counts.count) num_samples")
    }
    guard Set(content.users).count == content.users.count else {
      throw .unusable(source: file, problem: "lists a user twice")
    }
    let found = Dictionary(uniqueKeysWithValues: content.data.map { ($0.name, $0.examples) })
    for (user, count) in zip(content.users, content.counts) {
      guard let examples = found[user] else {
        throw .unusable(source: file, problem: "user '\(user)' is listed, but not in user_data")
      }
      guard examples == count else {
        throw .unusable(
          source: file,
          problem: "user '\(user)' has \(examples) examples, num_samples says \(count)")
      }
    }
    guard found.count == content.users.count else {
      let listed = Set(content.users)
      let extra = content.data.first { !listed.contains($0.name) }?.name ?? ""
      throw .unusable(source: file, problem: "user '\(extra)' is in user_data, but not listed")
    }
  }
}
