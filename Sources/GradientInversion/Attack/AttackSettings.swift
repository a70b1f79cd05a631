/// A gradient-matching attack: one driver, every choice explicit.
///
/// Inputs move in units in which the valid range, where it is known, is 4 wide around 0: for images
/// normalised to deviation 1 those are the model's own units, and step sizes mean what they mean in
/// the papers.
public struct AttackSettings: Sendable, Hashable {
  /// The distance to the observed gradient.
  public var objective: MatchingObjective
  /// Pulls beside it.
  public var priors: [Prior] = []
  /// Weight of the model's own loss at the candidate.
  public var taskWeight = 0.0
  /// Where labels come from.
  public var labels: LabelSource = .known
  /// What the client is believed to have done.
  public var flow: DataFlow = .gradient
  /// What the client is believed to have done to its examples.
  public var clientInputs: ClientInputs = .asTheyAre
  /// Where the search starts.
  public var start: Start = .normal
  /// How it moves.
  public var search: Search
  /// Steps; for L-BFGS outer ones.
  public var steps: Int
  /// Independent searches, at least 1.
  public var restarts = 1
  /// How often a search that left the finite numbers begins anew.
  public var retries = 3
  /// Whether each step is cut back to the valid range.
  public var box = false
  /// How restarts become one answer.
  public var pooling: Pooling = .lowestObjective
  /// Columns of a table, if the inputs are one: bounds and one-hot groups then hold by
  /// construction.
  public var table: [TableColumn] = []
  /// Whether inputs are sought in the valid range's units rather than the model's own.
  public var scaled = true

  /// An attack.
  public init(objective: MatchingObjective, search: Search, steps: Int) {
    self.objective = objective
    self.search = search
    self.steps = steps
  }
}

/// One column of a table as the model sees it.
public enum TableColumn: Sendable, Hashable {
  /// A number between bounds: `lower + (upper - lower) / (1 + e^-z)`.
  case number(lower: Double, upper: Double)
  /// So many one-hot inputs: their softmax.
  case category(count: Int)

  /// Model inputs that it takes.
  public var width: Int {
    switch self {
    case .number: 1
    case .category(let count): count
    }
  }
}
