internal import Components

/// Builds the tree of one document from libyaml's events.
///
/// Mistakes that leave the structure readable (duplicate keys, unknown anchors, numbers out of
/// range) are collected and reported together with the syntax error that ends the reading, if one
/// does.
struct YAMLComposer {
  /// A finished value with what it costs once aliases are written out.
  private struct Composed {
    var node: ConfigurationNode
    var cost: Int
    var depth: Int
  }

  /// What is known of an anchor: its value, or that the value is still being read.
  private enum Anchor {
    case open
    case done(Composed)
  }

  /// The document cannot be read further; the reason is among the issues.
  private struct Stop: Error {}

  private let parser: LibYAML.Parser
  private let file: String
  private let limits: YAML.Limits
  private let describe: (LibYAML.Problem) -> ConfigurationIssue
  private var issues = IssueCollector()
  private var anchors: [String: Anchor] = [:]
  private var spent = 0

  /// A composer of `utf8`; `describe` words libyaml's problems.
  init(
    _ utf8: [UInt8], file: String, limits: YAML.Limits,
    describe: @escaping (LibYAML.Problem) -> ConfigurationIssue
  ) throws(ConfigurationError) {
    do {
      parser = try LibYAML.Parser(utf8)
    } catch {
      throw ConfigurationError([describe(error)])
    }
    self.file = file
    self.limits = limits
    self.describe = describe
  }

  /// The document's value; null at the first character for an empty text.
  mutating func document() throws(ConfigurationError) -> ConfigurationNode {
    var root = ConfigurationNode(.null, at: SourcePosition(file: file, line: 1, column: 1))
    do {
      var documents = 0
      reading: while true {
        let (event, place) = try next()
        switch event {
        case .streamStart, .documentEnd: break
        case .streamEnd: break reading
        case .documentStart:
          documents += 1
          if documents > 1 {
            try stop("a second document starts here; a file holds one document", at: place)
          }
        default: root = try compose(event, at: place, depth: 1).node
        }
      }
    } catch {}
    try issues.finish()
    return root
  }

  private mutating func next() throws(Stop) -> (event: LibYAML.Event, place: LibYAML.Place) {
    do {
      return try parser.next()
    } catch {
      let issue = describe(error)
      issues.add(issue.message, at: issue.position)
      throw Stop()
    }
  }

  private mutating func stop(_ message: String, at place: LibYAML.Place) throws(Stop) {
    issues.add(message, at: position(place))
    throw Stop()
  }

  private func position(_ place: LibYAML.Place) -> SourcePosition {
    SourcePosition(file: file, line: place.line, column: place.column)
  }

  private mutating func compose(_ event: LibYAML.Event, at place: LibYAML.Place, depth: Int)
    throws(Stop) -> Composed
  {
    let anchor: String?
    let result: Composed
    switch event {
    case .scalar(let scalar, let name):
      anchor = name
      result = try self.scalar(scalar, at: place, depth: depth)
    case .listStart(let name, let tag):
      anchor = name
      if let name { anchors[name] = .open }
      check(tag, kind: "seq", at: place)
      result = try list(at: place, depth: depth)
    case .mapStart(let name, let tag):
      anchor = name
      if let name { anchors[name] = .open }
      check(tag, kind: "map", at: place)
      result = try map(at: place, depth: depth)
    case .alias(let name): return try alias(name, at: place, depth: depth)
    default: return leaf(.null, place)
    }
    if let anchor { anchors[anchor] = .done(result) }
    return result
  }

  private mutating func scalar(_ scalar: LibYAML.Scalar, at place: LibYAML.Place, depth: Int)
    throws(Stop) -> Composed
  {
    let cost = Self.cost(of: scalar.text)
    try spend(cost, depth: depth, at: place)
    do {
      return leaf(try CoreSchema.value(of: scalar), place, cost: cost)
    } catch {
      issues.add(error.message, at: position(place))
      return leaf(.null, place)
    }
  }

  private mutating func alias(_ name: String, at place: LibYAML.Place, depth: Int)
    throws(Stop) -> Composed
  {
    switch anchors[name] {
    case .done(var known):
      try spend(known.cost, depth: depth + known.depth - 1, at: place)
      known.node.position = position(place)
      return known
    case .open:
      issues.add("*\(name) stands inside the value it names", at: position(place))
    case nil:
      issues.add(
        "*\(name) names nothing: no &\(name) stands before it (quote a text that starts with *)",
        at: position(place))
    }
    return leaf(.null, place)
  }

  /// What a value costs: one, and a share for its text, so that repeating a long text by aliases
  /// costs as much as writing it.
  private static func cost(of text: String) -> Int { 1 + text.utf8.count / 16 }

  /// Adds up what was read, so that neither depth nor aliases of aliases can exhaust stack or
  /// memory, here or in whoever walks the tree.
  private mutating func spend(_ cost: Int, depth: Int, at place: LibYAML.Place) throws(Stop) {
    spent += cost
    if depth > limits.depth {
      try stop("nested more than \(limits.depth) levels deep", at: place)
    }
    if spent > limits.values {
      try stop("more than \(limits.values) values, aliases written out", at: place)
    }
  }

  private func leaf(_ value: ConfigurationNode.Value, _ place: LibYAML.Place, cost: Int = 1)
    -> Composed
  {
    Composed(node: ConfigurationNode(value, at: position(place)), cost: cost, depth: 1)
  }

  private mutating func check(_ tag: String?, kind: String, at place: LibYAML.Place) {
    do {
      try CoreSchema.checkCollection(tag: tag, kind: kind)
    } catch {
      issues.add(error.message, at: position(place))
    }
  }

  private mutating func list(at start: LibYAML.Place, depth: Int) throws(Stop) -> Composed {
    try spend(1, depth: depth, at: start)
    var items: [ConfigurationNode] = []
    var (total, deepest) = (1, 0)
    while true {
      let (event, place) = try next()
      if case .listEnd = event { break }
      let item = try compose(event, at: place, depth: depth + 1)
      items.append(item.node)
      (total, deepest) = (total + item.cost, max(deepest, item.depth))
    }
    let node = ConfigurationNode(.list(items), at: position(start))
    return Composed(node: node, cost: total, depth: deepest + 1)
  }

  private mutating func map(at start: LibYAML.Place, depth: Int) throws(Stop) -> Composed {
    try spend(1, depth: depth, at: start)
    var entries: [ConfigurationNode.Entry] = []
    var places: [String: LibYAML.Place] = [:]
    var (total, deepest) = (1, 0)
    while true {
      let (event, place) = try next()
      if case .mapEnd = event { break }
      let key = try self.key(event, at: place, depth: depth)
      let (valueEvent, valuePlace) = try next()
      let value = try compose(valueEvent, at: valuePlace, depth: depth + 1)
      (total, deepest) = (total + value.cost, max(deepest, value.depth))
      guard let key else { continue }
      if let first = places[key] {
        let message = "the key '\(key)' is written twice; first at \(position(first))"
        issues.add(message, at: position(place))
        continue
      }
      places[key] = place
      total += Self.cost(of: key)
      entries.append(.init(key: key, keyPosition: position(place), node: value.node))
    }
    let node = ConfigurationNode(.map(entries), at: position(start))
    return Composed(node: node, cost: total, depth: deepest + 1)
  }

  /// The text of a key; nil after noting that it is none.
  private mutating func key(_ event: LibYAML.Event, at place: LibYAML.Place, depth: Int)
    throws(Stop) -> String?
  {
    guard case .scalar(let scalar, let anchor) = event else {
      _ = try compose(event, at: place, depth: depth + 1)
      issues.add("a key must be a word, not a list, a mapping or an alias", at: position(place))
      return nil
    }
    if scalar.isPlain, scalar.text.isEmpty {
      issues.add("a key is missing here", at: position(place))
      return nil
    }
    if scalar.isPlain, scalar.text == "<<" {
      let message = "merge keys (<<) are not part of YAML 1.2; write the keys out"
      issues.add(message, at: position(place))
      return nil
    }
    try spend(Self.cost(of: scalar.text), depth: depth, at: place)
    if let anchor { anchors[anchor] = .done(leaf(.text(scalar.text), place)) }
    return scalar.text
  }
}
