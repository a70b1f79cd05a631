internal import Components

/// What a scalar means: the core schema of YAML 1.2 (section 10.3.2).
///
/// A quoted scalar is always text. A plain one is null (`null`, `~`, nothing), `true` or `false`, a
/// whole number (decimal, `0o17`, `0x1F`), a number (`1.5`, `1e3`, `.inf`, `.nan`), or else text;
/// `yes`, `no`, `on`, `off`, `1_000` and `12:30` are text.
enum CoreSchema {
  /// Why a scalar has no value.
  struct Refusal: Error {
    var message: String
  }

  /// The value of `scalar`.
  static func value(of scalar: LibYAML.Scalar) throws(Refusal) -> ConfigurationNode.Value {
    guard let tag = scalar.tag else {
      return scalar.isPlain ? try plain(scalar.text) : .text(scalar.text)
    }
    let text = scalar.text
    switch tag {
    case "!", prefix + "str": return .text(text)
    case prefix + "null":
      if case .null = try plain(text) { return .null }
      throw Refusal(message: "'\(text)' is not null, as its tag !!null says")
    case prefix + "bool":
      if case .boolean(let flag) = try plain(text) { return .boolean(flag) }
      throw Refusal(message: "'\(text)' is neither true nor false, as its tag !!bool says")
    case prefix + "int":
      if case .integer(let number) = try plain(text) { return .integer(number) }
      throw Refusal(message: "'\(text)' is not a whole number, as its tag !!int says")
    case prefix + "float":
      switch try plain(text) {
      case .integer(let number): return .number(Double(number))
      case .number(let number): return .number(number)
      default: throw Refusal(message: "'\(text)' is not a number, as its tag !!float says")
      }
    default: throw Refusal(message: unknownTag(tag))
    }
  }

  /// Checks the tag of a list (`seq`) or a mapping (`map`).
  static func checkCollection(tag: String?, kind: String) throws(Refusal) {
    guard let tag, tag != "!", tag != prefix + kind else { return }
    throw Refusal(message: unknownTag(tag))
  }

  /// The value of a scalar written without quotes or tag.
  static func plain(_ text: String) throws(Refusal) -> ConfigurationNode.Value {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .boolean(true)
    case "false", "False", "FALSE": return .boolean(false)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
    case ".nan", ".NaN", ".NAN": return .number(.nan)
    default: break
    }
    switch shape(of: Array(text.utf8)) {
    case .text: return .text(text)
    case .whole(let digits, let radix):
      if let number = Int(digits, radix: radix) { return .integer(number) }
      throw Refusal(
        message: "\(text) does not fit a whole number (\(Int.min) to \(Int.max)); "
          + "write it with a fraction if its last digits do not matter, or quote it")
    case .number:
      guard let number = Double(text) else { return .text(text) }
      if number.isFinite { return .number(number) }
      throw Refusal(message: "\(text) does not fit a number; write .inf if infinity is meant")
    }
  }

  private static let prefix = "tag:yaml.org,2002:"

  private static func unknownTag(_ tag: String) -> String {
    let short = tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
    return "unknown tag '\(short)'; "
      + "known: !!str, !!int, !!float, !!bool, !!null, !!seq, !!map, or write none"
  }

  private enum Shape {
    case text
    case whole(digits: String, radix: Int)
    case number
  }

  /// `[-+]?[0-9]+`, `0o[0-7]+`, `0x[0-9a-fA-F]+`, or
  /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
  private static func shape(of utf8: [UInt8]) -> Shape {
    func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    guard let first = utf8.first, isDigit(first) || first == 0x2B || first == 0x2D || first == 0x2E
    else { return .text }

    if utf8.count > 2, first == 0x30, utf8[1] == 0x6F || utf8[1] == 0x78 {
      let digits = utf8[2...]
      let isOctal = utf8[1] == 0x6F
      let fits = digits.allSatisfy { byte in
        isOctal
          ? byte >= 0x30 && byte <= 0x37
          : isDigit(byte) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x66)
      }
      return fits
        ? .whole(digits: String(decoding: digits, as: UTF8.self), radix: isOctal ? 8 : 16) : .text
    }

    var index = first == 0x2B || first == 0x2D ? 1 : 0
    func digits() -> Int {
      let start = index
      while index < utf8.count, isDigit(utf8[index]) { index += 1 }
      return index - start
    }
    let wholeDigits = digits()
    if index == utf8.count {
      return wholeDigits > 0
        ? .whole(digits: String(decoding: utf8, as: UTF8.self), radix: 10) : .text
    }
    var fractionDigits = 0
    if utf8[index] == 0x2E {
      index += 1
      fractionDigits = digits()
    }
    guard wholeDigits + fractionDigits > 0 else { return .text }
    if index < utf8.count {
      guard utf8[index] | 0x20 == 0x65 else { return .text }
      index += 1
      if index < utf8.count, utf8[index] == 0x2B || utf8[index] == 0x2D { index += 1 }
      guard digits() > 0, index == utf8.count else { return .text }
    }
    return .number
  }
}
