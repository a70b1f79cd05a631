public import Components
public import Federation
internal import Learning
internal import MembershipInference
public import Randomness
internal import Tensors

/// Whose example is it? The client whose model has the least loss on it.
///
/// Says for each candidate which client it is likeliest from; guessing is right for a share 1/K. As
/// a membership score it takes how much less the client's loss is than the least of all others. The
/// mean over rounds decides; the paper reports the best round, which nobody could choose in
/// advance.
///
/// Source: Hu, Salcic, Sun, Dobbie, Zhang, "Source inference attacks in federated learning" (arXiv
/// 2109.05659), section 3.
public struct SourceInference: MembershipAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "source-inference",
    summary: "Which client is the example from? The one whose model has the least loss.",
    formula: "argmin over k of mean over rounds of loss(x; w^t + Δ_k^t)",
    citation: "Hu et al. 2021, arXiv 2109.05659, section 3",
    needs: MembershipView.client.needs, control: .membership(),
    parameters: MembershipQuestion.parameters)

  /// 10 clients, 100 candidates of each kind.
  public static let defaults = MembershipQuestion()

  /// The parameters in force.
  public let parameters: MembershipQuestion

  /// The attack with `parameters`.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: MembershipQuestion = MembershipQuestion()) throws {
    try parameters.validate()
    self.parameters = parameters
  }

  /// How much it is asked.
  public var question: MembershipQuestion { parameters }

  /// How much less the loss of the client's model is than the least of the others'.
  public func scores(_ asked: Candidates, in round: SeenRound) throws -> [Double]? {
    let clients = round.clients
    guard let slot = clients.firstIndex(of: asked.client), clients.count >= 2 else { return nil }
    return Self.margins(
      try round.measurements(.loss, asked, clients), client: slot, of: clients.count)
  }

  private static func margins(_ values: [Double], client: Int, of clients: Int) -> [Double] {
    let examples = values.count / clients
    return (0..<examples).map { example in
      let others = (0..<clients).filter { $0 != client }.map { values[$0 * examples + example] }
      return values[client * examples + example] - (others.max() ?? 0)
    }
  }

  /// Adds up margins, and every client's losses.
  public func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) throws {
    var notes = memory[MembershipNotes.self] ?? MembershipNotes()
    var series = memory[LossSums.self] ?? LossSums()
    let round = SeenRound(observation)
    let clients = round.clients
    for asked in observation.candidates {
      notes.meet(asked)
      let values = try round.measurements(.loss, asked, clients)
      let examples = asked.examples.count
      for (slot, client) in clients.enumerated() {
        series.add(
          values[(slot * examples)..<((slot + 1) * examples)], of: client, about: asked.client)
      }
      if let slot = clients.firstIndex(of: asked.client), clients.count >= 2 {
        notes.add(Self.margins(values, client: slot, of: clients.count), about: asked.client)
      }
    }
    memory[MembershipNotes.self] = notes
    memory[LossSums.self] = series
  }

  /// The likeliest client of each candidate, and the mean margins.
  public func guess(
    using generator: inout Generator, memory: inout Memory
  ) throws -> MembershipGuess {
    var guess = (memory[MembershipNotes.self] ?? MembershipNotes()).guess
    guess.sources = (memory[LossSums.self] ?? LossSums()).sources
    return guess
  }

  /// Sums over rounds of negated losses: by client asked about, by client measured.
  private struct LossSums: Codable {
    var sums: [Int: [Int: [Double]]] = [:]
    var rounds: [Int: [Int: Int]] = [:]

    mutating func add(_ values: ArraySlice<Double>, of client: Int, about asked: Int) {
      let old = sums[asked]?[client]
      sums[asked, default: [:]][client] =
        old.map { zip($0, values).map { $0 + $1 } } ?? Array(values)
      rounds[asked, default: [:]][client, default: 0] += 1
    }

    var sources: [Int: [Int]] {
      var sources: [Int: [Int]] = [:]
      for (asked, table) in sums {
        let clients = table.keys.sorted()
        let count = table[clients.first ?? 0]?.count ?? 0
        sources[asked] = (0..<count).map { example in
          let means = clients.map { client in
            (table[client]?[example] ?? 0) / Double(rounds[asked]?[client] ?? 1)
          }
          let best = means.indices.max { (means[$0], -$0) < (means[$1], -$1) } ?? 0
          return clients[best]
        }
      }
      return sources
    }
  }
}
