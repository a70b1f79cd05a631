/// A tensor as files hold it: a name, a shape and row-major values.
public struct NamedTensor: Sendable, Hashable {
  /// Its name: `conv1.weight`.
  public var name: String
  /// The size of each dimension; empty for a single number.
  public let shape: [Int]
  /// Its elements, as many as the product of the shape.
  public let values: TensorValues

  /// A tensor of these values.
  ///
  /// - Precondition: the sizes are not negative and their product is the number of values.
  public init(name: String, shape: [Int], values: TensorValues) {
    precondition(
      shape.allSatisfy { $0 >= 0 }
        && values.type.byteCount(of: shape) == values.count * values.type.byteCount,
      "tensor \(name): \(values.count) values do not fill the shape \(shape)")
    self.name = name
    self.shape = shape
    self.values = values
  }

  /// The values in single precision; see `TensorValues.floats()`.
  public var floats: [Float] {
    get throws(TensorFileError) { try named { () throws(TensorFileError) in try values.floats() } }
  }

  /// The values in double precision; see `TensorValues.doubles()`.
  public var doubles: [Double] {
    get throws(TensorFileError) { try named { () throws(TensorFileError) in try values.doubles() } }
  }

  /// The values as integers; see `TensorValues.integers()`.
  public var integers: [Int64] {
    get throws(TensorFileError) {
      try named { () throws(TensorFileError) in try values.integers() }
    }
  }

  private func named<Result>(
    _ body: () throws(TensorFileError) -> Result
  ) throws(TensorFileError) -> Result {
    do {
      return try body()
    } catch {
      throw TensorFileError(member: name, error.problem, expected: error.expected)
    }
  }
}
