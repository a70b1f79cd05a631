/// Reads IDX files, plain or packed by gzip: the format of MNIST, Fashion-MNIST and EMNIST.
///
///     let images = try IDXFile.read("train-images-idx3-ubyte.gz")   // uint8 [60000, 28, 28]
///
/// Two bytes of zero, the type of the elements, the number of dimensions, the size of each as a
/// 32-bit integer, then the elements, row-major; all of it big-endian.
///
/// Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section "The
/// IDX file format". The header is believed only where the length of the file agrees.
public enum IDXFile {
  /// The array in the file at `path`, named like the file.
  ///
  /// - Throws: `TensorFileError` for a file that cannot be read or is damaged.
  public static func read(_ path: String) throws(TensorFileError) -> NamedTensor {
    try array(try DataFile.read(path), file: path)
  }

  /// The array that the content of an IDX file holds; `file` is for errors and the name.
  public static func parse(_ bytes: [UInt8], file: String) throws(TensorFileError) -> NamedTensor {
    try array(try DataFile.content(bytes, file: file), file: file)
  }

  /// The array of an unpacked content, whose memory becomes that of bytes.
  private static func array(
    _ content: consuming [UInt8], file: String
  ) throws(TensorFileError) -> NamedTensor {
    let place = TensorPlace(file: file)
    guard !content.isEmpty else { throw place.error("there is nothing in it", expected: expected) }
    let (type, shape, start) = try header(content, place: place)
    let kind = "\(type) \(shape.shapeText)"
    guard let size = type.byteCount(of: shape), size <= WholeFile.limit else {
      throw place.error(
        "the header claims \(kind)", expected: "values of at most \(WholeFile.limit) bytes")
    }
    guard content.count - start == size else {
      throw place.error(
        "holds \(content.count - start) bytes of values from byte \(start) on",
        expected: "\(size) for \(kind)")
    }
    content.removeFirst(start)
    let values = try TensorValues(type, bytes: content, isBigEndian: true, place: place)
    return NamedTensor(name: file, shape: shape, values: values)
  }

  /// The content of a plain IDX file with this array: bytes, 32-bit integers or single precision.
  ///
  /// - Throws: `TensorFileError` for other values, and for sizes beyond 32 bits.
  public static func bytes(of tensor: NamedTensor, file: String) throws(TensorFileError) -> [UInt8]
  {
    let place = TensorPlace(file: file)
    let content: [UInt8]
    func bigEndian(_ values: [UInt32]) -> [UInt8] {
      values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
    }
    switch tensor.values {
    case .uint8(let values): content = values
    case .int32(let values): content = bigEndian(values.map { UInt32(bitPattern: $0) })
    case .float32(let values): content = bigEndian(values.map(\.bitPattern))
    default:
      throw place.error(
        "cannot hold \(tensor.values.type) values", expected: "uint8, int32 or float32")
    }
    guard let code = types.first(where: { $0.value == tensor.values.type })?.key,
      (1...8).contains(tensor.shape.count), tensor.shape.allSatisfy({ $0 <= Int(UInt32.max) })
    else {
      throw place.error("cannot hold the shape \(tensor.shape.shapeText)")
    }
    let sizes = bigEndian(tensor.shape.map { UInt32(truncatingIfNeeded: $0) })
    return [0, 0, code, UInt8(tensor.shape.count)] + sizes + content
  }

  private static let expected = "an IDX file, plain or gzip, as MNIST's are"

  /// The codes of the element types.
  private static let types: [UInt8: ElementType] = [
    0x08: .uint8, 0x09: .int8, 0x0B: .int16, 0x0C: .int32, 0x0D: .float32, 0x0E: .float64,
  ]

  /// Type, shape, and where the values start.
  private static func header(
    _ bytes: [UInt8], place: TensorPlace
  ) throws(TensorFileError) -> (type: ElementType, shape: [Int], start: Int) {
    guard bytes.count >= 4 else {
      throw place.error("the header is cut off: \(bytes.count) bytes are there", expected: expected)
    }
    guard bytes[0] == 0, bytes[1] == 0, let type = types[bytes[2]], (1...8).contains(bytes[3])
    else {
      let words = bytes[..<4].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      let kind = bytes[0] == 0 ? nil : TextCheck.kind(of: bytes)
      throw place.error(
        kind.map { "this is \($0), no IDX file" }
          ?? "the first bytes are \(words.joined(separator: " "))",
        expected: "00 00, a type of 08, 09, 0b, 0c, 0d or 0e, and 01 to 08 dimensions")
    }
    let start = 4 + 4 * Int(bytes[3])
    guard bytes.count >= start else {
      throw place.error(
        "the header is cut off: \(bytes.count) bytes are there", expected: "\(start)")
    }
    let shape = stride(from: 4, to: start, by: 4).map { offset in
      bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
    return (type, shape, start)
  }
}
