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
    size = WalshHadamard.size(of: count)
    var words = [UInt64](repeating: 0, count: (count + 63) / 64)
    for index in words.indices { words[index] = generator.next() }
    signs = (0..<count).map { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 ? -1 : 1 }
  }

  /// The rotated vector. O(D log D).
  func rotated(_ vector: Vector) -> Vector {
    var values = [Float](repeating: 0, count: size)
    for (index, value) in vector.array.enumerated() { values[index] = value * signs[index] }
    WalshHadamard.transform(&values)
    let scale = 1 / Float(size).squareRoot()
    return Vector(values.map { $0 * scale })
  }

  /// The vector that was rotated; what stands in the coordinates added is dropped. O(D log D).
  func unrotated(_ values: [Double]) -> [Double] {
    var values = values
    WalshHadamard.transform(&values)
    let scale = 1 / Double(size).squareRoot()
    return (0..<count).map { values[$0] * scale * Double(signs[$0]) }
  }
}
