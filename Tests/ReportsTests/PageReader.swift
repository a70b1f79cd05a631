/// Reads a page as strictly as XML where HTML allows it: every element closed in order, every
/// attribute quoted, no stray `<`, `>` or `&`.
struct PageReader {
  struct Malformed: Error { var why: String }

  struct Element {
    var name: String
    var attributes: [String: String]
    /// The place of the element it stands in, among `elements`.
    var parent: Int?
    /// Whether it is the first element in that one.
    var isFirst = true
    /// Whether letters or figures stand in it, not in an element of its own.
    var hasText = false
  }

  var elements: [Element] = []

  private static let void: Set = ["meta", "br", "wbr"]
  private static let names = ["amp;", "lt;", "gt;", "quot;", "#39;"].map { Array($0.utf8) }
  private static let quote = UInt8(ascii: "\"")

  init(_ page: String) throws {
    let doctype = "<!doctype html>"
    guard page.hasPrefix(doctype) else { throw Malformed(why: "no doctype") }
    var rest = Array(page.utf8)[doctype.utf8.count...]
    var open: [Int] = []
    var parents: Set<Int> = []
    while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
      try Self.checkText(rest[..<start])
      if let last = open.last, rest[..<start].contains(where: { !Self.isBlank($0) }) {
        elements[last].hasText = true
      }
      guard let end = Self.end(of: rest[start...]) else { throw Malformed(why: "an open tag") }
      var tag = rest[(start + 1)..<end]
      rest = rest[(end + 1)...]
      if tag.first == UInt8(ascii: "/") {
        let name = Self.text(tag.dropFirst())
        guard let last = open.popLast(), elements[last].name == name else {
          throw Malformed(why: "</\(name)> closes another")
        }
        continue
      }
      let isClosed = tag.last == UInt8(ascii: "/")
      if isClosed { tag = tag.dropLast() }
      var element = try Self.element(tag)
      element.parent = open.last
      element.isFirst = open.last.map { parents.insert($0).inserted } ?? true
      elements.append(element)
      if isClosed || Self.void.contains(element.name) { continue }
      open.append(elements.count - 1)
      // A style sheet is not markup.
      if element.name == "style" { rest = rest.drop { $0 != UInt8(ascii: "<") } }
    }
    try Self.checkText(rest)
    if !open.isEmpty { throw Malformed(why: "never closed: \(open.map { elements[$0].name })") }
  }

  private static func text(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: Array(bytes), as: UTF8.self)
  }

  private static func end(of tag: ArraySlice<UInt8>) -> Int? {
    var quoted = false
    return tag.indices.first { index in
      if tag[index] == quote { quoted.toggle() }
      return tag[index] == UInt8(ascii: ">") && !quoted
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A }

  private static func element(_ tag: ArraySlice<UInt8>) throws -> Element {
    let name = text(tag.prefix { !isBlank($0) })
    guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber }) else {
      throw Malformed(why: "a stray <, before \(name)")
    }
    var attributes: [String: String] = [:]
    var rest = tag.dropFirst(name.utf8.count)
    while let start = rest.firstIndex(where: { !isBlank($0) }) {
      rest = rest[start...]
      let key = text(rest.prefix { $0 != UInt8(ascii: "=") })
      rest = rest.dropFirst(key.utf8.count + 1)
      guard rest.first == quote, key.allSatisfy({ $0.isLetter || "-:".contains($0) }),
        let end = rest.dropFirst().firstIndex(of: quote)
      else { throw Malformed(why: "the attribute \(key) of <\(name)>") }
      let value = rest[(rest.startIndex + 1)..<end]
      if value.contains(UInt8(ascii: "<")) { throw Malformed(why: "a < in \(key)") }
      try checkText(value)
      guard attributes.updateValue(text(value), forKey: key) == nil else {
        throw Malformed(why: "\(key) twice in <\(name)>")
      }
      rest = rest[(end + 1)...]
    }
    return Element(name: name, attributes: attributes)
  }

  private static func checkText(_ bytes: ArraySlice<UInt8>) throws {
    for index in bytes.indices {
      if bytes[index] == UInt8(ascii: ">") { throw Malformed(why: "a stray > in \(text(bytes))") }
      if bytes[index] == UInt8(ascii: "&"),
        !names.contains(where: { bytes[(index + 1)...].starts(with: $0) })
      {
        throw Malformed(why: "a stray & in \(text(bytes))")
      }
    }
  }

  /// Values of `attribute` over all elements.
  func values(_ attribute: String) -> [String] { elements.compactMap { $0.attributes[attribute] } }
}
