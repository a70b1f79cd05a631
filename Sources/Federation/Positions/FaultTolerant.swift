public import Components

/// A server-side component that is told how many of the updates may be bad.
///
/// Four numbers must not be confused: the real number of attackers, the number the server assumes,
/// the `f` a rule is configured with, and how many rows it receives. The rule's `f` is its own if
/// given, else the assumed number; both checks, before the run and in the round, go through here.
public protocol FaultTolerant: RoundComponent {
  /// How many rows are needed to withstand `faults` bad ones (the breakdown condition).
  func minimumUpdates(faults: Int) -> Int

  /// The `f` in force when the threat model says to assume `assumed`.
  func faults(assumed: Int) -> Int

  /// What it looks at before anything else: where it comes first in a chain, the search for NaN and
  /// infinity then costs no pass over the updates of its own.
  var firstLook: FirstLook { get }
}

/// What a component looks at before anything else.
public enum FirstLook: Sendable {
  /// Nothing that helps.
  case nothing
  /// The distances between all rows.
  case distances
  /// Every coordinate of every row, by `median`, `trimmedMean`, `meanOfNearest`, `squaredNorms` or
  /// squared distances to one point, which notice what is not finite. The component may then be run
  /// before the rows are checked, and once more if they do not pass; until then, it must take NaN
  /// for a number without trapping.
  case coordinates
}

extension FaultTolerant {
  /// Components without a breakdown point take anything.
  public func minimumUpdates(faults: Int) -> Int { 1 }
  /// Components without `f` ignore it.
  public func faults(assumed: Int) -> Int { 0 }
  /// Nothing that helps.
  public var firstLook: FirstLook { .nothing }

  /// The `f` in force; throws when `received` rows are too few for it.
  func checkedFaults(assumed: Int, received: Int) throws(FederationError) -> Int {
    let faults = faults(assumed: assumed)
    let required = minimumUpdates(faults: faults)
    if received < required {
      throw .tooFewUpdates(rule: cardName, received: received, faults: faults, required: required)
    }
    return faults
  }
}

/// The parameters of a component that is configured by its `f` alone.
public struct FaultParameters: Codable, Hashable, Sendable {
  /// The bad updates to withstand.
  public var f: FaultBound

  /// The `f` of the threat model, or another.
  public init(f: FaultBound = .assumed) { self.f = f }
}

/// A fault-tolerant component whose one parameter is `f`; it needs to store them and no more.
public protocol FaultBounded: FaultTolerant where Parameters == FaultParameters {
  /// A component with parameters that are in their range.
  init(checked parameters: FaultParameters)
}

extension FaultBounded {
  /// The `f` of the threat model.
  public static var defaults: FaultParameters { FaultParameters() }

  /// A component with these parameters.
  ///
  /// - Throws: `ParameterError` when `f` is negative.
  public init(_ parameters: FaultParameters) throws {
    var check = ParameterCheck()
    parameters.f.check(&check)
    try check.finish()
    self.init(checked: parameters)
  }

  /// A component that must withstand `f` bad updates: `Krum(f: 3)`.
  public init(f: FaultBound = .assumed) throws { try self.init(FaultParameters(f: f)) }

  /// Its own `f`, else the assumed one.
  public func faults(assumed: Int) -> Int { parameters.f.resolved(assumed: assumed) }
}
