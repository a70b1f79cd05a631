internal import Foundation

/// Turns parameters into configuration and a configuration patch into parameters.
///
/// Parameters are written with kebab-case keys; keys of dictionaries and of values that are
/// configurations themselves (`ConfigurationNode`) stay as they are.
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

  /// The parameters that `node` holds in full.
  static func decode<Parameters: Decodable>(
    _ type: Parameters.Type, from node: ConfigurationNode
  ) throws -> Parameters {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .custom { path in Key(camelCase(path.last?.stringValue ?? "")) }
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    if let source = ConfigurationNode.source { decoder.userInfo[source] = node }
    return try decoder.decode(type, from: Data(node.canonicalJSON.utf8))
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
