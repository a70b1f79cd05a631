import CKernels

/// A flat vector of Float: a model's parameters or one update.
///
/// A value with copy on write; memory starts on a 64-byte boundary. Sums over coordinates accumulate
/// in Double in a fixed order, so they are the same bits on every machine.
///
/// ```swift
/// var w = Vector([1, 2, 2])
/// w.norm                       // 3
/// w.add(Vector([1, 0, 0]), scale: 2)
/// w.array                      // [3, 2, 2]
/// ```
public struct Vector: Sendable {
  private var storage: FloatStorage

  /// A vector of `count` zeros.
  public init(zeros count: Int) {
    storage = FloatStorage(zeros: count)
  }

  /// A vector with the given entries.
  public init(_ entries: [Float]) {
    storage = entries.withUnsafeBufferPointer { FloatStorage($0) }
  }

  /// A copy of the floats in `entries`.
  public init(_ entries: UnsafeBufferPointer<Float>) {
    storage = FloatStorage(entries)
  }

  /// The vector that owns `storage`, which nothing else may change from now on.
  init(storage: FloatStorage) {
    self.storage = storage
  }

  /// The number of entries.
  public var count: Int { storage.count }

  /// The entry at `index`. Loops over many entries should go through
  /// ``withSpan(_:)`` or ``withMutableSpan(_:)``.
  public subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count, "index \(index) outside 0..<\(count)")
      return storage.base[index]
    }
    set {
      precondition(index >= 0 && index < count, "index \(index) outside 0..<\(count)")
      makeUnique()
      storage.base[index] = newValue
    }
  }

  /// The entries, copied.
  public var array: [Float] {
    withUnsafeBufferPointer { [Float]($0) }
  }

  private mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&storage) {
      storage = FloatStorage(copying: storage)
    }
  }
}

// MARK: - Access

extension Vector {
  /// Calls `body` with the entries.
  public func withUnsafeBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(start: storage.base, count: count))
  }

  /// Calls `body` with the entries, which it may change.
  public mutating func withUnsafeMutableBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    makeUnique()
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeMutableBufferPointer(start: storage.base, count: count))
  }

  /// Calls `body` with the entries as a bounds-checked span.
  public func withSpan<Result, Failure: Error>(
    _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(start: storage.base, count: count).span)
  }

  /// Calls `body` with the entries as a bounds-checked span that it may change.
  public mutating func withMutableSpan<Result, Failure: Error>(
    _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    makeUnique()
    defer { withExtendedLifetime(storage) {} }
    var span = UnsafeMutableBufferPointer(start: storage.base, count: count).mutableSpan
    return try body(&span)
  }

  /// The vector of `transform` of each entry.
  public func map(_ transform: (Float) -> Float) -> Vector {
    var result = self
    result.makeUnique()
    for i in 0..<count {
      result.storage.base[i] = transform(result.storage.base[i])
    }
    return result
  }
}

// MARK: - Geometry

extension Vector {
  /// Whether no entry is NaN or infinite.
  public var isFinite: Bool {
    withUnsafeBufferPointer { tensors_is_finite($0.baseAddress, count) }
  }

  /// The sum of the squared entries.
  public var squaredNorm: Double { dot(self) }

  /// The Euclidean norm.
  public var norm: Double { squaredNorm.squareRoot() }

  /// The inner product with a vector of the same length.
  public func dot(_ other: Vector) -> Double {
    requireSameCount(other)
    return tensors_dot(storage.base, other.storage.base, count)
  }

  /// The squared Euclidean distance to a vector of the same length.
  public func squaredDistance(to other: Vector) -> Double {
    requireSameCount(other)
    return tensors_squared_distance(storage.base, other.storage.base, count)
  }

  private func requireSameCount(_ other: Vector) {
    precondition(count == other.count, "vectors of \(count) and \(other.count) entries")
  }
}

// MARK: - Arithmetic

extension Vector {
  /// Adds `scale` times a vector of the same length, in Float.
  public mutating func add(_ other: Vector, scale: Float = 1) {
    requireSameCount(other)
    makeUnique()
    tensors_add(storage.base, other.storage.base, scale, count)
  }

  /// Multiplies every entry by `factor`, in Float.
  public mutating func scale(by factor: Float) {
    makeUnique()
    tensors_scale(storage.base, factor, count)
  }

  /// The sum, entry by entry.
  public static func + (a: Vector, b: Vector) -> Vector {
    var result = a
    result.add(b)
    return result
  }

  /// The difference, entry by entry.
  public static func - (a: Vector, b: Vector) -> Vector {
    a.requireSameCount(b)
    let result = Vector(zeros: a.count)
    tensors_subtract(result.storage.base, a.storage.base, b.storage.base, a.count)
    return result
  }

  /// Every entry times `factor`.
  public static func * (factor: Float, a: Vector) -> Vector {
    var result = a
    result.scale(by: factor)
    return result
  }

  /// Every entry times `factor`.
  public static func * (a: Vector, factor: Float) -> Vector { factor * a }

  /// Every entry negated.
  public static prefix func - (a: Vector) -> Vector { -1 * a }
}

extension Vector: Equatable {
  /// Whether the lengths and all entries are equal as numbers: 0 equals -0, NaN equals nothing.
  public static func == (a: Vector, b: Vector) -> Bool {
    a.count == b.count && tensors_equal(a.storage.base, b.storage.base, a.count)
  }
}

extension Vector: CustomStringConvertible {
  /// The length and the first entries.
  public var description: String {
    let shown = (0..<min(count, 6)).map { "\(storage.base[$0])" }.joined(separator: ", ")
    return "Vector(\(count): \(shown)\(count > 6 ? ", ..." : ""))"
  }
}
