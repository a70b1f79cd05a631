internal import Foundation

/// Turns parameters into configuration and a configuration patch into parameters.
///
/// Parameters are written with kebab-case keys. A patch is laid over the encoded defaults, so that
/// a key left out keeps its default, an unknown key is an error that names the nearest one, and
/// every wrong value is found in one pass: each key is first tried alone on the defaults.
public enum ParameterCoding {
  /// `parameters` as a mapping, keys in kebab case.
  public static func node<Parameters: Encodable>(of parameters: Parameters) throws
    -> ConfigurationNode
  {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .custom { path in
      Key(kebabCase(path.last?.stringValue ?? ""))
    }
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let data = try encoder.encode(parameters)
    return try JSONDecoder().decode(ConfigurationNode.self, from: data)
  }

  /// The defaults with `patch` laid over them.
  ///
  /// - Parameters:
  ///   - defaults: What a missing key means.
  ///   - patch: A mapping, or null for no change.
  ///   - owner: Whose parameters these are, for messages: `defense 'krum'`.
  /// - Throws: `ConfigurationError` with every unknown key and every value of a wrong type.
  public static func overlay<Parameters: Codable>(
    _ patch: ConfigurationNode, on defaults: Parameters, owner: String
  ) throws -> Parameters {
    let base = try node(of: defaults)
    let changes: [ConfigurationNode.Entry]
    switch patch.value {
    case .null: return defaults
    case .map(let entries): changes = entries
    default:
      throw ConfigurationError(
        "\(owner) takes parameters as a mapping {key: value}, got \(patch.summary)",
        at: patch.position)
    }
    var issues = IssueCollector()
    let known = base.entries?.map(\.key) ?? []
    for change in changes {
      guard known.contains(change.key) else {
        let hint =
          known.isEmpty
          ? "\(owner) has no parameters, so '\(change.key)' cannot be set"
          : NearestName.message(unknown: "parameter of \(owner)", change.key, known: known)
        issues.add(hint, at: change.keyPosition ?? change.node.position)
        continue
      }
      do {
        let single = ConfigurationNode(.map([change]))
        _ = try decode(Parameters.self, from: base.overlaid(with: single))
      } catch let error as DecodingError {
        issues.add(
          "\(owner): \(change.key): \(explain(error, got: change.node))",
          at: change.node.position ?? change.keyPosition)
      }
    }
    try issues.finish()
    return try decode(Parameters.self, from: base.overlaid(with: patch))
  }

  private static func decode<Parameters: Decodable>(
    _ type: Parameters.Type, from node: ConfigurationNode
  ) throws -> Parameters {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .custom { path in Key(camelCase(path.last?.stringValue ?? "")) }
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(type, from: Data(node.canonicalJSON.utf8))
  }

  private static func explain(_ error: DecodingError, got node: ConfigurationNode) -> String {
    let wanted: String
    switch error {
    case .typeMismatch(let type, _), .valueNotFound(let type, _): wanted = name(of: type)
    case .dataCorrupted(let context):
      if case .number = node.value { return "expected a whole number, got \(node.summary)" }
      return "\(context.debugDescription), got \(node.summary)"
    case .keyNotFound(let key, _): return "the key '\(kebabCase(key.stringValue))' is missing"
    @unknown default: return "got \(node.summary)"
    }
    return "expected \(wanted), got \(node.summary)"
  }

  private static func name(of type: Any.Type) -> String {
    if type == Int.self || type == UInt64.self || type == UInt.self { return "a whole number" }
    if type == Double.self || type == Float.self { return "a number" }
    if type == Bool.self { return "true or false" }
    if type == String.self { return "a word" }
    if "\(type)".hasPrefix("Array") { return "a list" }
    if "\(type)".hasPrefix("Dictionary") { return "a mapping" }
    return "\(type)"
  }

  /// `batchSize` as `batch-size`.
  public static func kebabCase(_ name: String) -> String {
    var out = ""
    for character in name {
      if character.isUppercase {
        if !out.isEmpty { out += "-" }
        out += character.lowercased()
      } else {
        out.append(character)
      }
    }
    return out
  }

  /// `batch-size` as `batchSize`.
  static func camelCase(_ name: String) -> String {
    let parts = name.split(separator: "-")
    guard let first = parts.first else { return name }
    return String(first)
      + parts.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
