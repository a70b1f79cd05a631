extension TensorValues {
  /// The elements in single precision, rounded where they were stored in double precision.
  ///
  /// - Throws: `TensorFileError` unless the elements are floating-point numbers, or for a finite one
  ///   beyond single precision.
  public func floats() throws(TensorFileError) -> [Float] {
    switch self {
    case .float16(let values): return values.map(Float.init)
    case .bfloat16(let values): return values.map { Float(bitPattern: UInt32($0) << 16) }
    case .float32(let values): return values
    case .float64(let values):
      let floats = values.map(Float.init)
      for (index, value) in values.enumerated() where value.isFinite && !floats[index].isFinite {
        throw TensorFileError(
          "value \(index) is \(value)", expected: "at most \(Float.greatestFiniteMagnitude)")
      }
      return floats
    default: throw TensorFileError("holds \(type) values", expected: "floating-point numbers")
    }
  }

  /// The elements in double precision, exactly.
  ///
  /// - Throws: `TensorFileError` unless the elements are floating-point numbers.
  public func doubles() throws(TensorFileError) -> [Double] {
    switch self {
    case .float16(let values): return values.map(Double.init)
    case .bfloat16(let values): return values.map { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .float32(let values): return values.map(Double.init)
    case .float64(let values): return values
    default: throw TensorFileError("holds \(type) values", expected: "floating-point numbers")
    }
  }

  /// The elements as 64-bit integers, exactly.
  ///
  /// - Throws: `TensorFileError` unless the elements are integers, or for one that does not fit.
  public func integers() throws(TensorFileError) -> [Int64] {
    switch self {
    case .int8(let values): return values.map(Int64.init)
    case .int16(let values): return values.map(Int64.init)
    case .int32(let values): return values.map(Int64.init)
    case .int64(let values): return values
    case .uint8(let values): return values.map(Int64.init)
    case .uint16(let values): return values.map(Int64.init)
    case .uint32(let values): return values.map(Int64.init)
    case .uint64(let values):
      if let index = values.firstIndex(where: { $0 > UInt64(Int64.max) }) {
        throw TensorFileError(
          "value \(index) is \(values[index])", expected: "at most \(Int64.max)")
      }
      return values.map(Int64.init)
    case .float16, .bfloat16, .float32, .float64, .bool:
      throw TensorFileError("holds \(type) values", expected: "integers")
    }
  }

  /// The elements in single precision, whatever numbers they are: rounded where that is needed,
  /// truth values 0 or 1, beyond single precision infinite.
  package var roundedFloats: [Float] {
    switch self {
    case .float16(let values): values.map(Float.init)
    case .bfloat16(let values): values.map { Float(bitPattern: UInt32($0) << 16) }
    case .float32(let values): values
    case .float64(let values): values.map(Float.init)
    case .int8(let values): values.map(Float.init)
    case .int16(let values): values.map(Float.init)
    case .int32(let values): values.map(Float.init)
    case .int64(let values): values.map(Float.init)
    case .uint8(let values): values.map(Float.init)
    case .uint16(let values): values.map(Float.init)
    case .uint32(let values): values.map(Float.init)
    case .uint64(let values): values.map(Float.init)
    case .bool(let values): values.map { $0 ? 1 : 0 }
    }
  }
}
