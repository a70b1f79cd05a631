public import Components
internal import Federation

/// One dimension of an experiment: each is a list in the file, and the matrix is their product.
public enum Axis: String, CaseIterable, Sendable, Hashable, Codable {
  /// The data set.
  case data
  /// How it is divided among clients.
  case partition
  /// How clients' devices behave.
  case population
  /// The model family.
  case model
  /// How clients train and for how long.
  case training
  /// The federated algorithm: trainer, sampler, server step.
  case algorithm
  /// How updates travel.
  case transport
  /// Who attacks and what they see.
  case threat
  /// What they do.
  case attack
  /// What protects.
  case defense

  /// The catalogue role of its entries; nil for axes that are plain options.
  public var role: Role? {
    switch self {
    case .training, .threat: nil
    default: Role(rawValue: rawValue)
    }
  }

  /// Whether an entry may be a list of components that work together.
  var allowsChains: Bool {
    switch self {
    case .population, .algorithm, .attack, .defense: true
    default: false
    }
  }
}

/// One value on an axis.
public struct AxisEntry: Sendable {
  /// What tables call it: `krum(f=3)`, `nnm+trimmed-mean`.
  public var label: String
  /// The label without parameters: `krum`, `nnm+trimmed-mean`.
  public var name: String
  /// What it is, for the cell's key: names, revisions and every parameter in force.
  public var identity: ConfigurationNode
  /// Its components; empty for plain options.
  public var components: [ConfiguredComponent]
  /// Where it was written.
  public var position: SourcePosition?
  /// What plain options were written as.
  private var written: ConfigurationNode?

  /// An entry of components that work together.
  init(chain: [ConfiguredComponent], position: SourcePosition?) {
    label = chain.map(\.label).joined(separator: "+")
    name = chain.map(\.name).joined(separator: "+")
    identity = ConfigurationNode(.list(chain.map(\.identity)))
    components = chain
    self.position = position
  }

  /// An entry of plain options.
  init(label: String, identity: ConfigurationNode, written: ConfigurationNode) {
    self.label = label
    name = label
    self.identity = identity
    components = []
    self.written = written
    position = written.position
  }

  /// Whether the control of its attack is run in the experiment's plainest setting.
  var isControlledInPlainestSetting: Bool {
    components.contains {
      ($0.component as? any RoundComponent)?.control?.isInPlainestSetting ?? false
    }
  }

  /// Where the value of `key` was written, else the entry.
  func position(of key: String) -> SourcePosition? {
    components.first?.position(of: key) ?? written?[key]?.position ?? position
  }

  /// Whether `word` names this entry: by label, or by name without parameters.
  public func isNamed(_ word: String) -> Bool { word == label || word == name }
}
