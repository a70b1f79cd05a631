public import Components
public import Federation
public import Randomness
internal import Tensors

/// Every coordinate of every colluder's update is the same value: zero, not a number, infinity or
/// any number.
///
///     m_i = (value, value, …)
///
/// Zeros are the crash fault of a client that takes part without contributing: they slow the mean
/// down by (n-f)/n and no more. NaN and infinity reach every sum they enter: a server without a
/// finite check loses its model in one round; the round here excludes them and reports it.
///
/// Example: value 0.5 sends (0.5, 0.5, …).
///
/// Source: crash and arbitrary faults as Byzantine behaviour, Lamport, Shostak, Pease 1982; as attacks
/// in ByzFL (infinity) and FedML (zero).
public struct Constant: Corruption {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The value of every coordinate.
    public var value = Value.number(0)
  }

  /// The value of every coordinate.
  public enum Value: Codable, Hashable, Sendable, ExpressibleByFloatLiteral,
    ExpressibleByIntegerLiteral
  {
    /// Not a number.
    case nan
    /// Plus infinity.
    case infinity
    /// A finite number.
    case number(Double)

    /// `value: 0.5` in code.
    public init(floatLiteral value: Double) { self = .number(value) }

    /// `value: 3` in code.
    public init(integerLiteral value: Int) { self = .number(Double(value)) }

    /// Reads `zero`, `nan`, `infinity` or a number.
    public init(from decoder: any Decoder) throws {
      let scalar = try decoder.singleValueContainer()
      if let value = try? scalar.decode(Double.self) {
        self = value.isNaN ? .nan : value == .infinity ? .infinity : .number(value)
        return
      }
      switch try? scalar.decode(String.self) {
      case "zero": self = .number(0)
      case "nan": self = .nan
      case "infinity": self = .infinity
      default:
        throw DecodingError.typeMismatch(
          Double.self,
          .init(
            codingPath: decoder.codingPath,
            debugDescription: "expected a number, 'zero', 'nan' or 'infinity'"))
      }
    }

    /// Writes `nan`, `infinity` or the number.
    public func encode(to encoder: any Encoder) throws {
      var scalar = encoder.singleValueContainer()
      switch self {
      case .nan: try scalar.encode("nan")
      case .infinity: try scalar.encode("infinity")
      case .number(let value): try scalar.encode(value)
      }
    }

    /// As the coordinates have it.
    var float: Float {
      switch self {
      case .nan: .nan
      case .infinity: .infinity
      case .number(let value): Float(value)
      }
    }
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "constant",
    summary:
      "Every coordinate of the colluders' updates is one value: zero, nan, infinity, a number.",
    formula: "m_i = (value, value, …)",
    citation: "Lamport et al. 1982 (arbitrary faults)",
    control: .accuracyLoss().or(.displacement()),
    parameters: [
      .init("value", "of every coordinate", range: "zero, nan, infinity or a number")
    ])

  /// Zeros.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with `parameters.value`.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    if case .number(let value) = parameters.value {
      check(
        "value", value.magnitude <= Double(Float.greatestFiniteMagnitude),
        "must be zero, nan, infinity or a number that a 32-bit float holds", got: value)
    }
    try check.finish()
    self.parameters = parameters
  }

  /// The attack with this value.
  public init(value: Value) throws { try self.init(Parameters(value: value)) }

  /// The same vector for every colluder. O(d).
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) -> [CraftedUpdate] {
    let value = parameters.value.float
    let delta = Vector([Float](repeating: value, count: view.globalModel.count))
    return view.colluders.map { _ in CraftedUpdate(delta) }
  }
}
