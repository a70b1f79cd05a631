/// Which text stands on which background in a page: the colours of its style sheet, by name, worked
/// out for every element as a browser would.
///
/// Knows what the sheet uses: lists of selectors with names, classes, `:first-child` and both
/// combinators, specificity, inheritance, gradients (every stop may lie behind a letter). Rules of
/// every medium count. A selector or a colour it does not know is an error, never skipped, except
/// for states (`:hover`, `:focus`) and generated content, which Chromium judges.
struct PageColours {
  struct Unknown: Error { var what: String }

  /// Text on a background.
  struct Pair: Hashable {
    var front: String
    var back: String
  }

  private struct Part {
    var name = ""
    var classes: [String] = []
    var isFirst = false
    var isChild = false
  }

  private struct Rule {
    var parts: [Part]
    var declarations: [String: [String]]
    var weight: [Int]
  }

  private let page: PageReader
  private let classes: [Set<String>]
  private var rules: [Rule] = []

  init(_ page: PageReader, sheet: String) throws {
    self.page = page
    classes = page.elements.map { element in
      Set((element.attributes["class"] ?? "").split(separator: " ").map(String.init))
    }
    // Within a medium rules look the same: only its own braces go.
    for piece in sheet.split(separator: "}") {
      guard let brace = piece.lastIndex(of: "{") else { continue }
      let declarations = try Self.declarations(piece[piece.index(after: brace)...])
      if declarations.isEmpty { continue }
      let start = piece[..<brace].lastIndex(of: "{").map { piece.index(after: $0) }
      for selector in piece[(start ?? piece.startIndex)..<brace].split(separator: ",") {
        let text = selector.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if [":root", "html"].contains(text) || text.contains(":hover") || text.contains(":focus")
          || text.contains("::")
        {
          continue
        }
        let parts = try Self.parts(text)
        let weight = [
          parts.reduce(0) { $0 + $1.classes.count + ($1.isFirst ? 1 : 0) },
          parts.count { !$0.name.isEmpty && $0.name != "*" }, rules.count,
        ]
        rules.append(Rule(parts: parts, declarations: declarations, weight: weight))
      }
    }
    rules.sort { $0.weight.lexicographicallyPrecedes($1.weight) }
  }

  /// The colours of text and backgrounds: `color: [ink]`, `background: [paper, panel]`.
  private static func declarations(_ text: Substring) throws -> [String: [String]] {
    var found: [String: [String]] = [:]
    for declaration in text.split(separator: ";") {
      let halves = declaration.split(separator: ":", maxSplits: 1)
      guard halves.count == 2 else { continue }
      let key = halves[0].filter { !$0.isWhitespace }
      guard ["color", "background", "background-color", "background-image", "fill"].contains(key)
      else { continue }
      let names = halves[1].matches(of: #/var\(--([a-z0-9]+)\)/#).map { String($0.1) }
      let word = halves[1].filter { !$0.isWhitespace }
      guard !names.isEmpty || ["inherit", "none"].contains(word) else {
        throw Unknown(what: String(declaration))
      }
      found[key.hasPrefix("background") ? "background" : key] = names.isEmpty ? [word] : names
    }
    return found
  }

  private static func parts(_ selector: String) throws -> [Part] {
    var parts: [Part] = []
    var isChild = false
    for word in selector.replacing(">", with: " > ").split(separator: " ") {
      if word == ">" {
        isChild = true
        continue
      }
      guard
        let match = word.wholeMatch(of: #/([a-z0-9*]*)((?:\.[a-z0-9-]+)*)(:first-child)?/#)
      else { throw Unknown(what: selector) }
      parts.append(
        Part(
          name: String(match.1), classes: match.2.split(separator: ".").map(String.init),
          isFirst: match.3 != nil, isChild: isChild))
      isChild = false
    }
    return parts
  }

  private func matches(_ element: Int, _ part: Part) -> Bool {
    (part.name.isEmpty || part.name == "*" || part.name == page.elements[element].name)
      && (!part.isFirst || page.elements[element].isFirst)
      && part.classes.allSatisfy(classes[element].contains)
  }

  private func matches(_ element: Int, _ parts: ArraySlice<Part>) -> Bool {
    guard let last = parts.last, matches(element, last) else { return parts.isEmpty }
    let rest = parts.dropLast()
    if rest.isEmpty { return true }
    var place = page.elements[element].parent
    while let above = place {
      if matches(above, rest) { return true }
      if last.isChild { return false }
      place = page.elements[above].parent
    }
    return false
  }

  /// Every pair that the page shows.
  func pairs() -> Set<Pair> {
    var pairs: Set<Pair> = []
    var colours: [String] = []
    var fills: [String] = []
    var backs: [[String]] = []
    for (place, element) in page.elements.enumerated() {
      var values: [String: [String]] = [:]
      for rule in rules where matches(place, rule.parts[...]) {
        values.merge(rule.declarations) { $1 }
      }
      func value(_ key: String, _ inherited: String?) -> String {
        guard let own = values[key]?.first, own != "inherit" else { return inherited ?? "black" }
        return own
      }
      let parent = element.parent
      colours.append(value("color", parent.map { colours[$0] }))
      fills.append(value("fill", parent.map { fills[$0] }))
      let own = values["background"].flatMap { $0 == ["none"] ? nil : $0 }
      backs.append(own ?? parent.map { backs[$0] } ?? ["white"])
      let hidden = ["style", "title", "desc", "head", "html"].contains(element.name)
      guard element.hasText, !hidden else { continue }
      let isDrawn = element.name == "text" || element.name == "tspan"
      for back in backs[place] {
        pairs.insert(Pair(front: isDrawn ? fills[place] : colours[place], back: back))
      }
    }
    return pairs
  }
}
