public import Components

/// Reads JSON, and writes it for people; for the one text of a value see `ConfigurationNode.canonicalJSON`.
public enum JSON {
  /// `node` over several lines: keys in their order, two spaces a level, lists of scalars on one
  /// line. Numbers JSON lacks become the texts `inf`, `-inf` and `nan`. No line break at the end.
  public static func text(of node: ConfigurationNode) -> String {
    var out = ""
    write(node, indent: 0, to: &out)
    return out
  }

  private static func write(_ node: ConfigurationNode, indent: Int, to out: inout String) {
    let inner = String(repeating: " ", count: indent + 2)
    let outer = String(repeating: " ", count: indent)
    switch node.value {
    case .list(let items) where items.contains { isNested($0) }:
      out += "[\n"
      for (index, item) in items.enumerated() {
        out += inner
        write(item, indent: indent + 2, to: &out)
        out += index + 1 < items.count ? ",\n" : "\n"
      }
      out += "\(outer)]"
    case .list(let items): out += "[" + items.map(\.canonicalJSON).joined(separator: ", ") + "]"
    case .map(let entries) where !entries.isEmpty:
      out += "{\n"
      for (index, entry) in entries.enumerated() {
        out += inner
        ConfigurationNode.writeQuoted(entry.key, to: &out)
        out += ": "
        write(entry.node, indent: indent + 2, to: &out)
        out += index + 1 < entries.count ? ",\n" : "\n"
      }
      out += "\(outer)}"
    default: out += node.canonicalJSON
    }
  }

  private static func isNested(_ node: ConfigurationNode) -> Bool {
    switch node.value {
    case .list, .map: true
    default: false
    }
  }
}
