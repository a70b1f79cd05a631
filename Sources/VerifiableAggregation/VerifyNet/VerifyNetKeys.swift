public import CryptoCore
public import Pairings

/// What the trusted authority gives to all users and never to the server.
///
///     HF(x) = δ x + ρ                  the linear hash, in the exponent
///     K1, K2                           of the pseudo-random function
///     d                                divides in the proofs
///
/// All users hold the same: one that tells the server its keys lets it prove anything.
///
/// Source: section 1.1 of the reconstruction that ``VerifyNetMode`` names; the function is that of
/// Fiore, Gennaro, Pastro 2014 (CCS 2014).
public struct VerifyNetKeys: Sendable {
  /// What they are for.
  public let mode: VerifyNetMode
  package let delta: PairingScalar
  package let rho: PairingScalar
  package let d: PairingScalar
  package let inverseD: PairingScalar
  let k1: SecretBytes
  let k2: SecretBytes
  /// Of the vector hash: the logarithms of its bases, and what hides it.
  let hashKey: SecretBytes

  /// Bytes of ``bytes``.
  public static let byteCount = 1 + 6 * 32

  /// Keys from the bytes that the authority sent.
  ///
  /// - Throws: `PairingError.wrongLength`, or `.notCanonical` for a mode that does not exist or a
  ///   number that is not below r or is zero.
  public init(_ secret: SecretBytes) throws(PairingError) {
    guard secret.count == Self.byteCount else {
      throw .wrongLength(count: secret.count, expected: [Self.byteCount])
    }
    let first = secret[0..<1].revealed().reduce(0) { $0 | $1 }
    guard let mode = VerifyNetMode(rawValue: first) else { throw .notCanonical }
    func number(_ place: Int) throws(PairingError) -> PairingScalar {
      let number = try PairingScalar(bytes: secret[1 + 32 * place..<33 + 32 * place].revealed())
      guard number != .zero else { throw .notCanonical }
      return number
    }
    self.mode = mode
    delta = try number(0)
    rho = try number(1)
    d = try number(2)
    inverseD = d.inverse
    k1 = secret[97..<129]
    k2 = secret[129..<161]
    hashKey = secret[161..<193]
  }

  /// The keys as the authority sends them to a user, over a channel that hides them.
  public var bytes: SecretBytes {
    let numbers = [delta, rho, d].flatMap(\.bytes)
    return SecretBytes(
      joining: [SecretBytes(copying: [mode.rawValue] + numbers), k1, k2, hashKey])
  }
}

/// The trusted authority: draws the keys. It could prove anything itself, and must be there
/// whenever a user joins.
public enum VerifyNetAuthority {
  /// Keys for one cohort.
  ///
  /// - Throws: `PairingError.randomness`.
  public static func issue(
    _ mode: VerifyNetMode, using source: inout some SecretSource
  ) throws(PairingError) -> VerifyNetKeys {
    var numbers: [UInt8] = []
    for _ in 0..<3 {
      var number = PairingScalar.zero
      while number == .zero { number = try PairingScalar(random: &source) }
      numbers += number.bytes
    }
    let rest: SecretBytes
    do throws(SystemRandomness.Failure) {
      rest = try SecretBytes(random: 96, using: &source)
    } catch {
      throw .randomness(error)
    }
    return try VerifyNetKeys(
      SecretBytes(joining: [SecretBytes(copying: [mode.rawValue] + numbers), rest]))
  }
}
