public import Components
public import Randomness
public import Tensors

/// Position *observation*: somebody who reads what a party received and draws conclusions.
///
/// Inference attacks are observers: they never touch the state of the run.
public protocol Observer: RoundComponent {
  /// Called once a round after the server step; `memory` is the observer's own.
  func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory) throws

  /// Called once at the end: what was learned, as named figures for the results.
  func conclude(using generator: inout Generator, memory: inout Memory) throws -> [String: Double]
}

/// What the server received in one round: the ledger an observer reads.
public struct Observation: Sendable {
  /// The round, from 0.
  public let round: Int
  /// The global model sent out.
  public let modelBefore: Vector
  /// The global model after the server step.
  public let modelAfter: Vector
  /// What the transport revealed of the updates.
  public let updates: UpdateView
  /// What the transport revealed about each row.
  public let items: [Delivery.Item]

  init(
    round: Int, modelBefore: Vector, modelAfter: Vector, updates: UpdateView,
    items: [Delivery.Item]
  ) {
    self.round = round
    self.modelBefore = modelBefore
    self.modelAfter = modelAfter
    self.updates = updates
    self.items = items
  }
}

/// The null observer: looks at nothing.
public struct NoObserver: Observer {
  /// Name and meaning.
  public static let card = Card(name: "no-observer", summary: "Nobody reads along.")

  /// Nobody.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// Nothing is noted.
  public func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) {}

  /// Nothing was learned.
  public func conclude(using generator: inout Generator, memory: inout Memory) -> [String: Double] {
    [:]
  }
}
