extension ParameterCoding {
  /// The defaults with `patch` laid over them.
  ///
  /// A key left out keeps its default, an unknown key is an error that names the nearest one, and
  /// every wrong value is found in one pass: each key is first tried alone on the defaults. If it is
  /// refused there, it is tried again with all the keys that are right alone: what one key allows
  /// another to be is no mistake. A mapping under a parameter that is a structure is a patch too;
  /// lists, dictionaries and nested configurations are replaced whole.
  ///
  /// - Parameters:
  ///   - patch: A mapping, or null for no change.
  ///   - defaults: What a missing key means.
  ///   - owner: Whose parameters these are, for messages: `defense 'krum'`.
  ///   - validate: Throws `ParameterError` for values out of range.
  /// - Throws: `ConfigurationError` with every unknown key, every value of a wrong type and every
  ///   value out of range.
  public static func overlay<Parameters: Codable>(
    _ patch: ConfigurationNode, on defaults: Parameters, owner: String,
    validate: (Parameters) throws -> Void = { _ in }
  ) throws -> Parameters {
    let entries: [ConfigurationNode.Entry]
    switch patch.value {
    case .null: return defaults
    case .map(let written): entries = written
    default:
      throw ConfigurationError(
        "\(owner) takes parameters as a mapping {key: value}, got \(patch.summary)",
        at: patch.position)
    }
    let base = try node(of: defaults)
    var issues = IssueCollector()
    let changes = changes(
      entries, base: base, defaults: defaults, path: [], owner: owner, issues: &issues)
    let verdicts = try changes.map {
      try verdict(on: $0, over: base, as: Parameters.self, validate)
    }
    let right = zip(changes, verdicts).filter { $0.1.isEmpty }.reduce(base) { $1.0.applied(to: $0) }
    for (change, alone) in zip(changes, verdicts) where !alone.isEmpty {
      for issue in try verdict(on: change, over: right, as: Parameters.self, validate) {
        issues.add("\(owner): \(issue.message)", at: issue.position)
      }
    }
    try issues.finish()
    let parameters = try decode(Parameters.self, from: changes.reduce(base) { $1.applied(to: $0) })
    do {
      try validate(parameters)
    } catch let error as ParameterError {
      throw ConfigurationError(
        error.problems.map { problem in
          let change = changes.first { $0.name == problem.key }
          return ConfigurationIssue(
            "\(owner): \(problem.key): \(problem.message)",
            at: change?.position ?? patch.position)
        })
    }
    return parameters
  }

  /// What is wrong with one value, laid over `base`.
  private static func verdict<Parameters: Decodable>(
    on change: Change, over base: ConfigurationNode, as type: Parameters.Type,
    _ validate: (Parameters) throws -> Void
  ) throws -> [ConfigurationIssue] {
    do {
      let parameters: Parameters
      do {
        parameters = try decode(type, from: change.applied(to: base))
      } catch let error as ConfigurationError {
        // A parameter that reads its own configuration knows better what is wrong and where.
        return error.issues.map {
          ConfigurationIssue($0.message, at: $0.position ?? change.position)
        }
      }
      try validate(parameters)
      return []
    } catch let error as DecodingError {
      let (message, position) = change.explain(error)
      return [ConfigurationIssue("\(change.name): \(message)", at: position)]
    } catch let error as ParameterError {
      return error.problems.filter { $0.key == change.name }
        .map { ConfigurationIssue("\($0.key): \($0.message)", at: change.position) }
    }
  }

  /// What a patch sets, structure by structure; unknown keys are noted.
  private static func changes(
    _ entries: [ConfigurationNode.Entry], base: ConfigurationNode, defaults: Any, path: [String],
    owner: String, issues: inout IssueCollector
  ) -> [Change] {
    let properties = properties(of: defaults)
    // An optional property that is nil has no key in the encoded defaults.
    let known = Set(base.entries?.map(\.key) ?? []).union(properties.keys).sorted()
    var changes: [Change] = []
    for entry in entries {
      let property = properties[entry.key]
      if !known.contains(entry.key) {
        let place = path.isEmpty ? "" : "in '\(path.joined(separator: "."))' "
        issues.add(
          known.isEmpty
            ? "\(owner) has no parameters, so '\(entry.key)' cannot be set"
            : NearestName.message(
              unknown: "parameter \(place)of \(owner)", entry.key, known: known),
          at: entry.keyPosition ?? entry.node.position)
      } else if let inner = entry.node.entries, let property, let nested = base[entry.key],
        isStructure(property, encodedAs: nested)
      {
        changes += Self.changes(
          inner, base: nested, defaults: property, path: path + [entry.key], owner: owner,
          issues: &issues)
      } else {
        changes.append(Change(path: path, entry: entry, defaultValue: property))
      }
    }
    return changes
  }

  /// The stored properties by the keys configurations use.
  private static func properties(of value: Any) -> [String: Any] {
    var properties: [String: Any] = [:]
    for child in Mirror(reflecting: unwrapped(value)).children {
      if let label = child.label { properties[kebabCase(label)] = child.value }
    }
    return properties
  }

  /// Whether the keys under which `value` is encoded are its properties.
  private static func isStructure(_ value: Any, encodedAs node: ConfigurationNode) -> Bool {
    let value = unwrapped(value)
    guard Mirror(reflecting: value).displayStyle == .struct, !(value is ConfigurationNode),
      let keys = node.entries?.map(\.key)
    else { return false }
    return properties(of: value).keys.count > 0
      && Set(keys).isSubset(of: properties(of: value).keys)
  }

  private static func unwrapped(_ value: Any) -> Any {
    let mirror = Mirror(reflecting: value)
    guard mirror.displayStyle == .optional, let inner = mirror.children.first else { return value }
    return inner.value
  }
}

/// One value that a patch sets, at any depth.
private struct Change {
  /// The keys of the structures around it.
  var path: [String]
  /// The key and its new value.
  var entry: ConfigurationNode.Entry
  /// The value it replaces.
  var defaultValue: Any?

  /// The keys with dots: `schedule.warm-up`.
  var name: String { (path + [entry.key]).joined(separator: ".") }

  /// Where the value was written.
  var position: SourcePosition? { entry.node.position ?? entry.keyPosition }

  /// `node` with this change.
  func applied(to node: ConfigurationNode) -> ConfigurationNode { applied(to: node, path[...]) }

  private func applied(to node: ConfigurationNode, _ path: ArraySlice<String>) -> ConfigurationNode
  {
    guard let key = path.first else { return node.overlaid(with: ConfigurationNode(.map([entry]))) }
    let inner = applied(to: node[key] ?? ConfigurationNode(.map([])), path.dropFirst())
    return node.overlaid(with: ConfigurationNode(.map([.init(key: key, node: inner)])))
  }

  /// What is wrong with the new value or a part of it, and where that stands.
  func explain(_ error: DecodingError) -> (String, SourcePosition?) {
    let wanted: String
    let codingPath: [any CodingKey]
    switch error {
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      let either = defaultValue.map { Swift.type(of: $0) } as? any WordOrNumber.Type
      wanted = "expected \(either?.possibilities ?? Self.name(of: type)), got "
      codingPath = context.codingPath
    case .keyNotFound(let key, let context):
      wanted = "the key '\(ParameterCoding.kebabCase(key.stringValue))' is missing in "
      codingPath = context.codingPath
    case .dataCorrupted(let context): (wanted, codingPath) = ("", context.codingPath)
    @unknown default: (wanted, codingPath) = ("", [])
    }
    let part = entry.node.descendant(codingPath.dropFirst(path.count + 1)) ?? entry.node
    let position = part.position ?? entry.node.position ?? entry.keyPosition
    return (wanted.isEmpty ? refusal(of: part) : wanted + part.summary, position)
  }

  /// Why a value of the right kind cannot be used.
  private func refusal(of part: ConfigurationNode) -> String {
    switch part.value {
    case .number: return "expected a whole number, got \(part.summary)"
    case .text(let word):
      let words = defaultValue.map { type(of: $0) } as? any CaseIterable.Type
      let known = words.map { Self.words(of: $0) } ?? []
      return known.isEmpty
        ? "'\(word)' is no value it can have"
        : NearestName.message(unknown: "value", word, known: known)
    default: return "\(part.summary) is no value it can have"
    }
  }

  private static func words<Cases: CaseIterable>(of type: Cases.Type) -> [String] {
    type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
  }

  private static func name(of type: Any.Type) -> String {
    if type is any FixedWidthInteger.Type { return "a whole number" }
    if type is any BinaryFloatingPoint.Type { return "a number" }
    if type == Bool.self { return "true or false" }
    if type == String.self { return "a word" }
    if "\(type)".hasPrefix("Array") { return "a list" }
    if "\(type)".hasPrefix("Dictionary") { return "a mapping" }
    return "\(type)"
  }
}
