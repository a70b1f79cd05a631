extension ConfigurationNode {
  /// The value as one line of YAML, in the order written: `[dense: classes, relu]`.
  ///
  /// For help and messages; what identifies a value is ``canonicalJSON``.
  public var flowText: String {
    switch value {
    case .null, .boolean, .integer, .number: return canonicalJSON
    case .text(let text):
      if isPlain(text) { return text }
      var quoted = ""
      Self.writeQuoted(text, to: &quoted)
      return quoted
    case .list(let items):
      return "[" + items.map(\.flowItem).joined(separator: ", ") + "]"
    case .map: return "{" + flowPairs + "}"
    }
  }

  /// In a list, a mapping of one key needs no braces.
  private var flowItem: String { entries?.count == 1 ? flowPairs : flowText }

  private var flowPairs: String {
    (entries ?? []).map { "\(ConfigurationNode(.text($0.key)).flowText): \($0.node.flowText)" }
      .joined(separator: ", ")
  }

  /// Whether YAML reads `text` without quotes as that text.
  private func isPlain(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, first.properties.isAlphabetic else { return false }
    let words = ["true", "false", "null", "True", "False", "Null", "TRUE", "FALSE", "NULL"]
    return !words.contains(text)
      && text.unicodeScalars.allSatisfy {
        $0.isASCII
          && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
            || "-_.".unicodeScalars.contains($0))
      }
  }
}
