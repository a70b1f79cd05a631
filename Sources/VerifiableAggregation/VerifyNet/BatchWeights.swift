package import CryptoCore
package import Pairings

/// Random weights that fold many equations between points into one.
///
/// Of m equations, each multiplied by a weight of κ bits of its own and all added, let one be
/// false: the sum holds for at most one value of that equation's weight, whatever the others are,
/// so with probability 2^-κ at most. That needs points of prime order (checked when they are
/// decoded) and weights nobody could know when the points were made.
///
/// Source: Bellare, Garay, Rabin, *Fast Batch Verification for Modular Exponentiation and Digital
/// Signatures* (Eurocrypt 1998), the small-exponents test.
package struct BatchWeights {
  private let low: [UInt64]
  private let high: [UInt64]
  private let bits: Int

  /// Fresh weights.
  ///
  /// - Parameter bits: κ, 1...128.
  /// - Throws: `PairingError.randomness`.
  package init(
    count: Int, bits: Int, using source: inout some SecretSource
  ) throws(PairingError) {
    precondition((1...128).contains(bits), "weights of \(bits) bits")
    let bytes: [UInt8]
    do throws(SystemRandomness.Failure) {
      bytes = try SecretBytes(random: 16 * count, using: &source).revealed()
    } catch {
      throw .randomness(error)
    }
    func words(_ place: Int, _ bits: Int) -> [UInt64] {
      guard bits > 0 else { return [] }
      return (0..<count).map { index in
        let start = 16 * index + place
        let word = bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
        return bits < 64 ? word & (1 << UInt64(bits) - 1) : word
      }
    }
    low = words(0, min(bits, 64))
    high = words(8, bits - 64)
    self.bits = bits
  }

  private static let shift = PairingScalar(1 << 32) * PairingScalar(1 << 32)

  /// The weights as numbers modulo r.
  package var scalars: [PairingScalar] {
    guard !high.isEmpty else { return low.map { PairingScalar($0) } }
    return zip(low, high).map { PairingScalar($0) + PairingScalar($1) * Self.shift }
  }

  /// Σ w_j x_j.
  package func fold(_ numbers: [PairingScalar]) -> PairingScalar {
    zip(scalars, numbers).reduce(.zero) { $0 + $1.0 * $1.1 }
  }

  /// Σ w_j P_j.
  ///
  /// - Parameter workers: How many threads; the result is the same for any number.
  /// - Complexity: O(count · bits / log count) sums.
  package func fold(_ points: [G1Point], workers: Int = 1) -> G1Point {
    joined({ (words, bits) throws(PairingError) in
      try G1Point.sum(of: points, timesPublic: words, bits: bits, workers: workers)
    }) { $0 + $1.multiplied(byPublic: Self.shift) }
  }

  /// Σ w_j P_j.
  package func fold(_ points: [G2Point], workers: Int = 1) -> G2Point {
    joined({ (words, bits) throws(PairingError) in
      try G2Point.sum(of: points, timesPublic: words, bits: bits, workers: workers)
    }) { $0 + $1.multiplied(byPublic: Self.shift) }
  }

  /// The fold with the low words, joined with that of the high ones if there are any.
  private func joined<Point>(
    _ sum: ([UInt64], Int) throws(PairingError) -> Point, _ join: (Point, Point) -> Point
  ) -> Point {
    do throws(PairingError) {
      let first = try sum(low, min(bits, 64))
      return high.isEmpty ? first : join(first, try sum(high, bits - 64))
    } catch {
      preconditionFailure("one weight for each point: \(error)")
    }
  }
}
