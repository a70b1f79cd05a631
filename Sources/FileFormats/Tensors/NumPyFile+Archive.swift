extension NumPyFile {
  /// The arrays in the `.npz` file at `path`, in the order of the archive.
  ///
  /// - Throws: `TensorFileError` for a file that cannot be read or is damaged, members that are no
  ///   arrays, or names that repeat.
  public static func readArchive(_ path: String) throws(TensorFileError) -> [NamedTensor] {
    try parseArchive(try WholeFile.read(path), file: path)
  }

  /// Writes `tensors` to the `.npz` file at `path`, which is replaced as a whole; members are
  /// stored, not packed, as `numpy.savez` does.
  ///
  /// - Throws: `TensorFileError` if the file cannot be written, a name is empty or repeats, or for
  ///   bfloat16 values.
  public static func writeArchive(
    _ tensors: [NamedTensor], to path: String
  ) throws(TensorFileError) {
    try WholeFile.replace(path, with: try archiveBytes(of: tensors, file: path))
  }

  /// The arrays that the content of a `.npz` file holds; `file` is for errors.
  public static func parseArchive(
    _ bytes: [UInt8], file: String
  ) throws(TensorFileError) -> [NamedTensor] {
    guard !bytes.isEmpty else {
      throw TensorFileError(
        file: file, "there is nothing in it", expected: "what numpy.savez writes")
    }
    let archive = try LibZip.Reader(bytes, file: file)
    var names: Set<String> = []
    var tensors: [NamedTensor] = []
    var total = 0
    for index in 0..<archive.count {
      let member = try archive.member(index)
      let place = TensorPlace(file: file, member: member.name)
      guard member.name.hasSuffix(".npy"), member.name != ".npy" else {
        throw place.error("this member is no array", expected: "names that end in .npy")
      }
      let name = String(member.name.dropLast(4))
      guard names.insert(name).inserted else {
        throw place.error("the archive has this member twice", expected: "distinct names")
      }
      total += member.packedSize
      guard total <= bytes.count else {
        throw place.error("the members overlap", expected: "each to have its own bytes")
      }
      guard member.size <= WholeFile.limit else {
        throw place.error(
          "the member claims \(member.size) bytes", expected: "at most \(WholeFile.limit)")
      }
      let array = TensorPlace(file: file, member: name)
      var source = try archive.open(member, place: array)
      tensors.append(try read(&source, name: name, place: array))
    }
    return tensors
  }

  /// The content of a `.npz` file.
  package static func archiveBytes(
    of tensors: [NamedTensor], file: String
  ) throws(TensorFileError) -> [UInt8] {
    var members: [(name: String, bytes: [UInt8])] = []
    try TensorArchive.checkNames(tensors, file: file)
    for tensor in tensors {
      let place = TensorPlace(file: file, member: tensor.name)
      members.append((tensor.name + ".npy", try bytes(of: tensor, place: place)))
    }
    return try LibZip.archive(members, file: file)
  }
}
