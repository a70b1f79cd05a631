public import Federation
internal import Learning
internal import MembershipInference
public import Randomness
internal import Tensors

/// An observer that says of each candidate how likely it is among a client's training examples.
///
/// What a round tells is added up over rounds, all of them: which rounds count is decided before
/// any is seen, never by how well they do.
public protocol MembershipAttack: MembershipAttacker where Guess == MembershipGuess {
  /// How many clients it is asked about and how many examples of each kind.
  var question: MembershipQuestion { get }

  /// A score of each candidate about one client, larger for members; nil if the round says nothing.
  func scores(_ asked: Candidates, in round: SeenRound) throws -> [Double]?
}

extension MembershipAttack {
  /// As many members as non-members, and half as many examples of other clients.
  public var inquiry: Inquiry? { question.inquiry }

  /// Adds up what the round says.
  public func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) throws {
    var kept = memory[MembershipNotes.self] ?? MembershipNotes()
    memory[MembershipNotes.self] = nil
    let round = SeenRound(observation)
    for asked in observation.candidates {
      kept.meet(asked)
      if let scores = try scores(asked, in: round) { kept.add(scores, about: asked.client) }
    }
    memory[MembershipNotes.self] = kept
  }

  /// The mean over the rounds that said something.
  public func guess(
    using generator: inout Generator, memory: inout Memory
  ) throws -> MembershipGuess {
    (memory[MembershipNotes.self] ?? MembershipNotes()).guess
  }

  /// Areas, rates at few false positives and the curve.
  public func judge(
    _ guess: MembershipGuess, against truth: GroundTruth
  ) throws -> Conclusion {
    try MembershipJudgement(guess, truth).conclusion
  }
}

/// What an attack believes of each candidate.
public struct MembershipGuess: Sendable {
  /// Scores of the candidates about each client, larger for members.
  public var scores: [Int: [Double]] = [:]
  /// The client that each candidate is likeliest from, where the attack tells.
  public var sources: [Int: [Int]] = [:]
  /// Features of the candidates, row-major, for a baseline that sees no model.
  public var features: [Int: [Float]] = [:]
  /// Their labels.
  public var labels: [Int: [Int32]] = [:]
  /// Candidates whose truth the attack was told; they are not judged.
  public var known: [Int: Set<Int>] = [:]

  /// Nothing believed yet.
  public init() {}
}

/// What an attack remembers of the rounds.
struct MembershipNotes: Codable, Sendable {
  private var sums: [Int: [Double]] = [:]
  private var rounds: [Int: Int] = [:]
  private var features: [Int: [Float]] = [:]
  private var labels: [Int: [Int32]] = [:]

  /// Keeps what the candidates look like, once.
  mutating func meet(_ asked: Candidates) {
    guard features[asked.client] == nil else { return }
    features[asked.client] = asked.examples.features
    labels[asked.client] = asked.examples.labels
  }

  mutating func add(_ scores: [Double], about client: Int) {
    sums[client] = sums[client].map { zip($0, scores).map { $0 + $1 } } ?? scores
    rounds[client, default: 0] += 1
  }

  var guess: MembershipGuess {
    var guess = MembershipGuess()
    guess.features = features
    guess.labels = labels
    for (client, sum) in sums {
      let count = Double(rounds[client] ?? 1)
      guess.scores[client] = sum.map { $0 / count }
    }
    return guess
  }
}
