import BigIntegers
import Pairings

/// The curves as textbooks write them, over GMP's integers: a slow judge that shares nothing with
/// the kernels. An element c0 + c1 u; those of G1 have c1 = 0.
struct SlowElement: Equatable {
  let c0: BigInteger
  let c1: BigInteger

  init(_ c0: BigInteger, _ c1: BigInteger = .zero) {
    self.c0 = modulo(c0, prime)
    self.c1 = modulo(c1, prime)
  }

  static func + (a: Self, b: Self) -> Self { Self(a.c0 + b.c0, a.c1 + b.c1) }
  static func - (a: Self, b: Self) -> Self { Self(a.c0 - b.c0, a.c1 - b.c1) }
  static func * (a: Self, b: Self) -> Self {
    Self(a.c0 * b.c0 - a.c1 * b.c1, a.c0 * b.c1 + a.c1 * b.c0)
  }

  /// (c0 - c1 u) / (c0^2 + c1^2), by the powers of Fermat.
  var inverse: Self {
    let norm = modulo(c0 * c0 + c1 * c1, prime).power(prime - BigInteger(2), modulo: prime)
    return Self(c0 * norm, -c1 * norm)
  }

  var isZero: Bool { c0.isZero && c1.isZero }
}

/// A point by its coordinates, nil for infinity, with the rule of chord and tangent.
struct SlowPoint: Equatable {
  let coordinates: [SlowElement]?

  static let zero = SlowPoint(coordinates: nil)

  /// The point of an uncompressed encoding.
  init(encoding: [UInt8]) {
    if encoding[0] & 0x40 != 0 {
      coordinates = nil
      return
    }
    let numbers = stride(from: 0, to: encoding.count, by: 48).map {
      BigInteger(bytes: Array(encoding[$0..<$0 + 48]))
    }
    coordinates =
      numbers.count == 2
      ? [SlowElement(numbers[0]), SlowElement(numbers[1])]
      : [SlowElement(numbers[1], numbers[0]), SlowElement(numbers[3], numbers[2])]
  }

  init(coordinates: [SlowElement]?) { self.coordinates = coordinates }

  static prefix func - (a: Self) -> Self {
    Self(coordinates: a.coordinates.map { [$0[0], SlowElement(.zero) - $0[1]] })
  }

  static func + (a: Self, b: Self) -> Self {
    guard let p = a.coordinates else { return b }
    guard let q = b.coordinates else { return a }
    let slope: SlowElement
    if p[0] == q[0] {
      if (p[1] + q[1]).isZero { return .zero }
      let square = p[0] * p[0]
      slope = (square + square + square) * (p[1] + p[1]).inverse
    } else {
      slope = (q[1] - p[1]) * (q[0] - p[0]).inverse
    }
    let x = slope * slope - p[0] - q[0]
    return Self(coordinates: [x, slope * (p[0] - x) - p[1]])
  }

  static func * (a: Self, k: BigInteger) -> Self {
    var (sum, power) = (Self.zero, a)
    for bit in 0..<k.magnitudeBitWidth {
      if !((k >> bit) % BigInteger(2)).isZero { sum = sum + power }
      power = power + power
    }
    return sum
  }
}
