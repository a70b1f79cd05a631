internal import CryptoCore
package import Pairings
package import SecureAggregation

/// The numbers behind the proofs of one round: what a user proves with, and what anybody with the
/// keys expects of the sum.
///
///     k_n = γ_n γ + ν_n ν              γ_n, ν_n from K1 and the user, γ, ν from K2 and the round
///     HF(x) = δ x + ρ                  a coordinate
///     HF(x_n) = Σ s_j x_nj + ρ_n       a vector: Π g_j^(x_nj) hidden by g^(ρ_n), g_j = g^(s_j)
///
/// Users know the s_j, so that the product of powers costs them one: who does not know them, as the
/// server, finds two vectors with one hash by chance only, one in r; who does finds them easily,
/// and needs none, since its keys prove any sum.
///
/// With a label in both factors, k_n of a coordinate is γ_n γ_j + ν_n ν_j: the sum over users is
/// (Σ γ_n) γ_j + (Σ ν_n) ν_j, so that a verifier computes n + m values of the function, not n m.
package struct VerifyNetExponents {
  /// The keys.
  package let keys: VerifyNetKeys
  private let session: MaskingSession
  private let label: [UInt8]
  /// γ and ν: one pair, or one for each coordinate.
  private let roundFactors: [PairingScalar]

  /// - Parameter label: τ as the server announced it; `publicCode` alone looks at it.
  package init(_ keys: VerifyNetKeys, in session: MaskingSession, label: [UInt8]) {
    self.keys = keys
    self.session = session
    self.label = keys.mode == .publicCode ? label : session.digest
    let count = keys.mode == .labelled ? session.dimension : 1
    roundFactors = PairingScalar.expanded(
      keys.k2, Array("round".utf8) + self.label, count: 2 * count)
  }

  /// How many proofs stand for a vector.
  package var count: Int { keys.mode.proofCount(dimension: session.dimension) }

  /// γ_n and ν_n. In the public code they stay the same for all rounds.
  private func userFactors(_ user: Int) -> [PairingScalar] {
    PairingScalar.expanded(
      keys.k1, Array("user".utf8) + (keys.mode == .publicCode ? [] : label) + bytes(user), count: 2)
  }

  /// Σ k_n over users, for each proof: of one user, or of the sum (φ).
  package func masks(of users: [Int]) -> [PairingScalar] {
    var (gamma, nu) = (PairingScalar.zero, PairingScalar.zero)
    for user in users {
      let factors = userFactors(user)
      gamma = gamma + factors[0]
      nu = nu + factors[1]
    }
    let values = stride(from: 0, to: roundFactors.count, by: 2).map { place in
      gamma * roundFactors[place] + nu * roundFactors[place + 1]
    }
    return values.count == count ? values : [PairingScalar](repeating: values[0], count: count)
  }

  /// HF of one user's vector, or of a sum over users, for each proof.
  package func hash(of elements: [UInt64], users: [Int]) -> [PairingScalar] {
    guard keys.mode == .perVector else {
      let constant = keys.rho * PairingScalar(UInt64(users.count))
      return elements.map { keys.delta * PairingScalar($0) + constant }
    }
    var total = PairingScalar.zero
    let bases = PairingScalar.expanded(keys.hashKey, Array("bases".utf8), count: elements.count)
    for (base, element) in zip(bases, elements) { total = total + base * PairingScalar(element) }
    for user in users {
      let hiding = PairingScalar.expanded(
        keys.hashKey, Array("hiding".utf8) + label + bytes(user), count: 1)
      total = total + hiding[0]
    }
    return [total]
  }

  private func bytes(_ user: Int) -> [UInt8] {
    var writer = WireWriter()
    writer.write(UInt32(user))
    return writer.bytes
  }
}

extension PairingScalar {
  /// The residue of at most 64 bytes.
  init(wide bytes: [UInt8]) {
    do { try self.init(reducing: bytes) } catch {
      preconditionFailure("64 bytes have a residue: \(error)")
    }
  }

  /// Numbers that look random: of a key and what they are for, uniform to within 2^-256 each.
  static func expanded(_ key: SecretBytes, _ purpose: [UInt8], count: Int) -> [PairingScalar] {
    let seed = HKDF.sha256(secret: key, info: purpose, count: MaskGenerator.seedCount)
    let words = MaskGenerator.expandWide(seed, count: 8 * count, width: 64)
    return (0..<count).map { index in
      PairingScalar(
        wide: words[8 * index..<8 * index + 8].flatMap { word in
          (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
        })
    }
  }
}
