/// A part that a researcher can name in an experiment: an attack, a defense, a model, a partition.
///
/// A component is one value type in one file. Its `Parameters` are what a configuration may set;
/// `defaults` is the value that a bare name stands for; a configuration is a patch on it. Validation
/// happens in `init` and nowhere else, and reports every bad parameter at once (`ParameterCheck`).
///
///     public struct TrimmedMean: Aggregator {
///       public struct Parameters: Codable, Hashable, Sendable { public var f = FaultBound.assumed }
///       public static let card = Card(name: "trimmed-mean", summary: "…", …)
///       public static let defaults = Parameters()
///       public let parameters: Parameters
///       public init(_ parameters: Parameters) throws { … }
///     }
///
/// Kinds refine this protocol with one verb each; they follow the position in the round that the
/// component acts at.
public protocol Component: Sendable {
  /// What a configuration may set. Keys are written in kebab case (`batchSize` is `batch-size`).
  associatedtype Parameters: Codable & Hashable & Sendable = NoParameters

  /// Name, meaning, source and promises.
  static var card: Card { get }
  /// The parameters a bare name stands for.
  static var defaults: Parameters { get }

  /// The parameters in force.
  var parameters: Parameters { get }
  /// A component with these parameters; throws `ParameterError` naming every one out of range.
  init(_ parameters: Parameters) throws
}

/// The parameters of a component that has none.
public struct NoParameters: Codable, Hashable, Sendable {
  /// The only value.
  public init() {}
}

extension Component where Parameters == NoParameters {
  /// The only value there is.
  public static var defaults: NoParameters { NoParameters() }
  /// The only value there is.
  public var parameters: NoParameters { NoParameters() }
}

/// Parameters that are out of their range, all of them.
public struct ParameterError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One parameter out of range.
  public struct Problem: Sendable, Hashable {
    /// The parameter's key as configurations write it.
    public var key: String
    /// What is wrong and what would work.
    public var message: String
  }

  /// The problems in the order they were checked.
  public var problems: [Problem]

  init(problems: [Problem]) { self.problems = problems }

  /// One problem with `key`, found by more than a look at its value.
  public init(_ key: String, _ message: String) {
    problems = [Problem(key: key, message: message)]
  }

  /// One line: `alpha: must be greater than 0, got -1; clients: …`.
  public var description: String {
    problems.map { "\($0.key): \($0.message)" }.joined(separator: "; ")
  }
}

/// Checks parameters and throws everything wrong at once.
///
///     var check = ParameterCheck()
///     check("alpha", parameters.alpha > 0, "must be greater than 0", got: parameters.alpha)
///     check.oneOrMore("clients", parameters.clients)
///     try check.finish()
public struct ParameterCheck: Sendable {
  private var problems: [ParameterError.Problem] = []

  /// No problem yet.
  public init() {}

  /// Notes a problem with `key` unless `condition` holds.
  public mutating func callAsFunction<Value>(
    _ key: String, _ condition: Bool, _ requirement: String, got value: Value
  ) {
    if !condition {
      problems.append(.init(key: key, message: "\(requirement), got \(value)"))
    }
  }

  /// Notes a number that is not finite or not greater than 0.
  public mutating func positive(_ key: String, _ value: Double) {
    self(key, value > 0 && value.isFinite, "must be a finite number greater than 0", got: value)
  }

  /// Notes a number that is not finite or below 0.
  public mutating func notNegative(_ key: String, _ value: Double) {
    self(key, value >= 0 && value.isFinite, "must be a finite number of 0 or more", got: value)
  }

  /// Notes a number outside of [0, 1).
  public mutating func belowOne(_ key: String, _ value: Double) {
    self(key, value >= 0 && value < 1, "must be in [0, 1)", got: value)
  }

  /// Notes a count below 1.
  public mutating func oneOrMore(_ key: String, _ value: Int) {
    self(key, value >= 1, "must be 1 or more", got: value)
  }

  /// Throws if anything was noted.
  public func finish() throws(ParameterError) {
    if !problems.isEmpty { throw ParameterError(problems: problems) }
  }
}
