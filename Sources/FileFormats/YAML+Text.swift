public import Components

extension YAML {
  /// Block YAML that parses back to an equal node.
  ///
  ///     attack:
  ///       - alie
  ///       - ipm:
  ///           epsilon: 0.5
  ///
  /// Keys keep their order; text is quoted only where it would read as something else.
  public static func text(of node: ConfigurationNode) -> String {
    var out = ""
    write(node, indent: 0, to: &out)
    return out
  }

  /// Writes `node` from the current column on, with a line break at its end.
  private static func write(_ node: ConfigurationNode, indent: Int, to out: inout String) {
    switch node.value {
    case .list(let items) where !items.isEmpty:
      for (index, item) in items.enumerated() {
        if index > 0 { pad(indent, to: &out) }
        out += "- "
        write(item, indent: indent + 2, to: &out)
      }
    case .map(let entries) where !entries.isEmpty:
      for (index, entry) in entries.enumerated() {
        if index > 0 { pad(indent, to: &out) }
        writeKey(entry.key, indent: indent, to: &out)
        if isBlock(entry.node) {
          out += "\n"
          pad(indent + 2, to: &out)
        } else {
          out += " "
        }
        write(entry.node, indent: indent + 2, to: &out)
      }
    default: out += scalar(node.value) + "\n"
    }
  }

  private static func isBlock(_ node: ConfigurationNode) -> Bool {
    switch node.value {
    case .list(let items): !items.isEmpty
    case .map(let entries): !entries.isEmpty
    default: false
    }
  }

  private static func pad(_ count: Int, to out: inout String) {
    out += String(repeating: " ", count: count)
  }

  /// A key and its colon; YAML wants the explicit form for keys above 1,024 characters.
  private static func writeKey(_ key: String, indent: Int, to out: inout String) {
    let word = text(of: key)
    if word.unicodeScalars.count > 1000 {
      out += "? \(word)\n"
      pad(indent, to: &out)
      out += ":"
    } else {
      out += "\(word):"
    }
  }

  private static func scalar(_ value: ConfigurationNode.Value) -> String {
    switch value {
    case .null: "null"
    case .boolean(let flag): flag ? "true" : "false"
    case .integer(let number): "\(number)"
    case .number(let number) where number.isNaN: ".nan"
    case .number(let number) where number.isInfinite: number > 0 ? ".inf" : "-.inf"
    case .number(let number): "\(number)"
    case .text(let text): Self.text(of: text)
    case .list: "[]"
    case .map: "{}"
    }
  }

  /// Plain if every reader of YAML sees a word in it, else in double quotes.
  private static func text(of text: String) -> String {
    let isWord = text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true  // 0-9 A-Z a-z
      case 0x2D, 0x2E, 0x2F, 0x5F: true  // - . / _
      default: false
      }
    }
    // YAML 1.1 reads these as truth values, and still lives in many tools.
    let isLegacyFlag = ["y", "n", "yes", "no", "on", "off"].contains(text.lowercased())
    if isWord, !isLegacyFlag, text.first?.isLetter == true,
      case .text? = try? CoreSchema.plain(text)
    {
      return text
    }
    return quoted(text)
  }

  private static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22: out += "\\\""
      case 0x5C: out += "\\\\"
      case 0x09: out += "\\t"
      case 0x0A: out += "\\n"
      case 0x0D: out += "\\r"
      case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
        0x1_0000...0x10_FFFF:
        out.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return out + "\""
  }
}
