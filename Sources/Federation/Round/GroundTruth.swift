public import Datasets
public import Learning

/// What really happened, for judging guesses after all have been made. Only the round can make one.
public struct GroundTruth: Sendable {
  /// The model's structure.
  public let network: Network
  /// What was done to the data's values.
  public let normalisation: Normalisation
  /// Examples that nobody trained on.
  public let test: LabeledExamples
  /// How clients trained.
  public let training: TrainingOptions
  /// Clients that never collude.
  public let honest: [Int]
  /// What each client trained on, data views applied.
  private let examples: [LabeledExamples]
  private let batches: BatchLog
  private let standings: [Int: [Standing]]

  init(
    network: Network, normalisation: Normalisation, test: LabeledExamples,
    training: TrainingOptions, honest: [Int], examples: [LabeledExamples], batches: BatchLog,
    standings: [Int: [Standing]]
  ) {
    self.network = network
    self.normalisation = normalisation
    self.test = test
    self.training = training
    self.honest = honest
    self.examples = examples
    self.batches = batches
    self.standings = standings
  }

  /// How many clients there are.
  public var clients: Int { examples.count }

  /// What `client` trains on, data views applied.
  public func examples(of client: Int) -> LabeledExamples { examples[client] }

  /// For each step that `client` took in `round`, the positions of its batch among its examples; nil
  /// if it did not train then or its trainer does not tell.
  public func batches(of client: Int, inRound round: Int) -> [[Int]]? {
    batches[client, round]
  }

  /// The clients that trained in `round`, in increasing order.
  public func participants(inRound round: Int) -> [Int] { batches.clients(inRound: round) }

  /// What each candidate about `client` really is, in the order of ``Candidates/examples``; empty if
  /// nobody was asked about it.
  public func standings(about client: Int) -> [Standing] { standings[client] ?? [] }
}

/// Which examples each client's steps took, round by round; kept where somebody observes.
struct BatchLog: Codable, Sendable {
  /// Steps by client, by round; nil inside where the trainer does not tell.
  private var rounds: [Int: [Int: [[Int]]?]] = [:]

  mutating func note(_ update: Update) {
    rounds[update.startedRound, default: [:]][update.client] = .some(update.batches)
  }

  subscript(client: Int, round: Int) -> [[Int]]? { (rounds[round]?[client]) ?? nil }

  func clients(inRound round: Int) -> [Int] { (rounds[round] ?? [:]).keys.sorted() }
}
