import Components

/// A component with a parameter of every kind a configuration may set.
struct Sample: Component {
  enum Mode: String, Codable, CaseIterable { case fast, exact, halfway }

  struct Schedule: Codable, Hashable {
    var warmUp = 5
    var decay: Double? = nil
    var inner = Inner()

    struct Inner: Codable, Hashable { var factor = 0.5 }
  }

  struct Parameters: Codable, Hashable, Sendable {
    var batchSize = 32
    var learningRate = 0.1
    var clip: Float = 0.1
    var nesterov = false
    var label = "plain"
    var mode = Mode.fast
    var hidden = [200, 200]
    var target: Int? = nil
    var limit: Int? = 7
    var schedule = Schedule()
    var weights: [String: Double] = ["aB": 1]
    var base = ConfigurationNode(.text("mean"))
  }

  static let card = Card(name: "sample", summary: "Has every kind of parameter.", revision: 4)
  static let defaults = Parameters()
  let parameters: Parameters

  init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check("batch-size", parameters.batchSize > 0, "must be at least 1", got: parameters.batchSize)
    check("clip", parameters.clip > 0, "must be greater than 0", got: parameters.clip)
    try check.finish()
    self.parameters = parameters
  }
}

struct Other: Component {
  static let card = Card(name: "other-one", summary: "Has no parameters.")
  init(_ parameters: NoParameters) {}
}

extension Role {
  static let part = Role(rawValue: "part")
}

/// A mapping in the order written, with a made-up place for each key: line of its index, column 1,
/// the value at column 10.
func map(_ entries: KeyValuePairs<String, ConfigurationNode>) -> ConfigurationNode {
  ConfigurationNode(
    .map(
      entries.enumerated().map { index, pair in
        var node = pair.value
        if node.position == nil { node.position = place(index + 1, 10) }
        return .init(key: pair.key, keyPosition: place(index + 1, 1), node: node)
      }))
}

func place(_ line: Int, _ column: Int) -> SourcePosition {
  SourcePosition(file: "x", line: line, column: column)
}

extension ConfigurationNode: ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByNilLiteral
{
  init(integerLiteral value: Int) { self.init(.integer(value)) }
  init(floatLiteral value: Double) { self.init(.number(value)) }
  init(stringLiteral value: String) { self.init(.text(value)) }
  init(booleanLiteral value: Bool) { self.init(.boolean(value)) }
  init(arrayLiteral elements: ConfigurationNode...) { self.init(.list(elements)) }
  init(nilLiteral: ()) { self.init(.null) }
}
