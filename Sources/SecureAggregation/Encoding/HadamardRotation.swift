internal import Glibc
internal import Randomness
internal import Tensors

/// A rotation drawn at random, which spreads a vector evenly over its coordinates: signs, then the
/// Walsh-Hadamard transform.
///
///     H S x / √D,   D = the least power of two with room for x
///
/// Orthogonal, so norms stay, and its own inverse but for the order. Everybody draws the same one
/// from a public seed. After it every coordinate of x is about |x| / √D, whatever x is.
///
/// Source: Ailon and Chazelle 2009, *The Fast Johnson-Lindenstrauss Transform and Approximate Nearest
/// Neighbors*, section 2 (the matrices H and D).
struct HadamardRotation: Sendable {
  /// Coordinates before.
  let count: Int
  /// D: coordinates after.
  let size: Int
  private let signs: [Float]

  /// A rotation of vectors of `count` coordinates.
  init(count: Int, using generator: inout Generator) {
    self.count = count
    size = Self.size(of: count)
    var words = [UInt64](repeating: 0, count: (count + 63) / 64)
    for index in words.indices { words[index] = generator.next() }
    signs = (0..<count).map { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 ? -1 : 1 }
  }

  /// The least power of two that is at least `count`.
  static func size(of count: Int) -> Int {
    var size = 1
    while size < count { size *= 2 }
    return size
  }

  /// The rotated vector. O(D log D).
  func rotated(_ vector: Vector) -> Vector {
    var values = [Float](repeating: 0, count: size)
    for (index, value) in vector.array.enumerated() { values[index] = value * signs[index] }
    Self.transform(&values)
    return Vector(values)
  }

  /// The vector that was rotated; what stands in the coordinates added is dropped. O(D log D).
  func unrotated(_ values: [Double]) -> [Double] {
    var values = values
    Self.transform(&values)
    return (0..<count).map { values[$0] * Double(signs[$0]) }
  }

  /// The Walsh-Hadamard transform over √D, in place.
  private static func transform<S: BinaryFloatingPoint>(_ values: inout [S]) {
    let size = values.count
    var half = 1
    while half < size {
      for start in stride(from: 0, to: size, by: 2 * half) {
        for index in start..<start + half {
          let (a, b) = (values[index], values[index + half])
          values[index] = a + b
          values[index + half] = a - b
        }
      }
      half *= 2
    }
    let scale = 1 / S(Double(size).squareRoot())
    for index in values.indices { values[index] *= scale }
  }
}
