internal import Components

/// A JSON value whose keys keep the order they are written in.
indirect enum JSONText: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  case null
  case boolean(Bool)
  case integer(Int)
  case seed(UInt64)
  case number(Double)
  case text(String)
  case list([JSONText])
  case object([(String, JSONText)])

  init(stringLiteral value: String) { self = .text(value) }
  init(integerLiteral value: Int) { self = .integer(value) }

  /// The text, or null.
  static func text(ifAny text: String?) -> JSONText { text.map { .text($0) } ?? .null }
  /// The number, or null.
  static func number(ifAny number: Double?) -> JSONText { number.map { .number($0) } ?? .null }

  /// The number, or null.
  static func integer(ifAny number: Int?) -> JSONText { number.map { .integer($0) } ?? .null }

  /// The text of this value; objects and lists down to `depth` have a line for each member.
  func encoded(depth: Int, indent: String = "") -> String {
    switch self {
    case .null: return "null"
    case .boolean(let flag): return flag ? "true" : "false"
    case .integer(let number): return "\(number)"
    case .seed(let number): return "\(number)"
    case .number(let number): return number.isFinite ? "\(number)" : "null"
    case .text(let text): return Self.quoted(text)
    case .list(let items):
      return Self.enclosed(items.map { ("", $0) }, "[", "]", depth: depth, indent: indent)
    case .object(let members):
      let named = members.map { ("\(Self.quoted($0)): ", $1) }
      return Self.enclosed(named, "{", "}", depth: depth, indent: indent)
    }
  }

  private static func enclosed(
    _ members: [(String, JSONText)], _ open: String, _ close: String, depth: Int, indent: String
  ) -> String {
    if members.isEmpty { return open + close }
    let inner = indent + "  "
    let texts = members.map { $0 + $1.encoded(depth: depth - 1, indent: inner) }
    if depth <= 0 { return open + texts.joined(separator: ", ") + close }
    return "\(open)\n\(inner)" + texts.joined(separator: ",\n\(inner)") + "\n\(indent)\(close)"
  }

  private static func quoted(_ text: String) -> String {
    var out = ""
    ConfigurationNode.writeQuoted(text, to: &out)
    return out
  }
}
