internal import Components

/// Reads and writes `.safetensors` files: a header in JSON, then the values of all tensors.
///
///     let file = try SafeTensorsFile.read("model.safetensors")
///     file.tensors.map(\.name)       // ["conv1.weight", "conv1.bias"]
///     file.metadata["format"]        // "pt"
///
/// The header tells each tensor's type, shape and stretch of bytes; the stretches follow each other
/// without gap or overlap from the end of the header to the end of the file. Little-endian
/// throughout. Files of at most 4 GiB.
///
/// Source: the format's description in github.com/huggingface/safetensors.
public struct SafeTensorsFile: Sendable, Hashable {
  /// The tensors in the order their values lie in the file.
  public var tensors: [NamedTensor]
  /// Free texts that belong to the file, `__metadata__` in its header.
  public var metadata: [String: String]

  /// What a file is to hold.
  public init(tensors: [NamedTensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// What the file at `path` holds.
  ///
  /// - Throws: `TensorFileError` for a file that cannot be read or breaks a rule of the format.
  public static func read(_ path: String) throws(TensorFileError) -> SafeTensorsFile {
    try SafeTensorsFile(parsing: try WholeFile.read(path), file: path)
  }

  /// Writes the file at `path`, which is replaced as a whole: tensors in their order, metadata in
  /// the order of its keys, the header filled up with spaces to a multiple of 8 bytes, so the same
  /// content gives the same bytes.
  ///
  /// - Throws: `TensorFileError` if the file cannot be written, or a name is empty, repeats or is
  ///   `__metadata__`.
  public func write(to path: String) throws(TensorFileError) {
    try WholeFile.replace(path, with: try bytes(file: path))
  }

  /// The largest header that the reference implementation takes.
  private static let headerLimit = 100_000_000
  private static let metadataKey = "__metadata__"

  /// Names of types in the header.
  private static let types: [(name: String, type: ElementType)] = [
    ("F64", .float64), ("F32", .float32), ("F16", .float16), ("BF16", .bfloat16),
    ("I64", .int64), ("I32", .int32), ("I16", .int16), ("I8", .int8),
    ("U64", .uint64), ("U32", .uint32), ("U16", .uint16), ("U8", .uint8), ("BOOL", .bool),
  ]

  /// What the content of a file holds; `file` is for errors.
  public init(parsing bytes: [UInt8], file: String) throws(TensorFileError) {
    let place = TensorPlace(file: file)
    guard bytes.count >= 8 else {
      throw place.error(
        "this is no safetensors file: \(bytes.count) bytes",
        expected: "at least the 8 bytes of the header's length")
    }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Self.headerLimit) else {
      throw place.error(
        "this is no safetensors file: the header claims \(length) bytes",
        expected: "at most \(Self.headerLimit)")
    }
    let start = 8 + Int(length)
    guard start <= bytes.count else {
      throw place.error(
        "the header is cut off", expected: "\(length) bytes of it, \(bytes.count - 8) are there")
    }
    let (entries, metadata) = try Self.header(Array(bytes[8..<start]), place: place)
    var end = 0
    var tensors: [NamedTensor] = []
    for entry in entries {
      let place = TensorPlace(file: file, member: entry.name)
      guard entry.range.lowerBound == end else {
        throw place.error("the values start at \(entry.range.lowerBound)", expected: "\(end)")
      }
      end = entry.range.upperBound
      guard end <= bytes.count - start else {
        throw place.error(
          "the values end at \(end)", expected: "at most \(bytes.count - start), the file's end")
      }
      let stored = Array(bytes[(start + entry.range.lowerBound)..<(start + end)])
      let values = try TensorValues(entry.type, bytes: stored, place: place)
      tensors.append(NamedTensor(name: entry.name, shape: entry.shape, values: values))
    }
    guard end == bytes.count - start else {
      throw place.error(
        "\(bytes.count - start) bytes follow the header", expected: "\(end) for its tensors")
    }
    self.init(tensors: tensors, metadata: metadata)
  }

  /// What the header tells of one tensor.
  private struct Entry {
    var name: String
    var type: ElementType
    var shape: [Int]
    var range: Range<Int>
  }

  /// The tensors in the order of their bytes, each of the size its shape needs.
  private static func header(
    _ text: [UInt8], place: TensorPlace
  ) throws(TensorFileError) -> (entries: [Entry], metadata: [String: String]) {
    guard text.first == UInt8(ascii: "{") else {
      throw place.error("the header is no JSON object", expected: "'{' as its first byte")
    }
    var issues: [ConfigurationIssue] = []
    let node: ConfigurationNode?
    do {
      node = try JSON.parse(text, file: "header")
    } catch {
      node = nil
      issues = error.issues
    }
    guard let written = node?.entries else {
      throw place.error("the header is not JSON: \(issues.map(\.description).joined())")
    }
    var metadata: [String: String] = [:]
    var entries: [Entry] = []
    for item in written {
      let place = TensorPlace(file: place.file, member: item.key)
      if item.key == metadataKey {
        for pair in item.node.entries ?? [] { metadata[pair.key] = pair.node.text }
        guard let pairs = item.node.entries, pairs.count == metadata.count else {
          throw place.error("the metadata hold something else than texts")
        }
      } else {
        entries.append(try entry(item.key, item.node, place: place))
      }
    }
    let sorted = entries.enumerated().sorted {
      ($0.element.range.lowerBound, $0.element.range.upperBound, $0.offset)
        < ($1.element.range.lowerBound, $1.element.range.upperBound, $1.offset)
    }
    return (sorted.map(\.element), metadata)
  }

  private static func entry(
    _ name: String, _ node: ConfigurationNode, place: TensorPlace
  ) throws(TensorFileError) -> Entry {
    let known = ["dtype", "shape", "data_offsets"]
    guard let keys = node.entries?.map(\.key), Set(keys) == Set(known),
      let typeName = node["dtype"]?.text, let shape = sizes(node["shape"]),
      let offsets = sizes(node["data_offsets"])
    else {
      throw place.error(
        "the header's entry is wrong",
        expected: "{\"dtype\": \"F32\", \"shape\": [3, 4], \"data_offsets\": [0, 48]}")
    }
    guard let type = types.first(where: { $0.name == typeName })?.type else {
      throw place.error(
        "the dtype is '\(typeName)'",
        expected: types.map(\.name).joined(separator: ", "))
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw place.error(
        "the data_offsets are \(offsets.shapeText)", expected: "two numbers, the larger one last")
    }
    guard let size = type.byteCount(of: shape), size == offsets[1] - offsets[0] else {
      let needed = type.byteCount(of: shape).map(String.init) ?? "more than any file has"
      throw place.error(
        "the data_offsets span \(offsets[1] - offsets[0]) bytes",
        expected: "\(needed) for \(type) \(shape.shapeText)")
    }
    return Entry(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  /// A list of whole numbers of 0 or more.
  private static func sizes(_ node: ConfigurationNode?) -> [Int]? {
    guard case .list(let items) = node?.value else { return nil }
    let sizes = items.compactMap { item -> Int? in
      if case .integer(let size) = item.value, size >= 0 { size } else { nil }
    }
    return sizes.count == items.count ? sizes : nil
  }

  /// The content of the file; `file` is for errors.
  func bytes(file: String) throws(TensorFileError) -> [UInt8] {
    try TensorArchive.checkNames(tensors, file: file)
    var parts: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map {
        "\(quoted($0.key)):\(quoted($0.value))"
      }
      parts.append("\(quoted(Self.metadataKey)):{\(pairs.joined(separator: ","))}")
    }
    var end = 0
    for tensor in tensors {
      let type = tensor.values.type
      guard tensor.name != Self.metadataKey,
        let typeName = Self.types.first(where: { $0.type == type })?.name
      else {
        throw TensorFileError(
          file: file, member: tensor.name, "this name is taken by the format",
          expected: "another one")
      }
      let start = end
      end += tensor.values.count * type.byteCount
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      parts.append(
        "\(quoted(tensor.name)):{\"dtype\":\"\(typeName)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(start),\(end)]}")
    }
    var header = Array("{\(parts.joined(separator: ","))}".utf8)
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    guard header.count <= Self.headerLimit else {
      throw TensorFileError(
        file: file, "the header would take \(header.count) bytes",
        expected: "at most \(Self.headerLimit)")
    }
    let length = UInt64(header.count)
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header
    bytes.reserveCapacity(bytes.count + end)
    for tensor in tensors { bytes += tensor.values.littleEndianBytes }
    return bytes
  }

  private func quoted(_ text: String) -> String {
    var out = ""
    ConfigurationNode.writeQuoted(text, to: &out)
    return out
  }
}
