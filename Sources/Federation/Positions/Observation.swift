public import Components
public import Datasets
public import Learning
public import Tensors

/// What the server received in one round: the ledger an observer reads, and what the threat model
/// grants it beside that. Only the round can make one.
public struct Observation: Sendable {
  /// The round, from 0.
  public let round: Int
  /// How many rounds the run has.
  public let rounds: Int
  /// The model's structure, as clients train it.
  public let network: Network
  /// The global model sent out.
  public let modelBefore: Vector
  /// The global model after the server step.
  public let modelAfter: Vector
  /// What the transport revealed of the updates.
  public let updates: UpdateView
  /// What the transport revealed about each row.
  public let items: [Delivery.Item]
  /// What every client does to what it received, its examples, steps and updates before the server
  /// sees anything, first to last: how it is set up, not with which random numbers. Anybody may know
  /// it: a defense that has to be kept secret is none.
  public let clientMeasures: [any RoundComponent]
  /// Whether clients train by dp-sgd.
  public let trainsPrivately: Bool
  /// What the observer is asked about, if it asked to be.
  public let candidates: [Candidates]
  /// How many threads it may use; results must not depend on it.
  public let workers: Int

  private let facts: ServerFacts
  private let component: String

  init(
    round: Int, rounds: Int, network: Network, modelBefore: Vector, modelAfter: Vector,
    updates: UpdateView, items: [Delivery.Item], clientMeasures: [any RoundComponent],
    trainsPrivately: Bool, candidates: [Candidates], workers: Int, facts: ServerFacts,
    component: String
  ) {
    self.round = round
    self.rounds = rounds
    self.network = network
    self.modelBefore = modelBefore
    self.modelAfter = modelAfter
    self.updates = updates
    self.items = items
    self.clientMeasures = clientMeasures
    self.trainsPrivately = trainsPrivately
    self.candidates = candidates
    self.workers = workers
    self.facts = facts
    self.component = component
  }

  /// How clients train.
  ///
  /// - Throws: `FederationError.notGranted` when the threat model hides it.
  public func training() throws(FederationError) -> TrainingOptions {
    try granted(facts.training, as: .trainingParameters)
  }

  /// What was done to the data's values, which says what valid inputs are.
  ///
  /// - Throws: `FederationError.notGranted` when the threat model hides it.
  public func normalisation() throws(FederationError) -> Normalisation {
    try granted(facts.normalisation, as: .inputNormalisation)
  }

  /// Examples like the clients' that are nobody's.
  ///
  /// - Throws: `FederationError.notGranted` when the threat model hides them.
  public func publicExamples() throws(FederationError) -> LabeledExamples {
    try granted(facts.publicExamples, as: .publicData).examples
  }

  /// How many examples each local step behind row `row` took, in order; of several clients' sum, one
  /// step of all their examples. Nil where trainers do not tell.
  ///
  /// - Throws: `FederationError.notGranted` when the threat model hides it.
  public func batchSizes(of row: Int) throws(FederationError) -> [Int]? {
    try granted(facts.batchSizes, as: .batchSize)[row]
  }

  /// How often each class occurs among the examples of one epoch behind row `row`.
  ///
  /// - Throws: `FederationError.notGranted` when the threat model hides it.
  public func labelCounts(of row: Int) throws(FederationError) -> [Int]? {
    try granted(facts.labelCounts, as: .labelCounts)[row]
  }

  /// The labels of the examples behind row `row`: of every step in turn where the order is granted
  /// too, else of one epoch in increasing order.
  ///
  /// - Throws: `FederationError.notGranted` when the threat model hides them.
  public func labels(of row: Int) throws(FederationError) -> [Int32]? {
    try granted(facts.labels, as: .exampleLabels)[row]
  }

  /// Whether `capability` is granted to this observer.
  public func grants(_ capability: Capability) -> Bool { facts.granted.contains(capability) }

  private func granted<Value>(
    _ value: Value?, as capability: Capability
  ) throws(FederationError) -> Value {
    guard let value else {
      throw .notGranted(component: component, what: capability.rawValue)
    }
    return value
  }
}

/// What a threat model shows an observer beside the transport; nil is hidden.
struct ServerFacts: Sendable {
  var granted: Set<Capability> = []
  var training: TrainingOptions?
  var normalisation: Normalisation?
  var publicExamples: PublicExamples?
  var batchSizes: [[Int]?]?
  var labelCounts: [[Int]?]?
  var labels: [[Int32]?]?

  struct PublicExamples: Sendable {
    var examples: LabeledExamples
  }
}
