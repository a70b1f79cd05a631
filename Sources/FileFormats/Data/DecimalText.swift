/// Numbers written in decimal, read from the bytes of a text without making a `String` of each.
package enum DecimalText {
  /// The double-precision number nearest to what `bytes` write in `range`; nil if that is no number.
  ///
  /// A sign, digits with or without a point, an exponent; spaces around it; also `nan`, `inf` and
  /// `infinity` in any case. A number beyond double precision is infinite.
  package static func number(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
    var (offset, end) = (range.lowerBound, range.upperBound)
    while offset < end, isSpace(bytes[offset]) { offset += 1 }
    while offset < end, isSpace(bytes[end - 1]) { end -= 1 }
    let start = offset
    var isNegative = false
    if offset < end, bytes[offset] == UInt8(ascii: "-") || bytes[offset] == UInt8(ascii: "+") {
      isNegative = bytes[offset] == UInt8(ascii: "-")
      offset += 1
    }
    guard offset < end else { return nil }
    guard bytes[offset] <= UInt8(ascii: "9") else {
      return word(bytes, offset..<end).map { isNegative ? -$0 : $0 }
    }
    var (mantissa, exponent, digits) = (0 as UInt64, 0, 0)
    var isExact = true
    func take(_ digit: UInt8) {
      digits += 1
      if mantissa < 1 << 59 {
        mantissa = mantissa * 10 + UInt64(digit)
      } else {
        isExact = false
      }
    }
    while offset < end, isDigit(bytes[offset]) {
      take(bytes[offset] & 15)
      offset += 1
    }
    if offset < end, bytes[offset] == UInt8(ascii: ".") {
      offset += 1
      while offset < end, isDigit(bytes[offset]) {
        take(bytes[offset] & 15)
        exponent -= 1
        offset += 1
      }
    }
    guard digits > 0 else { return nil }
    if offset < end, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      guard let written = self.exponent(bytes, (offset + 1)..<end) else { return nil }
      exponent += written
      offset = end
    }
    guard offset == end else { return nil }
    // Both factors are exact and so their product or quotient is rounded once (Clinger, PLDI 1990).
    if isExact, mantissa <= 1 << 53, abs(exponent) <= 22 {
      let power = powers[abs(exponent)]
      let value = exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
      return isNegative ? -value : value
    }
    return Double(String(decoding: bytes[start..<end], as: UTF8.self))
  }

  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// An optional sign and digits, cut off at a magnitude that no number needs.
  private static func exponent(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    var offset = range.lowerBound
    guard offset < range.upperBound else { return nil }
    let isNegative = bytes[offset] == UInt8(ascii: "-")
    if isNegative || bytes[offset] == UInt8(ascii: "+") { offset += 1 }
    guard offset < range.upperBound else { return nil }
    var value = 0
    while offset < range.upperBound {
      guard isDigit(bytes[offset]) else { return nil }
      value = min(value * 10 + Int(bytes[offset] & 15), 1 << 40)
      offset += 1
    }
    return isNegative ? -value : value
  }

  private static func word(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
    guard range.count <= 8 else { return nil }
    switch String(decoding: bytes[range], as: UTF8.self).lowercased() {
    case "nan": return .nan
    case "inf", "infinity": return .infinity
    default: return nil
    }
  }
}
