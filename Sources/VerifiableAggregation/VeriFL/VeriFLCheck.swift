package import CryptoCore
internal import Pairings
internal import SecureAggregation

/// The announced sum of an epoch and the product of its contributors' hashes, opened and not yet
/// compared.
public struct VeriFLClaim: Sendable {
  let sum: VerifiedSum
  let product: G1Point
}

/// The check of many epochs at once.
public enum VeriFL {
  /// The sums, if every one is what was committed to:
  ///
  ///     Π_l P_l^(α_l) = H(Σ_l α_l z_l),   α_l random, of 128 bits
  ///
  /// so that many epochs cost one multi-exponentiation as long as the vector. A false epoch passes
  /// with probability 2^-128, unless somebody finds a discrete logarithm.
  ///
  /// - Throws: `ProofRefusal` naming the server, without telling which epoch is false.
  /// - Complexity: One multi-exponentiation with exponents of full length, and O(epochs ·
  ///   dimension) products of numbers.
  public static func verify(
    _ claims: [VeriFLClaim], hash: VectorHash
  ) throws(ProofRefusal) -> [VerifiedSum] {
    var source = SystemRandomness()
    return try verify(claims, hash: hash, weightBits: 128, using: &source)
  }

  /// The same with weights of other lengths, from a source of its own.
  package static func verify(
    _ claims: [VeriFLClaim], hash: VectorHash, weightBits: Int,
    using source: inout some SecretSource
  ) throws(ProofRefusal) -> [VerifiedSum] {
    let isTrue: Bool
    do throws(PairingError) {
      let weights = try BatchWeights(count: claims.count, bits: weightBits, using: &source)
      var total = [PairingScalar](repeating: .zero, count: hash.dimension)
      for (weight, claim) in zip(weights.scalars, claims) {
        for (index, element) in claim.sum.vector.elements.enumerated() {
          total[index] = total[index] + weight * PairingScalar(element)
        }
      }
      isTrue = weights.fold(claims.map(\.product)) == (try hash.hash(of: total))
    } catch {
      throw ProofRefusal(
        sender: .server, fault: .failed("no check is possible: \(error)", coordinate: nil))
    }
    guard isTrue else {
      throw ProofRefusal(
        sender: .server,
        fault: .failed("a sum is not that of the committed vectors", coordinate: nil))
    }
    return claims.map(\.sum)
  }
}
