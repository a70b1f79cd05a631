public import Components
public import Federation

/// Everything that an attacker is told beside the model and what was observed.
///
/// What is nil or unknown here cannot be used: the type carries no ground truth that an attack
/// could look at by mistake. `without(_:)` takes one thing away, for ladders.
public struct AttackerKnowledge: Sendable {
  /// What is known of the batch's labels.
  public enum Labels: Sendable, Hashable {
    /// Nothing.
    case unknown
    /// How often each class occurs.
    case counts([Int])
    /// The label of each example, in the order of the steps.
    case known([Int32])
  }

  /// Mean and variance of every batch norm's input over the client's batch, first to last.
  public struct BatchStatistics: Sendable, Hashable {
    /// The means, one list a layer.
    public var means: [[Double]]
    /// The variances, not corrected for bias.
    public var variances: [[Double]]

    /// Statistics of each layer.
    public init(means: [[Double]], variances: [[Double]]) {
      self.means = means
      self.variances = variances
    }
  }

  /// Examples that one update was computed on, those of one epoch; nil if unknown.
  public var batchSize: Int?
  /// What is known of their labels.
  public var labels: Labels
  /// The client's local training.
  public var training: LocalTraining?
  /// Whether the order in which steps took the examples is known.
  public var knowsOrder: Bool
  /// The valid range of inputs.
  public var inputRange: InputRange?
  /// Statistics of the client's batch, beside the running ones that the model carries.
  public var batchStatistics: BatchStatistics?
  /// Data like the client's: rows of inputs.
  public var publicInputs: [[Float]]
  /// What clients do to their updates before they send them, first to last; empty if nothing, or
  /// nothing that the attacker knows of. The distance is taken after it.
  public var defenses: [any ForwardModel]
  /// Whether the server may send other weights.
  public var mayModifyWeights: Bool
  /// Whether the server may send another architecture.
  public var mayModifyArchitecture: Bool

  /// An attacker who knows what is given, by default nothing.
  public init(
    batchSize: Int? = nil, labels: Labels = .unknown, training: LocalTraining? = nil,
    knowsOrder: Bool = false, inputRange: InputRange? = nil,
    batchStatistics: BatchStatistics? = nil, publicInputs: [[Float]] = [],
    defenses: [any ForwardModel] = [], mayModifyWeights: Bool = false,
    mayModifyArchitecture: Bool = false
  ) {
    self.batchSize = batchSize
    self.labels = labels
    self.training = training
    self.knowsOrder = knowsOrder
    self.inputRange = inputRange
    self.batchStatistics = batchStatistics
    self.publicInputs = publicInputs
    self.defenses = defenses
    self.mayModifyWeights = mayModifyWeights
    self.mayModifyArchitecture = mayModifyArchitecture
  }

  /// What is granted, as the planner compares it.
  public var capabilities: Set<Capability> {
    var set: Set<Capability> = []
    if batchSize != nil { set.insert(.batchSize) }
    switch labels {
    case .unknown: break
    case .counts: set.insert(.labelCounts)
    case .known: set.formUnion([.labelCounts, .exampleLabels])
    }
    if training != nil { set.insert(.trainingParameters) }
    if knowsOrder { set.insert(.batchOrder) }
    if inputRange != nil { set.insert(.inputNormalisation) }
    if batchStatistics != nil { set.insert(.batchStatistics) }
    if !publicInputs.isEmpty { set.insert(.publicData) }
    if !defenses.isEmpty { set.insert(.defenseModels) }
    if mayModifyWeights { set.insert(.weightModification) }
    if mayModifyArchitecture { set.insert(.architectureModification) }
    return set
  }

  /// The same attacker without one thing; known labels without the labels leave their counts.
  ///
  /// - Parameter classes: How many classes counts have.
  public func without(_ capability: Capability, classes: Int) -> AttackerKnowledge {
    var rest = self
    switch capability {
    case .batchSize: rest.batchSize = nil
    case .exampleLabels:
      if case .known(let labels) = labels {
        var counts = [Int](repeating: 0, count: classes)
        for label in labels where label >= 0 && Int(label) < classes { counts[Int(label)] += 1 }
        rest.labels = .counts(counts)
      }
    case .labelCounts: rest.labels = .unknown
    case .trainingParameters: rest.training = nil
    case .batchOrder: rest.knowsOrder = false
    case .inputNormalisation: rest.inputRange = nil
    case .batchStatistics: rest.batchStatistics = nil
    case .publicData: rest.publicInputs = []
    case .defenseModels: rest.defenses = []
    case .weightModification: rest.mayModifyWeights = false
    case .architectureModification: rest.mayModifyArchitecture = false
    default: break
    }
    return rest
  }
}
