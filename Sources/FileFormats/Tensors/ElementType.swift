/// What the elements of a tensor in a file are.
public enum ElementType: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  /// IEEE 754 half precision.
  case float16
  /// The upper half of a single-precision number.
  case bfloat16
  /// IEEE 754 single precision.
  case float32
  /// IEEE 754 double precision.
  case float64
  /// Signed 8-bit integer.
  case int8
  /// Signed 16-bit integer.
  case int16
  /// Signed 32-bit integer.
  case int32
  /// Signed 64-bit integer.
  case int64
  /// Unsigned 8-bit integer.
  case uint8
  /// Unsigned 16-bit integer.
  case uint16
  /// Unsigned 32-bit integer.
  case uint32
  /// Unsigned 64-bit integer.
  case uint64
  /// One byte, 0 or 1.
  case bool

  /// Bytes an element takes.
  public var byteCount: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// The name NumPy and PyTorch use.
  public var description: String { rawValue }

  /// The bytes that a tensor of `shape` takes; nil if that is beyond any file.
  ///
  /// A dimension of 0 makes the tensor empty, however large the others are.
  func byteCount(of shape: [Int]) -> Int? {
    if shape.contains(0) { return 0 }
    var bytes = byteCount
    for size in shape {
      let (product, overflows) = bytes.multipliedReportingOverflow(by: size)
      if overflows { return nil }
      bytes = product
    }
    return bytes
  }
}
