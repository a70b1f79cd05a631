/// Numbers as text, the same on every machine.
enum Numbers {
  /// `value` with `digits` decimals; halves go away from zero, and there is no negative zero.
  static func fixed(_ value: Double, digits: Int, minus: String = "\u{2212}") -> String {
    var power = 1.0
    for _ in 0..<digits { power *= 10 }
    let scaled = (abs(value) * power).rounded()
    guard scaled < 1e15 else { return "\(value)" }
    let whole = UInt64(scaled)
    let unit = UInt64(power)
    var text = "\(whole / unit)"
    if digits > 0 {
      let fraction = "\(whole % unit)"
      text += "." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
    return value < 0 && whole > 0 ? minus + text : text
  }

  /// A fraction of 1 in percent, or a difference of such in points: `0.934` is `93.4`.
  static func percent(_ fraction: Double) -> String { fixed(fraction * 100, digits: 1) }

  /// A number of bytes in the unit that suits it: `1.3 MB`.
  static func bytes(_ count: Int) -> String {
    var value = Double(count)
    for unit in ["B", "kB", "MB", "GB"] {
      if value < 1000 { return "\(fixed(value, digits: unit == "B" ? 0 : 1)) \(unit)" }
      value /= 1000
    }
    return "\(fixed(value, digits: 1)) TB"
  }

  /// The unit that suits a number of bytes, as `bytes` has it: how many they are, and its name.
  static func byteUnit(_ count: Double) -> (scale: Double, name: String) {
    var scale = 1.0
    for unit in ["B", "kB", "MB", "GB"] {
      if count < 1000 * scale { return (scale, unit) }
      scale *= 1000
    }
    return (scale, "TB")
  }

  /// Seconds in the unit that suits them: `42 s`, `3.5 min`, `1.2 h`.
  static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<10: "\(fixed(seconds, digits: 1)) s"
    case ..<120: "\(fixed(seconds, digits: 0)) s"
    case ..<7200: "\(fixed(seconds / 60, digits: 1)) min"
    default: "\(fixed(seconds / 3600, digits: 1)) h"
    }
  }

  /// `1 seed`, `5 seeds`.
  static func count(_ number: Int, _ noun: String, _ several: String? = nil) -> String {
    "\(number) \(number == 1 ? noun : several ?? noun + "s")"
  }
}

extension Sequence<String> {
  /// `a`, `a and b`, `a, b and c`.
  func list(_ conjunction: String = "and") -> String {
    let items = Array(self)
    guard let last = items.last else { return "" }
    if items.count == 1 { return last }
    return items.dropLast().joined(separator: ", ") + " \(conjunction) " + last
  }
}
