import BigIntegers
import CryptoCore
import Paillier
import TestSupport

/// A pair of safe primes of `paillier_safe_primes.json`.
struct SafePair: Decodable, Sendable {
  var bits: Int
  var near: Bool?
  private var p: String
  private var q: String

  var primes: (p: BigInteger, q: BigInteger) { get throws { (try hex(p), try hex(q)) } }

  static let all = Result { try VectorFile<SafePair>(named: "paillier_safe_primes").cases }

  static func of(_ bits: Int, near: Bool = false) throws -> (p: BigInteger, q: BigInteger) {
    let pair = try all.get().first { $0.bits == bits && ($0.near ?? false) == near }
    guard let pair else { throw BadVector(text: "\(bits) bits") }
    return try pair.primes
  }
}

/// A dealt key, and what judges it: the factors and the ordinary key made from them.
struct Dealt {
  let keys: ThresholdKeys
  let p: BigInteger
  let q: BigInteger
  var source: InsecureSeededSecrets

  init(bits: Int, parties: Int, threshold: Int, s: Int = 1, seed: UInt64 = 1) throws {
    (p, q) = try SafePair.of(bits)
    source = InsecureSeededSecrets(seed: seed)
    keys = try ThresholdKeys(
      p: p, q: q, parties: parties, threshold: threshold, s: s, allowsInsecureSize: true,
      using: &source)
  }

  var key: ThresholdPublicKey { keys.publicKey }
  var n: BigInteger { p * q }
  var messages: BigInteger { n.power(key.s) }
  var modulus: BigInteger { n.power(key.s + 1) }
  /// n^s p'q', the order of the squares.
  var order: BigInteger { messages * ((p - 1) / 2) * ((q - 1) / 2) }
  var delta: BigInteger { (1...key.parties).reduce(1) { $0 * BigInteger($1) } }

  /// The decryption that needs no parties.
  var privateKey: PaillierPrivateKey {
    get throws { try PaillierPrivateKey(p: p, q: q, allowsInsecureSize: true) }
  }

  /// s_i, as the share's message writes it: behind 38 bytes.
  func secret(_ party: Int) -> BigInteger {
    BigInteger(bytes: Array(keys.shares[party - 1].bytes.revealed().dropFirst(38)))
  }

  /// Encrypts messages below n^s.
  mutating func encrypt(_ values: [BigInteger]) throws -> [DamgardJurik.Ciphertext] {
    let scheme = try DamgardJurik(key.key, s: key.s)
    var ciphertexts: [DamgardJurik.Ciphertext] = []
    for value in values { ciphertexts.append(try scheme.encrypt(value, using: &source)) }
    return ciphertexts
  }

  mutating func partials(
    _ parties: [Int], of ciphertexts: [some ThresholdCiphertext], session: [UInt8] = session
  ) throws -> [PartialDecryption] {
    var partials: [PartialDecryption] = []
    for party in parties {
      partials.append(
        try keys.shares[party - 1].partialDecryption(
          of: ciphertexts, session: session, using: &source))
    }
    return partials
  }
}

/// Who decrypts what when, in most tests.
let session = Array("round 7".utf8)

/// All subsets of `count` of 1...parties, in order.
func subsets(of parties: Int, count: Int) -> [[Int]] {
  let all: Int = 1 << parties
  let sets = (0..<all).map { (set: Int) -> [Int] in
    (1...parties).filter { (party: Int) -> Bool in (set >> (party - 1)) & 1 == 1 }
  }
  return sets.filter { $0.count == count }
}

/// Where the fields of a partial decryption lie (its documentation, and nothing else).
struct PartialFields {
  var bytes: [UInt8]
  let width: Int

  init(_ partial: PartialDecryption, _ dealt: Dealt) {
    bytes = partial.bytes
    width = dealt.key.key.bits / 8 * (dealt.key.s + 1)
  }

  var count: Int { bytes[38..<42].reduce(0) { $0 << 8 | Int($1) } }
  func number(_ index: Int) -> Range<Int> { 42 + index * width..<42 + (index + 1) * width }
  var challenge: Range<Int> { 42 + count * width..<42 + count * width + 32 }
  var response: Range<Int> { challenge.upperBound..<bytes.count }

  subscript(range: Range<Int>) -> BigInteger {
    get { BigInteger(bytes: Array(bytes[range])) }
    set {
      let digits = newValue.magnitudeBytes
      bytes.replaceSubrange(
        range, with: [UInt8](repeating: 0, count: range.count - digits.count) + digits)
    }
  }

  func parsed(_ key: ThresholdPublicKey) throws -> PartialDecryption {
    try PartialDecryption(received: bytes, key: key)
  }
}

/// The proof of the documentation, written a second time: for honest parties and for others.
struct Prover {
  let dealt: Dealt

  private func field(_ number: BigInteger, _ count: Int) -> [UInt8] {
    let digits = number.magnitudeBytes
    return [UInt8](repeating: 0, count: count - digits.count) + digits
  }

  /// The message of a party that claims these numbers and knows `secret`.
  func message(
    party: Int, secret: BigInteger, ciphertexts: [BigInteger], numbers: [BigInteger],
    nonce: BigInteger, session: [UInt8] = session
  ) -> [UInt8] {
    let key = dealt.key
    let modulus = dealt.modulus
    let width = key.key.bits / 8 * (key.s + 1)
    var stated = Array("Rampart threshold Paillier, statement, 1".utf8) + key.digest.bytes
    stated += field(BigInteger(party), 4)
    stated += field(BigInteger(session.count), 8)
    stated += session
    stated += field(BigInteger(ciphertexts.count), 4)
    for number in ciphertexts + numbers { stated += field(number, width) }
    let statement = SHA256.hash(stated).bytes
    var a: BigInteger = 1
    for index in ciphertexts.indices {
      var weighed = Array("Rampart threshold Paillier, weight, 1".utf8) + statement
      weighed += field(BigInteger(index), 4)
      let digits = Array(SHA256.hash(weighed).bytes[..<16])
      let weight: BigInteger = index == 0 ? 1 : BigInteger(bytes: digits)
      a = a * ciphertexts[index].power(weight, modulo: modulus) % modulus
    }
    a = a.power(4 * dealt.delta, modulo: modulus)
    let v = key.base.power(dealt.delta, modulo: modulus)
    var challenged = Array("Rampart threshold Paillier, challenge, 1".utf8) + statement
    challenged += field(a.power(nonce, modulo: modulus), width)
    challenged += field(v.power(nonce, modulo: modulus), width)
    let challenge = SHA256.hash(challenged).bytes
    var message = Array("RTD1".utf8) + key.digest.bytes
    message += field(BigInteger(party), 2)
    message += field(BigInteger(numbers.count), 4)
    for number in numbers { message += field(number, width) }
    message += challenge
    message += field(nonce + BigInteger(bytes: challenge) * secret, width + 48)
    return message
  }
}
