internal import CryptoCore
package import Pairings

/// Both forms of VeriFL.
///
///     form        commitment of a user              opened in the end
///     published   SHA256(H(x) XOR r)                every H(x_n) and r_n
///     mended      SHA256(C), C = H(x) h^ρ           every C_n, and Σ ρ_n alone
///
/// The published form has two faults, which both ship here to be shown. Its commitment opens to any
/// hash H': with r' = r XOR H(x) XOR H'. So whoever passes openings on can announce any sum. And H
/// is deterministic: the opened H(x_n) tells whether a guess of x_n is right.
///
/// The mended form commits with hidden hashes that bind under discrete logarithms, shows only
/// digests of them until all digests are known (so that no user makes its commitment from others'),
/// and opens the sum of the randomness alone. It withstands a server with colluding users.
///
/// Source: Guo et al., *VeriFL* (IEEE TIFS 16, 2021), whose authors withdrew the proof of privacy;
/// ePrint 2022/1073 on why. The commitment with XOR is the reference code's (ErwinSCat/VeriFL). The
/// mended form is this library's.
public enum VeriFLForm: String, Sendable, Hashable, CaseIterable {
  case published
  case mended

  /// The pieces in which the secret of a commitment is shared among users.
  var layout: ShareLimbs.Layout {
    switch self {
    case .published: .init(count: 4, size: 24)
    case .mended: .init(count: 2, size: 16)
    }
  }
}

/// The commitment of the published form: SHA-256 of the encoded hash XOR 48 random bytes.
package enum PublishedCommitment {
  /// What users are shown.
  package static func digest(hash: [UInt8], mask: [UInt8]) -> [UInt8] {
    SHA256.hash(zip(hash, mask).map { $0 ^ $1 }).bytes
  }
}

/// The commitment of the mended form: a digest of a point that hides.
package enum MendedCommitment {
  /// What users are shown first. The point has the entropy of its randomness, so this hides too.
  package static func digest(of point: [UInt8]) -> [UInt8] {
    SHA256.hash(Array("rampart verifl commitment".utf8) + point).bytes
  }

  /// ρ from two numbers below 2^128, least significant byte first, or from sums of such.
  package static func randomness(low: [UInt8], high: [UInt8]) -> PairingScalar {
    let word = PairingScalar(1 << 32) * PairingScalar(1 << 32)
    return PairingScalar(wide: low.reversed()) + PairingScalar(wide: high.reversed()) * word * word
  }
}
