public import Components

/// Position *arrival*: when the server stops waiting and aggregates.
///
/// Synchronous, deadline, stale-synchronous and buffered rounds differ only here: the loop is one
/// event queue on a virtual clock.
public protocol Arrival: RoundComponent {
  /// Called after each arrival, and when nothing is under way any more.
  func decide(_ view: ArrivalView, memory: inout Memory) -> ArrivalDecision

  /// When the server stops waiting whatever has arrived, on the virtual clock, for a round that
  /// started at `start`; nil if it does not.
  func deadline(start: Double) -> Double?

  /// Whether an update that missed its own round may count in a later one.
  var acceptsLate: Bool { get }

  /// Whether every round waits for its whole cohort, so that each update counts in its own round.
  var waitsForEverybody: Bool { get }
}

extension Arrival {
  /// No deadline.
  public func deadline(start: Double) -> Double? { nil }

  /// Yes.
  public var acceptsLate: Bool { true }

  /// No.
  public var waitsForEverybody: Bool { false }
}

/// What to do after an arrival.
public enum ArrivalDecision: Sendable, Hashable {
  /// Keep waiting for clients under way.
  case wait
  /// Ask the sampler for more clients at once, then keep waiting.
  case refill
  /// Aggregate what has arrived and start a new cohort.
  case aggregate
}

/// What the server knows when an update arrives.
public struct ArrivalView: Sendable {
  /// The current round, from 0.
  public let round: Int
  /// The virtual time.
  public let time: Double
  /// Updates that have arrived since the last aggregation.
  public let buffered: Int
  /// Clients still under way.
  public let outstanding: Int

  init(round: Int, time: Double, buffered: Int, outstanding: Int) {
    self.round = round
    self.time = time
    self.buffered = buffered
    self.outstanding = outstanding
  }
}

/// The null arrival policy: wait for everybody.
public struct Synchronous: Arrival {
  /// Name and meaning.
  public static let card = Card(
    name: "synchronous", summary: "The server waits for every client of the cohort.")

  /// Wait for everybody.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// Yes.
  public var waitsForEverybody: Bool { true }

  /// Aggregates once nobody is under way.
  public func decide(_ view: ArrivalView, memory: inout Memory) -> ArrivalDecision {
    view.outstanding == 0 ? .aggregate : .wait
  }
}
