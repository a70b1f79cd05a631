extension ConfigurationNode {
  /// The one text of this value: JSON with sorted keys, no spaces, shortest round-trip numbers.
  ///
  /// Whole numbers lose their fraction (`1.0` is `1`), so that the same configuration written in
  /// two ways has one text and one hash. Values JSON cannot hold become the texts `inf`, `-inf`
  /// and `nan`.
  public var canonicalJSON: String {
    var out = ""
    write(to: &out)
    return out
  }

  private func write(to out: inout String) {
    switch value {
    case .null: out += "null"
    case .boolean(let flag): out += flag ? "true" : "false"
    case .integer(let number): out += "\(number)"
    case .number(let number): out += Self.text(of: number)
    case .text(let text): Self.writeQuoted(text, to: &out)
    case .list(let items):
      out += "["
      for (index, item) in items.enumerated() {
        if index > 0 { out += "," }
        item.write(to: &out)
      }
      out += "]"
    case .map(let entries):
      out += "{"
      for (index, entry) in entries.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { out += "," }
        Self.writeQuoted(entry.key, to: &out)
        out += ":"
        entry.node.write(to: &out)
      }
      out += "}"
    }
  }

  private static func text(of number: Double) -> String {
    if number.isNaN { return "\"nan\"" }
    if number.isInfinite { return number > 0 ? "\"inf\"" : "\"-inf\"" }
    if let whole = Int(exactly: number), abs(number) < 9_007_199_254_740_992 { return "\(whole)" }
    return "\(number)"
  }

  /// `text` as a JSON string, appended to `out`.
  public static func writeQuoted(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      default:
        if scalar.value < 0x20 {
          let hexadecimal = String(scalar.value, radix: 16)
          out += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
        } else {
          out.unicodeScalars.append(scalar)
        }
      }
    }
    out += "\""
  }
}

extension ConfigurationNode: Codable {
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Where a decoder's user information holds the tree that is being decoded.
  static let source = CodingUserInfoKey(rawValue: "source")

  /// The value that a decoder's path leads to; keys may be written in camel or kebab case.
  func descendant(_ path: some Collection<any CodingKey>) -> ConfigurationNode? {
    guard let key = path.first else { return self }
    let child: ConfigurationNode?
    switch value {
    case .map(let entries):
      let entry =
        entries.first { $0.key == key.stringValue }
        ?? entries.first { ParameterCoding.camelCase($0.key) == key.stringValue }
      child = entry?.node
    case .list(let items):
      child = key.intValue.flatMap { items.indices.contains($0) ? items[$0] : nil }
    default: child = nil
    }
    return child?.descendant(path.dropFirst())
  }

  /// Reads any value a decoder can offer; positions are kept only inside parameters.
  public init(from decoder: any Decoder) throws {
    // A configuration inside parameters is taken as it was written: the decoder would rename keys.
    if let key = Self.source, let root = decoder.userInfo[key] as? ConfigurationNode,
      let node = root.descendant(decoder.codingPath)
    {
      self = node
      return
    }
    if let keyed = try? decoder.container(keyedBy: Key.self) {
      let entries = try keyed.allKeys.map { key in
        Entry(key: key.stringValue, node: try keyed.decode(ConfigurationNode.self, forKey: key))
      }
      self.init(.map(entries.sorted { $0.key < $1.key }))
      return
    }
    if var list = try? decoder.unkeyedContainer() {
      var items: [ConfigurationNode] = []
      while !list.isAtEnd { items.append(try list.decode(ConfigurationNode.self)) }
      self.init(.list(items))
      return
    }
    let scalar = try decoder.singleValueContainer()
    if scalar.decodeNil() {
      self.init(.null)
    } else if let flag = try? scalar.decode(Bool.self) {
      self.init(.boolean(flag))
    } else if let whole = try? scalar.decode(Int.self) {
      self.init(.integer(whole))
    } else if let number = try? scalar.decode(Double.self) {
      self.init(.number(number))
    } else {
      self.init(.text(try scalar.decode(String.self)))
    }
  }

  /// Writes the value; positions are not written.
  public func encode(to encoder: any Encoder) throws {
    switch value {
    case .list(let items):
      var list = encoder.unkeyedContainer()
      for item in items { try list.encode(item) }
    case .map(let entries):
      var keyed = encoder.container(keyedBy: Key.self)
      for entry in entries { try keyed.encode(entry.node, forKey: Key(stringValue: entry.key)) }
    case .null:
      var scalar = encoder.singleValueContainer()
      try scalar.encodeNil()
    case .boolean(let flag):
      var scalar = encoder.singleValueContainer()
      try scalar.encode(flag)
    case .integer(let number):
      var scalar = encoder.singleValueContainer()
      try scalar.encode(number)
    case .number(let number):
      var scalar = encoder.singleValueContainer()
      try scalar.encode(number)
    case .text(let text):
      var scalar = encoder.singleValueContainer()
      try scalar.encode(text)
    }
  }
}
