internal import BigIntegers
public import CryptoCore

// Messages of a threshold key: four letters that say which, then fields of fixed width, most
// significant byte first. Every field has one way to be written.

extension ThresholdPublicKey {
  /// "RTP1", parties and threshold (2 bytes each), s (1), bytes of n (2), n, hs (twice those), v
  /// and v_1 ... (s + 1 times those each).
  public var bytes: [UInt8] { Self.bytes(context, base, verificationKeys) }

  static func bytes(
    _ context: ThresholdContext, _ base: BigInteger, _ verificationKeys: [BigInteger]
  ) -> [UInt8] {
    let width = context.key.bits / 8
    var bytes = Array("RTP1".utf8)
    for (field, count) in [
      (context.parties, 2), (context.threshold, 2), (context.s, 1), (width, 2),
    ] {
      bytes += BigInteger(field).bytes(count: count)
    }
    bytes += context.key.n.bytes(count: width)
    bytes += (context.key.shortRandomnessBase ?? 0).bytes(count: 2 * width)
    for number in [base] + verificationKeys { bytes += context.bytes(number) }
    return bytes
  }

  /// A key that came from its dealer.
  ///
  /// That v is a generator and that the v_i belong to one polynomial is the dealer's matter; that
  /// all are invertible numbers of the right size is checked.
  ///
  /// - Parameters:
  ///   - bytes: Such as ``bytes`` gives.
  ///   - allowsInsecureSize: Takes a modulus that can be factored, for tests and demonstrations.
  /// - Throws: `ThresholdError.malformed`, or `.paillier` for a modulus that is none.
  public init(received bytes: [UInt8], allowsInsecureSize: Bool = false) throws(ThresholdError) {
    var reader = FieldReader(bytes, of: .publicKey)
    try reader.check("RTP1")
    let parties = try reader.count(2)
    let threshold = try reader.count(2)
    let s = try reader.count(1)
    let width = try reader.count(2)
    try Self.check(parties: parties, threshold: threshold)
    guard (1...3).contains(s) else { throw reader.malformed("s is \(s)") }
    guard width > 0, width % 8 == 0, width <= PaillierPublicKey.mostBits / 8 else {
      throw reader.malformed("a modulus of \(width) bytes")
    }
    try reader.expect(3 * width + (parties + 1) * (s + 1) * width)
    let n = try reader.number(width)
    guard n.magnitudeBitWidth == 8 * width else {
      throw reader.malformed("a modulus that does not fill \(width) bytes")
    }
    let short = try reader.number(2 * width)
    let context = try ThresholdError.wrapping { () throws(PaillierError) in
      let key = try PaillierPublicKey(
        n: n, shortRandomnessBase: short, allowsInsecureSize: allowsInsecureSize)
      return try ThresholdContext(key, s: s, parties: parties, threshold: threshold)
    }
    var numbers: [BigInteger] = []
    for index in 0...parties {
      let number = try reader.number(context.numberBytes)
      guard number > 1, context.isUnit(number) else {
        throw reader.malformed(index == 0 ? "v is no generator" : "v_\(index) is not invertible")
      }
      numbers.append(number)
    }
    self.init(
      context: context, base: numbers[0], verificationKeys: Array(numbers.dropFirst()))
  }
}

extension ThresholdKeyShare {
  /// "RTK1", the key's digest (32 bytes), the party (2) and s_i: for that party alone.
  public var bytes: SecretBytes {
    let head = Array("RTK1".utf8) + key.digest.bytes + BigInteger(party).bytes(count: 2)
    let width = 8 * secret.wordCount
    return SecretBytes(count: head.count + width) { bytes in
      bytes.copyBytes(from: head)
      secret.withWords { words in
        for place in 0..<width {
          bytes[head.count + width - 1 - place] = UInt8(
            truncatingIfNeeded: words[place / 8] >> UInt64(8 * (place % 8)))
        }
      }
    }
  }

  /// A share that came from the dealer.
  ///
  /// - Throws: `ThresholdError.malformed`, `.foreignKey`, or `.wrongShare` if the secret is not the
  ///   one behind the party's verification key.
  public init(received bytes: SecretBytes, key: ThresholdPublicKey) throws(ThresholdError) {
    let headCount = 4 + 32 + 2
    let width = 8 * key.context.shareWords
    guard bytes.count >= headCount else {
      throw .malformed(.keyShare, "\(bytes.count) bytes")
    }
    var reader = FieldReader(bytes[0..<headCount].revealed(), of: .keyShare)
    try reader.check("RTK1")
    guard try reader.bytes(32) == key.digest.bytes else { throw .foreignKey }
    let party = try reader.count(2)
    guard (1...key.parties).contains(party) else { throw reader.malformed("party \(party)") }
    guard bytes.count == headCount + width else {
      throw reader.malformed("\(bytes.count) bytes, not \(headCount + width)")
    }
    let secret = SecretInteger(wordCount: width / 8) { words in
      bytes.withUnsafeBytes { bytes in
        for place in 0..<width {
          words[place / 8] |=
            UInt64(bytes[headCount + width - 1 - place]) << UInt64(8 * (place % 8))
        }
      }
    }
    // Shares are below n^s m', of which everybody knows that it is below a quarter of n^(s+1).
    let bound = key.context.ciphertextModulus / 4
    guard secret.isLess(than: SecretInteger(bound, wordCount: secret.wordCount)) else {
      throw reader.malformed("a secret that is too large")
    }
    try self.init(secret, party: party, key: key)
  }
}

extension PartialDecryption {
  /// "RTD1", the key's digest (32 bytes), the party (2), how many numbers (4), the numbers, the
  /// challenge (32) and the response.
  public var bytes: [UInt8] {
    var bytes = Array("RTD1".utf8) + keyDigest.bytes
    bytes += BigInteger(party).bytes(count: 2) + BigInteger(numbers.count).bytes(count: 4)
    for number in numbers { bytes += number.bytes(count: numberWidth) }
    return bytes + challenge.bytes(count: 32) + response.bytes(count: responseWidth)
  }

  /// A partial decryption that came from a party. Whether its proof holds is what combining, or
  /// ``ThresholdPublicKey/flaw(of:of:session:)``, tells.
  ///
  /// - Throws: `ThresholdError.malformed`, or `.foreignKey`.
  public init(received bytes: [UInt8], key: ThresholdPublicKey) throws(ThresholdError) {
    let context = key.context
    var reader = FieldReader(bytes, of: .partialDecryption)
    try reader.check("RTD1")
    guard try reader.bytes(32) == key.digest.bytes else { throw .foreignKey }
    let party = try reader.count(2)
    guard (1...key.parties).contains(party) else { throw reader.malformed("party \(party)") }
    let count = try reader.count(4)
    guard ThresholdPublicKey.ciphertextCounts.contains(count) else {
      throw reader.malformed("\(count) numbers")
    }
    try reader.expect(count * context.numberBytes + 32 + 8 * context.responseWords)
    var numbers: [BigInteger] = []
    for index in 0..<count {
      let number = try reader.number(context.numberBytes)
      guard context.isUnit(number) else {
        throw reader.malformed("number \(index) is not an invertible one below n^(s+1)")
      }
      numbers.append(number)
    }
    let challenge = try reader.number(32)
    let response = try reader.number(8 * context.responseWords)
    self.init(
      context: context, keyDigest: key.digest, party: party, numbers: numbers,
      challenge: challenge, response: response)
  }
}

/// Reads fields of fixed width, one after the other.
private struct FieldReader {
  private let bytes: [UInt8]
  private let message: ThresholdError.Message
  private var position = 0

  init(_ bytes: [UInt8], of message: ThresholdError.Message) {
    self.bytes = bytes
    self.message = message
  }

  func malformed(_ reason: String) -> ThresholdError { .malformed(message, reason) }

  /// Checks that exactly `count` bytes are left.
  func expect(_ count: Int) throws(ThresholdError) {
    guard bytes.count - position == count else {
      throw malformed("\(bytes.count) bytes, not \(position + count)")
    }
  }

  mutating func bytes(_ count: Int) throws(ThresholdError) -> [UInt8] {
    guard bytes.count - position >= count else { throw malformed("\(bytes.count) bytes") }
    position += count
    return Array(bytes[position - count..<position])
  }

  mutating func number(_ count: Int) throws(ThresholdError) -> BigInteger {
    BigInteger(bytes: try bytes(count))
  }

  /// A number of up to 4 bytes.
  mutating func count(_ count: Int) throws(ThresholdError) -> Int {
    try bytes(count).reduce(0) { $0 << 8 | Int($1) }
  }

  mutating func check(_ tag: String) throws(ThresholdError) {
    guard try bytes(tag.utf8.count) == Array(tag.utf8) else {
      throw malformed("it does not start with \(tag)")
    }
  }
}
