/// The elements of a tensor, row-major, in the type they are stored in.
public enum TensorValues: Sendable, Hashable {
  /// Half-precision numbers.
  case float16([Float16])
  /// Bit patterns of bfloat16 numbers: the upper half of single-precision ones.
  case bfloat16([UInt16])
  /// Single-precision numbers.
  case float32([Float])
  /// Double-precision numbers.
  case float64([Double])
  /// Signed 8-bit integers.
  case int8([Int8])
  /// Signed 16-bit integers.
  case int16([Int16])
  /// Signed 32-bit integers.
  case int32([Int32])
  /// Signed 64-bit integers.
  case int64([Int64])
  /// Unsigned 8-bit integers.
  case uint8([UInt8])
  /// Unsigned 16-bit integers.
  case uint16([UInt16])
  /// Unsigned 32-bit integers.
  case uint32([UInt32])
  /// Unsigned 64-bit integers.
  case uint64([UInt64])
  /// Truth values.
  case bool([Bool])

  /// The type of the elements.
  public var type: ElementType {
    switch self {
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float32: .float32
    case .float64: .float64
    case .int8: .int8
    case .int16: .int16
    case .int32: .int32
    case .int64: .int64
    case .uint8: .uint8
    case .uint16: .uint16
    case .uint32: .uint32
    case .uint64: .uint64
    case .bool: .bool
    }
  }

  /// Number of elements.
  public var count: Int { withUnsafeBytes { $0.count } / type.byteCount }

  /// The elements as they lie in memory, in the byte order of this machine.
  func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    switch self {
    case .float16(let values): values.withUnsafeBytes(body)
    case .bfloat16(let values): values.withUnsafeBytes(body)
    case .float32(let values): values.withUnsafeBytes(body)
    case .float64(let values): values.withUnsafeBytes(body)
    case .int8(let values): values.withUnsafeBytes(body)
    case .int16(let values): values.withUnsafeBytes(body)
    case .int32(let values): values.withUnsafeBytes(body)
    case .int64(let values): values.withUnsafeBytes(body)
    case .uint8(let values): values.withUnsafeBytes(body)
    case .uint16(let values): values.withUnsafeBytes(body)
    case .uint32(let values): values.withUnsafeBytes(body)
    case .uint64(let values): values.withUnsafeBytes(body)
    case .bool(let values): values.withUnsafeBytes(body)
    }
  }
}

extension TensorValues {
  /// The elements that `bytes` hold.
  ///
  /// - Parameters:
  ///   - type: What each element is; the length is a multiple of its size.
  ///   - isBigEndian: Whether the first byte of an element is its most significant.
  ///   - place: The file and tensor, for errors.
  /// - Throws: `TensorFileError` for a truth value that is neither 0 nor 1.
  init(_ type: ElementType, bytes: [UInt8], isBigEndian: Bool = false, place: TensorPlace)
    throws(TensorFileError)
  {
    let isHostBigEndian = 1.bigEndian == 1
    let ordered =
      isBigEndian == isHostBigEndian ? bytes : Self.swapped(bytes, size: type.byteCount)
    switch type {
    case .float16: self = .float16(Self.load(ordered))
    case .bfloat16: self = .bfloat16(Self.load(ordered))
    case .float32: self = .float32(Self.load(ordered))
    case .float64: self = .float64(Self.load(ordered))
    case .int8: self = .int8(Self.load(ordered))
    case .int16: self = .int16(Self.load(ordered))
    case .int32: self = .int32(Self.load(ordered))
    case .int64: self = .int64(Self.load(ordered))
    case .uint8: self = .uint8(ordered)
    case .uint16: self = .uint16(Self.load(ordered))
    case .uint32: self = .uint32(Self.load(ordered))
    case .uint64: self = .uint64(Self.load(ordered))
    case .bool:
      if let index = ordered.firstIndex(where: { $0 > 1 }) {
        throw place.error(
          "truth value \(index) is the byte \(ordered[index])", expected: "0 or 1")
      }
      self = .bool(ordered.map { $0 == 1 })
    }
  }

  /// The elements as files hold them: little-endian.
  var littleEndianBytes: [UInt8] {
    let bytes = withUnsafeBytes { Array($0) }
    return 1.littleEndian == 1 ? bytes : Self.swapped(bytes, size: type.byteCount)
  }

  /// The elements of a tensor whose first index varies fastest, put in row-major order.
  func fromColumnMajor(shape: [Int]) -> TensorValues {
    let order = Self.columnMajorOffsets(shape)
    func pick<Element>(_ values: [Element]) -> [Element] { order.map { values[$0] } }
    return switch self {
    case .float16(let values): .float16(pick(values))
    case .bfloat16(let values): .bfloat16(pick(values))
    case .float32(let values): .float32(pick(values))
    case .float64(let values): .float64(pick(values))
    case .int8(let values): .int8(pick(values))
    case .int16(let values): .int16(pick(values))
    case .int32(let values): .int32(pick(values))
    case .int64(let values): .int64(pick(values))
    case .uint8(let values): .uint8(pick(values))
    case .uint16(let values): .uint16(pick(values))
    case .uint32(let values): .uint32(pick(values))
    case .uint64(let values): .uint64(pick(values))
    case .bool(let values): .bool(pick(values))
    }
  }

  /// For each element in row-major order, where it lies if the first index varies fastest.
  private static func columnMajorOffsets(_ shape: [Int]) -> [Int] {
    if shape.contains(0) { return [] }
    var offsets = [0]
    var stride = 1
    for size in shape {
      offsets = offsets.flatMap { offset in (0..<size).map { offset + $0 * stride } }
      stride *= size
    }
    return offsets
  }

  private static func swapped(_ bytes: [UInt8], size: Int) -> [UInt8] {
    guard size > 1 else { return bytes }
    var out = bytes
    out.withUnsafeMutableBufferPointer { out in
      for start in stride(from: 0, to: out.count - size + 1, by: size) {
        for index in 0..<(size / 2) { out.swapAt(start + index, start + size - 1 - index) }
      }
    }
    return out
  }

  private static func load<Element: BitwiseCopyable>(_ bytes: [UInt8]) -> [Element] {
    let count = bytes.count / MemoryLayout<Element>.stride
    return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      initialized = count
    }
  }
}
