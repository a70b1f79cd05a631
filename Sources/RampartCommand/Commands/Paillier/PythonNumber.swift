internal import Foundation
internal import Paillier

/// Numbers as Python reads and writes them, so that scripts find what `pheutil` would print.
package enum PythonNumber {
  /// What Python's `float` reads: decimal digits, blanks around them, underscores between digits;
  /// nil for anything else. Infinity where a number is too large, and for its names.
  package static func value(of text: String) -> Double? {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard trimmed.utf8.allSatisfy({ !"xXpP()".utf8.contains($0) }) else { return nil }
    let parts = trimmed.split(separator: "_", omittingEmptySubsequences: false)
    for (left, right) in zip(parts, parts.dropFirst()) {
      guard isDigit(left.utf8.last), isDigit(right.utf8.first) else { return nil }
    }
    return Double(parts.joined())
  }

  /// What Python prints: of a double the shortest digits that read back the same, with an exponent
  /// below 1e-4 and from 1e16 on.
  static func text(of number: PlainNumber) -> String {
    switch number {
    case .integer(let value): "\(value)"
    case .real(let value): text(of: value)
    }
  }

  /// What Python prints of a double.
  package static func text(of value: Double) -> String {
    // Swift's digits are the same; where it writes an exponent is not.
    let parts = "\(value.magnitude)".split(separator: "e")
    let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    var digits = Array(halves.joined())
    let leading = digits.prefix { $0 == "0" }.count
    guard leading < digits.count else { return "0.0" }
    digits.removeFirst(leading)
    while digits.count > 1, digits.last == "0" { digits.removeLast() }
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    // How many digits stand before the point.
    let point = halves[0].count + exponent - leading
    let sign = value < 0 ? "-" : ""
    func text(_ digits: some Sequence<Character>) -> String { String(Array(digits)) }
    func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
    guard (-3...16).contains(point) else {
      let fraction = digits.count > 1 ? "." + text(digits.dropFirst()) : ""
      let power = point - 1
      let size = power.magnitude < 10 ? "0\(power.magnitude)" : "\(power.magnitude)"
      return "\(sign)\(digits[0])\(fraction)e\(power < 0 ? "-" : "+")\(size)"
    }
    if point <= 0 { return "\(sign)0.\(zeros(-point))\(text(digits))" }
    if point >= digits.count { return "\(sign)\(text(digits))\(zeros(point - digits.count)).0" }
    return "\(sign)\(text(digits.prefix(point))).\(text(digits.dropFirst(point)))"
  }

  private static func isDigit(_ character: UInt8?) -> Bool {
    character.map { (48...57).contains($0) } ?? false
  }
}
