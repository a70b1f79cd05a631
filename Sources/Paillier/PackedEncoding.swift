public import BigIntegers

/// Many small signed numbers in one message: each in a slot of its own, with bits above it for the
/// sums to come.
///
/// A slot of w = b + ceil(log2(clients * maxWeight)) + 1 bits holds a code of b bits plus 2^(b-1),
/// so that it is not negative (offset binary). Ciphertexts are added, and multiplied by public
/// weights; the weights add up, and what they add up to, times 2^(b-1), is taken off after
/// decryption. The highest bit of a slot stays zero as long as the sum of weights is within clients
/// * maxWeight. A message has floor((bits of n - 2) / w) slots: 75 of 27 bits for b = 16, 1,000
/// clients and 2048 bits.
///
///     let packing = try PackedEncoding(bits: 16, clients: 1_000, key: key)
///     let sum = try packing.encrypt(codes) + packing.encrypt(otherCodes)
///     let sums = try packing.decrypt(sum, with: privateKey)
public struct PackedEncoding: Sendable, Hashable {
  /// Whose messages are filled.
  public let key: PaillierPublicKey
  /// Bits of a code: from -2^(bits - 1) up to below 2^(bits - 1).
  public let bits: Int
  /// The most that weights may add up to: clients * maxWeight.
  public let weightBound: Int
  /// Bits of a slot.
  public let slotBits: Int
  /// Slots of a message.
  public let slots: Int

  /// The layout for sums of at most `clients` vectors, each of weight up to `maxWeight`.
  ///
  /// - Parameters:
  ///   - bits: Of a code, 1...32.
  ///   - clients: At least 1.
  ///   - maxWeight: At least 1; clients * maxWeight is at most 2^30.
  ///   - key: Whose messages are filled.
  /// - Throws: `PaillierError.invalidPacking`.
  public init(
    bits: Int, clients: Int, maxWeight: Int = 1, key: PaillierPublicKey
  ) throws(PaillierError) {
    let (bound, overflows) = clients.multipliedReportingOverflow(by: maxWeight)
    guard (1...32).contains(bits) else {
      throw .invalidPacking("codes of \(bits) bits; take 1 to 32")
    }
    guard clients >= 1, maxWeight >= 1, !overflows, bound <= 1 << 30 else {
      throw .invalidPacking(
        "\(clients) clients of weight \(maxWeight); take at least 1, and at most 2^30 together")
    }
    self.key = key
    self.bits = bits
    weightBound = bound
    slotBits = bits + (Int.bitWidth - (bound - 1).leadingZeroBitCount) + 1
    slots = (key.bits - 2) / slotBits
    guard slots >= 1 else {
      throw .invalidPacking("no slot of \(slotBits) bits fits a modulus of \(key.bits) bits")
    }
  }

  /// The codes a slot takes.
  public var codes: ClosedRange<Int> { -(1 << (bits - 1))...(1 << (bits - 1)) - 1 }

  /// How many messages `count` codes fill.
  public func messageCount(_ count: Int) -> Int { (count + slots - 1) / slots }

  /// The messages of codes, the first code in the lowest slot; slots left over hold zero.
  ///
  /// - Throws: `PaillierError.codeOutOfRange`.
  /// - Complexity: O(count).
  public func encode(_ values: [Int]) throws(PaillierError) -> [BigInteger] {
    let offset = 1 << (bits - 1)
    var messages: [BigInteger] = []
    for start in stride(from: 0, to: values.count, by: slots) {
      var words = [UInt64](repeating: 0, count: (slots * slotBits + 63) / 64 + 1)
      for index in start..<min(start + slots, values.count) {
        guard codes.contains(values[index]) else {
          throw .codeOutOfRange(index: index, bits: bits)
        }
        let slot = UInt64(values[index] + offset)
        let place = (index - start) * slotBits
        words[place / 64] |= slot << UInt64(place % 64)
        if place % 64 + slotBits > 64 { words[place / 64 + 1] |= slot >> UInt64(64 - place % 64) }
      }
      messages.append(BigInteger(words: words))
    }
    return messages
  }

  /// The sums in decrypted messages: `count` codes' sums of vectors whose weights add up to
  /// `weight`.
  ///
  /// - Throws: `PaillierError.weightBeyondBound`, `.slotOverflow` if a slot holds what no sum of
  ///   that weight gives, `.mismatchedPacking` if there are more or fewer messages than the codes
  ///   fill.
  /// - Complexity: O(count).
  public func decode(
    _ messages: [BigInteger], count: Int, weight: Int
  ) throws(PaillierError) -> [Int] {
    guard (0...weightBound).contains(weight) else {
      throw .weightBeyondBound(weight: weight, bound: weightBound)
    }
    guard count >= 0, messages.count == messageCount(count) else { throw .mismatchedPacking }
    let most = UInt64(weight) << UInt64(bits) - UInt64(weight)
    let offset = weight << (bits - 1)
    let mask = UInt64.max >> UInt64(64 - slotBits)
    var sums: [Int] = []
    sums.reserveCapacity(count)
    for (number, message) in messages.enumerated() {
      let used = min(slots, count - number * slots)
      guard message.signum() >= 0, message.magnitudeBitWidth <= used * slotBits else {
        throw .slotOverflow
      }
      let words = message.magnitudeWords + [0, 0]
      for slot in 0..<used {
        let place = slot * slotBits
        let (word, bit) = (place / 64, UInt64(place % 64))
        let low = word < words.count ? words[word] >> bit : 0
        let high = bit > 0 && word + 1 < words.count ? words[word + 1] << (64 - bit) : 0
        let value = (low | high) & mask
        guard value <= most else { throw .slotOverflow }
        sums.append(Int(value) - offset)
      }
    }
    return sums
  }
}
