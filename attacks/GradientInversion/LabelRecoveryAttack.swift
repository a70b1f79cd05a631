public import Components
public import Federation
internal import GradientInversion
internal import Learning
public import Randomness
internal import Tensors

/// What was in a batch: every way to read label counts off the last layer's gradient, beside an
/// attacker who draws at random and one who knows how frequent the classes are.
///
///     overlap = 1 - (1 / 2B) sum_c |n_c - n'_c|
///
/// Each method is judged by itself, so nothing is chosen after the fact; one that does not apply
/// to the model is left out and named. Class frequencies are those of the public examples.
///
/// Sources: Zhao et al. 2020 (iDLG); Yin et al. 2021; Wainakh et al. 2022; Geng et al. 2021;
/// Dimitrov et al. 2022.
public struct LabelRecoveryAttack: Observer {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// How many of a round's updates are attacked.
    public var updates = 4
    /// In which rounds.
    public var rounds = [InversionTarget.When.initial]
  }

  /// What a method believes of one update.
  public struct Belief: Codable, Sendable, Hashable {
    /// The method, or a baseline.
    public var method: String
    /// The round, from 0.
    public var round: Int
    /// The clients behind the update, if the transport tells.
    public var clients: [Int]?
    /// How often each class occurs; empty where the method cannot say.
    public var counts: [Int]
    /// Why not.
    public var failure: String?
  }

  /// Name, meaning, source, needs and the control it must pass.
  public static let card = Card(
    name: "label-recovery",
    summary:
      "Reads label counts off the last layer's gradient, in eight ways beside two baselines.",
    formula: "n_c = B (mean p_c - dL/db_c), with the softmax estimated in each method's way",
    citation: "Zhao et al. 2020; Yin et al. 2021; Wainakh et al. 2022; Geng et al. 2021",
    needs: [.individualUpdates, .batchSize, .trainingParameters, .publicData],
    control: .figure(
      "label overlap above the class prior, bias-corrected", atLeast: 0.1,
      summary: "the bias gives at least a tenth more of the labels away than frequencies do"
    ).tried(
      in: .init(model: "lenet-zhu: {}", batch: 8)),
    parameters: InversionTarget.cards)

  /// Four updates of the first round.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  ///
  /// - Throws: `ParameterError` naming every value out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    InversionTarget(updates: parameters.updates, rounds: parameters.rounds).validate(&check)
    try check.finish()
    self.parameters = parameters
  }

  private struct Beliefs: Codable, Sendable { var all: [Belief] = [] }
  private static let random = "at random"
  private static let prior = "class prior"

  /// Asks every method about the chosen updates.
  public func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) throws {
    let target = InversionTarget(updates: parameters.updates, rounds: parameters.rounds)
    guard target.includes(observation.round, of: observation.rounds) else { return }
    var beliefs = memory[Beliefs.self] ?? Beliefs()
    for row in observation.items.indices.prefix(parameters.updates) {
      beliefs.all += try ask(row, of: observation, using: generator.fork("update", UInt64(row)))
    }
    memory[Beliefs.self] = beliefs
  }

  private func ask(
    _ row: Int, of observation: Observation, using generator: Generator
  ) throws -> [Belief] {
    let classes = observation.network.classes
    func belief(_ method: String, _ counts: [Int], _ failure: String? = nil) -> Belief {
      Belief(
        method: method, round: observation.round, clients: observation.items[row].clients,
        counts: counts, failure: failure)
    }
    let problem: InversionProblem
    do {
      problem = try observation.problem(ofRow: row)
    } catch let error as InversionError {
      return [belief(Self.prior, [], "\(error)")]
    }
    guard let examples = problem.knowledge.batchSize else {
      return [belief(Self.prior, [], "the clients' trainer tells no batch size")]
    }
    var found: [Belief] = []
    for method in AttackSettings.LabelSource.RecoveryMethod.allCases
    where method != .single || examples == 1 {
      var noise = generator.fork(Purpose(method.rawValue))
      do {
        let labels = try problem.labels(
          from: .recovered(method), examples: examples, using: &noise)
        let counts = try LabelCounts(of: labels ?? [], classes: classes)
        found.append(belief(method.rawValue, counts.counts))
      } catch let error as InversionError {
        found.append(belief(method.rawValue, [], "\(error)"))
      }
    }
    var draw = generator.fork("random")
    found.append(
      belief(
        Self.random, LabelCounts.random(classes: classes, total: examples, using: &draw).counts))
    let known = try LabelCounts(of: observation.publicExamples().labels, classes: classes)
    found.append(
      belief(
        Self.prior,
        LabelCounts.prior(known.counts.map(Double.init), total: examples).counts))
    return found
  }

  /// Everything that was believed.
  public func guess(using generator: inout Generator, memory: inout Memory) -> [Belief] {
    (memory[Beliefs.self] ?? Beliefs()).all
  }

  /// The mean overlap of each method with the labels of the update's distinct examples, and how
  /// often every label was right.
  public func judge(_ guess: [Belief], against truth: GroundTruth) throws -> Conclusion {
    var conclusion = Conclusion()
    var means: [String: Double] = [:]
    for (method, beliefs) in Dictionary(grouping: guess, by: \.method) {
      let shares = try beliefs.filter { $0.failure == nil }.compactMap { belief -> Double? in
        let originals = truth.originals(ofRound: belief.round, clients: belief.clients)
        let counts = try LabelCounts(of: originals.map(\.label), classes: truth.network.classes)
        guard counts.total > 0 else { return nil }
        return try LabelOverlap.share(counts: counts.counts, recovered: belief.counts)
      }
      for reason in Set(beliefs.compactMap(\.failure)) {
        conclusion.remarks.append("\(method): \(reason)")
      }
      guard !shares.isEmpty else { continue }
      let mean = shares.reduce(0, +) / Double(shares.count)
      means[method] = mean
      conclusion.figures["label overlap, \(method)"] = mean
      conclusion.figures["all labels right, share, \(method)"] =
        Double(shares.count { $0 > 1 - 1e-9 }) / Double(shares.count)
    }
    if let prior = means[Self.prior] {
      for (method, mean) in means where method != Self.prior && method != Self.random {
        conclusion.figures["label overlap above the class prior, \(method)"] = mean - prior
      }
    }
    conclusion.remarks.sort()
    return conclusion
  }
}
