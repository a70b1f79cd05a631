public import Components
public import Federation
internal import MembershipInference
public import Randomness
internal import Tensors

/// An attacker that learns to tell members by everything a round shows of them, from some that it
/// knows.
///
/// Of each example and round: loss, confidence, the gradient's norm and its cosine with the update,
/// for the whole model and for each of its tensors. The features of several rounds, evenly spread
/// over the run, are put side by side; a small network learns from the `known` examples, and all
/// others are judged. That the attacker knows some members is its great advantage; the paper's
/// supervised attacker knows half.
///
/// Source: Nasr, Shokri, Houmansadr, "Comprehensive privacy analysis of deep learning" (arXiv
/// 1812.00910), sections III and V.C (passive, several rounds). Summaries of gradients stand in for
/// the encoders, see `WhiteBoxFeatures`.
public struct WhiteBox: MembershipAttack {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Whose update is looked at.
    public var view = MembershipView.client
    /// Rounds whose features are used, at most.
    public var rounds = 5
    /// Members, and as many non-members, that the attacker knows of each client.
    public var known = 20
    /// Hidden units of the classifier; 0 is logistic regression.
    public var hidden = 16
    /// Clients asked about.
    public var clients = 10
    /// Candidates of each kind about each of them, known ones included.
    public var examples = 100

    /// Five rounds, 20 known members and non-members of each of 10 clients.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "white-box",
    summary: "Learns from known members to tell others by losses and gradients of several rounds.",
    formula: "classifier of (loss, confidence, ‖g_l‖, cos(g_l, U_l)) by layer l and round",
    citation: "Nasr et al. 2019, arXiv 1812.00910, sections III and V.C",
    needs: MembershipView.client.needs, control: .membership(),
    parameters: [
      .init(
        "view", "whose update is looked at: the client's own, or the sum of all",
        range: "client or sum"),
      .init("rounds", "rounds whose features are used, at most", range: "1 or more"),
      .init("known", "members, and as many non-members, known of each client", range: "2 or more"),
      .init("hidden", "hidden units; 0 is logistic regression", range: "0 or more"),
    ] + MembershipQuestion.parameters)

  /// Five rounds, 20 known of each kind.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with `parameters`.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    self.parameters = parameters
    var check = ParameterCheck()
    question.check(&check)
    check.oneOrMore("rounds", parameters.rounds)
    check(
      "known", parameters.known >= 2 && parameters.known < parameters.examples,
      "must be 2 or more and below examples", got: parameters.known)
    check("hidden", parameters.hidden >= 0, "must be 0 or more", got: parameters.hidden)
    try check.finish()
  }

  /// The candidates, and clients' updates unless the view is the sum.
  public var needs: Set<Capability> { parameters.view.needs }

  /// How much it is asked.
  public var question: MembershipQuestion {
    MembershipQuestion(clients: parameters.clients, examples: parameters.examples)
  }

  /// The same candidates as other attacks have, and the truth about some.
  public var inquiry: Inquiry? {
    var inquiry = question.inquiry
    inquiry.known = parameters.known
    return inquiry
  }

  /// Nothing to add up: features are kept by round.
  public func scores(_ asked: Candidates, in round: SeenRound) -> [Double]? { nil }

  /// Whether features of this round are kept: the last, and others evenly before it.
  func keeps(_ round: Int, of rounds: Int) -> Bool {
    let count = min(parameters.rounds, rounds)
    return (1...count).contains { rounds * $0 / count - 1 == round }
  }

  /// Keeps the features of some rounds.
  public func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) throws {
    var notes = memory[MembershipNotes.self] ?? MembershipNotes()
    var kept = memory[Kept.self] ?? Kept()
    let round = SeenRound(observation)
    for asked in observation.candidates {
      notes.meet(asked)
      kept.known[asked.client] = asked.known
      guard keeps(observation.round, of: observation.rounds),
        let change = round.change(seenBy: parameters.view, of: asked.client)
      else { continue }
      let rows = try WhiteBoxFeatures(round.probe(asked)).rows(
        at: observation.modelBefore, deltas: [change])[0]
      kept.rows[asked.client] =
        kept.rows[asked.client].map { zip($0, rows).map { $0 + $1 } } ?? rows
    }
    memory[MembershipNotes.self] = notes
    memory[Kept.self] = kept
  }

  /// Learns from what is known of all clients, and scores everything. Clients that missed a round
  /// whose features others have are left out.
  public func guess(
    using generator: inout Generator, memory: inout Memory
  ) throws -> MembershipGuess {
    var guess = (memory[MembershipNotes.self] ?? MembershipNotes()).guess
    let kept = memory[Kept.self] ?? Kept()
    let width = kept.rows.values.compactMap(\.first?.count).max() ?? 0
    let clients = kept.rows.keys.sorted().filter { kept.rows[$0]?.first?.count == width }
    guard width > 0 else { return guess }
    var rows: [[Float]] = []
    var known: [Int: Bool] = [:]
    for client in clients {
      for (place, isMember) in kept.known[client] ?? [:] { known[rows.count + place] = isMember }
      rows += kept.rows[client] ?? []
    }
    let scores = try WhiteBoxAttack(hidden: parameters.hidden, seed: generator.next())
      .scores(rows, known: known)
    var start = 0
    for client in clients {
      let count = kept.rows[client]?.count ?? 0
      guess.scores[client] = Array(scores[start..<(start + count)])
      guess.known[client] = Set((kept.known[client] ?? [:]).keys)
      start += count
    }
    return guess
  }

  private struct Kept: Codable {
    var rows: [Int: [[Float]]] = [:]
    var known: [Int: [Int: Bool]] = [:]
  }
}
