public import Components
public import Learning
public import Randomness

/// Position *observation*: somebody who reads what a party received and draws conclusions.
///
/// Inference attacks are observers: they never touch the state of the run. An attack sees, guesses
/// and is judged, in this order and apart from each other:
///
///     observe   once a round: what the transport shows and the threat model grants
///     guess     once at the end, from its memory alone
///     judge     after everybody has guessed: the guess beside the truth
///
/// The truth reaches ``judge(_:against:)`` only, which has no memory and no stream: nothing of it
/// comes back to the attack.
public protocol Observer: RoundComponent {
  /// What it believes at the end.
  associatedtype Guess: Sendable

  /// What it is asked about; by default nothing beyond what it sees.
  var inquiry: Inquiry? { get }

  /// Why it cannot work on a model, whatever the clients' data; nil if it can. Asked before anything
  /// runs.
  func refusal(of network: Network) -> Refusal?

  /// Called once a round after the server step; `memory` is the observer's own.
  func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory) throws

  /// Called once at the end: what the observer believes.
  func guess(using generator: inout Generator, memory: inout Memory) throws -> Guess

  /// How good a guess is: figures, curves and pictures for the results.
  func judge(_ guess: Guess, against truth: GroundTruth) throws -> Conclusion
}

extension Observer {
  /// Nothing.
  public var inquiry: Inquiry? { nil }

  /// Every model will do.
  public func refusal(of network: Network) -> Refusal? { nil }
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

  /// Nothing is believed.
  public func guess(using generator: inout Generator, memory: inout Memory) {}

  /// Nothing was learned.
  public func judge(_ guess: Void, against truth: GroundTruth) -> Conclusion { Conclusion() }
}
