public import CryptoCore

/// Why a key, a number or a text is refused.
public enum PaillierError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One of the two primes of a private key.
  public enum Factor: String, Sendable, Hashable {
    /// The first.
    case p
    /// The second.
    case q
  }

  // Keys.

  /// A modulus shorter than is safe; `allowsInsecureSize` takes it for tests and demonstrations.
  case insecureSize(bits: Int, minimum: Int)
  /// A modulus of a size no key has: odd numbers of bits, below the least or above the most.
  case unusableSize(bits: Int)
  /// A factor, or the modulus itself, is even.
  case evenModulus
  /// The modulus is a prime, so that everybody knows its only factor.
  case primeModulus
  /// The modulus is the square of one number.
  case equalFactors
  /// This factor is not a prime.
  case compositeFactor(Factor)
  /// One factor divides the other less one: not every message can be decrypted.
  case dependentFactors
  /// The two keys of a pair, or a key and its base of short randomness, do not belong together.
  case mismatchedKeys
  /// The factors do not allow short randomness: both must be 3 modulo 4, with no common divisor of
  /// p - 1 and q - 1 but 2.
  case shortRandomnessUnsupported

  // Ciphertexts.

  /// A ciphertext that is not between 1 and n^2 - 1, or has a divisor in common with n.
  case invalidCiphertext
  /// A ciphertext of another key.
  case foreignKey
  /// Bytes of a ciphertext of the wrong number.
  case wrongLength(expected: Int, actual: Int)

  // Numbers.

  /// A residue that is not below n.
  case residueOutOfRange
  /// A number whose encoding lies beyond a third of n.
  case valueTooLarge
  /// Infinity or NaN.
  case notFinite
  /// A precision that is not positive and finite.
  case invalidPrecision(Double)
  /// An exponent beyond what numbers have.
  case exponentOutOfRange(Int)
  /// An exponent can be lowered, not raised.
  case exponentWouldRise(from: Int, to: Int)
  /// A decrypted residue not below n.
  case corruptNumber
  /// A decrypted residue between the positive and the negative numbers: a sum has wrapped around.
  case overflow
  /// A number too large for a `Double`.
  case tooLargeForDouble

  // Packing.

  /// Slots that cannot be: of these bits, clients and weight, or none of them fits.
  case invalidPacking(String)
  /// A code that does not fit its slot.
  case codeOutOfRange(index: Int, bits: Int)
  /// A sum of more weight than slots have room for.
  case weightBeyondBound(weight: Int, bound: Int)
  /// Packed vectors of different shapes.
  case mismatchedPacking
  /// A slot holds more than any sum of its weight may: it has overflowed, or was not packed here.
  case slotOverflow

  // Pools and randomness.

  /// No factor is left in the pool.
  case poolExhausted
  /// The pool was made by another process: a forked copy would use the same factors.
  case poolOfAnotherProcess
  /// The source of secrets gave none.
  case randomness(SystemRandomness.Failure)

  // Texts.

  /// A text that is no key or ciphertext, and why.
  case malformedText(String)

  /// One sentence.
  public var description: String {
    switch self {
    case .insecureSize(let bits, let minimum):
      "a modulus of \(bits) bits can be factored; take at least \(minimum), or allow insecure sizes"
    case .unusableSize(let bits): "no key has a modulus of \(bits) bits"
    case .evenModulus: "a factor is even"
    case .primeModulus: "the modulus is a prime: whoever has it can decrypt"
    case .equalFactors: "both factors are the same number: whoever has the modulus can decrypt"
    case .compositeFactor(let factor): "\(factor.rawValue) is not a prime"
    case .dependentFactors: "one factor divides the other less one: decryption is not unique"
    case .mismatchedKeys: "the parts of the key do not belong together"
    case .shortRandomnessUnsupported:
      "short randomness needs factors that are 3 modulo 4 with gcd(p - 1, q - 1) = 2"
    case .invalidCiphertext: "not a ciphertext of this key: not invertible below n^2"
    case .foreignKey: "the ciphertext is of another key"
    case .wrongLength(let expected, let actual):
      "a ciphertext of \(actual) bytes; those of this key have \(expected)"
    case .residueOutOfRange: "a message is a number from 0 up to below n"
    case .valueTooLarge: "the number, encoded, lies beyond a third of n"
    case .notFinite: "infinities and NaN cannot be encrypted"
    case .invalidPrecision(let precision): "a precision of \(precision); it is positive and finite"
    case .exponentOutOfRange(let exponent):
      "an exponent of \(exponent); numbers have \(EncodedNumber.exponents)"
    case .exponentWouldRise(let from, let to):
      "an exponent cannot be raised from \(from) to \(to) without decrypting"
    case .corruptNumber: "the decrypted number is not below n: it is not of this key"
    case .overflow: "the decrypted number lies between the positive and the negative ones: overflow"
    case .tooLargeForDouble: "the number is too large for a double"
    case .invalidPacking(let reason): reason
    case .codeOutOfRange(let index, let bits):
      "the code at \(index) is not a signed number of \(bits) bits"
    case .weightBeyondBound(let weight, let bound):
      "a sum of weight \(weight); the slots have room for \(bound)"
    case .mismatchedPacking: "the packed vectors differ in key, slots or length"
    case .slotOverflow: "a slot holds more than any sum of its weight may"
    case .poolExhausted: "the pool is empty: every factor is used once; make another"
    case .poolOfAnotherProcess: "the pool belongs to the process that made it, not to a fork of it"
    case .randomness(let failure): failure.description
    case .malformedText(let reason): reason
    }
  }
}
