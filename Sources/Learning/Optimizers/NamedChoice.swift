import Components

/// One of a few named things with parameters, as experiments write it: `cosine`, or
/// `cosine: {length: 50}`.
struct NamedChoice {
  /// The name that was written, one of the known ones.
  let name: String
  /// What the choice is for, in messages: `optimizer`.
  private let kind: String
  private let patch: ConfigurationNode

  /// Reads a name or a name with parameters.
  ///
  /// - Throws: `ConfigurationError` for anything else, with the nearest known name.
  init(from decoder: any Decoder, kind: String, known: [String]) throws {
    let node = try ConfigurationNode(from: decoder)
    self.kind = kind
    let position: SourcePosition?
    if let text = node.text {
      (name, position, patch) = (text, node.position, ConfigurationNode(.null))
    } else if let entries = node.entries, entries.count == 1, let entry = entries.first {
      (name, position, patch) = (entry.key, entry.keyPosition ?? node.position, entry.node)
    } else {
      throw ConfigurationError(
        "\(kind): expected a name such as '\(known[0])' or a name with parameters such as "
          + "'\(known[known.count - 1]): {…}', got \(node.summary)", at: node.position)
    }
    guard known.contains(name) else {
      throw ConfigurationError(
        NearestName.message(unknown: kind, name, known: known.sorted()), at: position)
    }
  }

  /// The parameters in force: those written laid over `defaults`.
  func parameters<Parameters: Codable>(
    _ defaults: Parameters, validate: (Parameters, inout ParameterCheck) -> Void = { _, _ in }
  ) throws -> Parameters {
    try ParameterCoding.overlay(patch, on: defaults, owner: "\(kind) '\(name)'") {
      var check = ParameterCheck()
      validate($0, &check)
      try check.finish()
    }
  }

  /// Writes the name alone, or with its parameters.
  static func encode(
    _ name: String, _ parameters: (any Encodable)?, to encoder: any Encoder
  ) throws {
    if let parameters {
      var keyed = encoder.container(keyedBy: Key.self)
      try keyed.encode(parameters, forKey: Key(name))
    } else {
      var scalar = encoder.singleValueContainer()
      try scalar.encode(name)
    }
  }

  /// What a name without parameters takes.
  struct Nothing: Codable {}

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
