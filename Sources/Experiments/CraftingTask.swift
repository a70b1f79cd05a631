public import Components
internal import Federation
public import FileFormats
internal import Tensors

/// One round of an attack from files to a file: what colluders would send who have seen the honest
/// updates.
public struct CraftingTask: Sendable {
  /// What came out.
  public struct Outcome: Sendable {
    /// The colluders' updates, one a row, float32; after the honest ones, if those were asked for.
    public var updates: NamedTensor
    /// The Euclidean norms of the colluders' updates.
    public var norms: [Double]
    /// The weight each claims; nil keeps the honest claim.
    public var weights: [Double?]
    /// What the server's chain makes of everybody's updates, if there is one.
    public var effect: Effect?
    /// How often the attack tried out the chain; nil for attacks that do not.
    public var queries: Int?
    /// What crafting took.
    public var seconds: Double
  }

  /// What a server's chain makes of honest and crafted updates together.
  public struct Effect: Sendable {
    /// How many of the colluders have a part; nil when every coordinate has its own choice.
    public var keptColluders: Int?
    /// How many of the honest have a part.
    public var keptHonest: Int?
    /// The distance of the aggregate from the honest mean; nil when the model is held.
    public var deviation: Double?
    /// The norm of the honest mean.
    public var honestNorm: Double
    /// Why the model is held, if it is.
    public var held: String?
  }

  /// An attack and the number of colluders: `alie: {f: 3}`.
  ///
  /// No attack has a parameter `f` (a federation says how many collude), so the key is free to say
  /// it here.
  public struct Attack: Sendable {
    /// The attack.
    public let component: ConfiguredComponent
    /// How many collude, if the mapping has an `f`.
    public let colluders: Int?

    /// An attack in the words of an experiment, with an `f` of its own.
    ///
    /// - Throws: `ConfigurationError` with every mistake.
    public init(_ node: ConfigurationNode, catalogue: Catalogue = .standard) throws {
      var issues = IssueCollector()
      var node = node
      var colluders: Int?
      if let entry = node.entries?.first, node.entries?.count == 1,
        let parameters = entry.node.entries,
        let known = catalogue.type(named: entry.key, role: .attack),
        !known.card.parameters.contains(where: { $0.key == "f" }),
        let written = parameters.first(where: { $0.key == "f" })
      {
        if case .integer(let count) = written.node.value, count >= 1 {
          colluders = count
        } else {
          issues.add(
            "attack '\(entry.key)': f: the number of colluders must be a whole number of 1 or more, "
              + "got \(written.node.summary)", at: written.node.position)
        }
        let rest = parameters.filter { $0.key != "f" }
        let patch = ConfigurationNode(
          rest.isEmpty ? .null : .map(rest), at: entry.node.position)
        node = ConfigurationNode(
          .map([.init(key: entry.key, keyPosition: entry.keyPosition, node: patch)]),
          at: node.position)
      }
      let made = try issues.attempt { try catalogue.component(node, role: .attack) }
      if let made, !(made.component is any Corruption) {
        issues.add(
          "'\(made.name)' changes what colluders train on or how, not what they send: there is "
            + "nothing to craft from updates", at: made.position)
      }
      try issues.finish()
      guard let made else { throw ConfigurationError(issues.issues) }
      component = made
      self.colluders = colluders
    }
  }

  /// The attack.
  public let attack: Attack
  /// How many collude, f.
  public let colluders: Int
  /// The server's defense, if it is known.
  public let chain: ServerChain?
  /// What the user should know before anything runs.
  public let notes: [String]
  private let honest: UpdateRows
  private let own: UpdateMatrix
  private let reference: Vector?
  private let assumedFaults: Int
  private let seed: UInt64
  private let workers: Int

  /// A task from its parts, checked.
  ///
  /// - Parameters:
  ///   - attack: The attack.
  ///   - honest: The honest clients' updates.
  ///   - own: The colluders' clean updates; when left out, each has the mean of the honest ones.
  ///   - colluders: How many collude, unless `attack` or `own` says so.
  ///   - chain: The server's defense, for attacks that try it out, and to see what it makes of all.
  ///   - reference: The model that updates are relative to; zeros when left out.
  ///   - assumedFaults: The `f` of components of the chain that have none of their own; the number
  ///     of colluders when left out.
  ///   - seed: The seed of attacks that draw at random.
  ///   - workers: How many threads may run; the result does not depend on it.
  /// - Throws: `ConfigurationError` for numbers of colluders that differ or a chain that is missing,
  ///   `TensorFileError` for arrays that do not fit.
  public init(
    attack: Attack, honest: UpdateRows, own: UpdateRows? = nil, colluders: Int? = nil,
    chain: ServerChain? = nil, reference: TensorArchive? = nil, assumedFaults: Int? = nil,
    seed: UInt64 = 0, workers: Int = 1
  ) throws {
    try Self.checkFinite(honest)
    let needs = (attack.component.component as? any Corruption)?.needs ?? []
    if chain == nil, needs.contains(.aggregationRule) {
      throw ConfigurationError(
        "'\(attack.component.name)' tries out the server's rule; name it with --rule",
        at: attack.component.position)
    }
    try chain?.check(hasReference: reference != nil, hasRoot: false)
    let said = [
      attack.colluders.map { ($0, "f says \($0)") }, colluders.map { ($0, "--count says \($0)") },
      own.map { ($0.count, "\($0.file) has \($0.count) updates") },
    ].compactMap { $0 }
    guard let count = said.first?.0 else {
      throw ConfigurationError(
        "nobody says how many collude; write '\(attack.component.name): {f: 3}' or --count 3",
        at: attack.component.position)
    }
    guard said.allSatisfy({ $0.0 == count }) else {
      throw ConfigurationError(
        "how many collude? " + said.map(\.1).joined(separator: ", "),
        at: attack.component.position)
    }
    var notes: [String] = []
    if let own {
      try Self.checkFinite(own)
      guard own.dimension == honest.dimension else {
        throw TensorFileError(
          file: own.file, "has updates of \(own.dimension) values",
          expected: "\(honest.dimension), as \(honest.file) has")
      }
      self.own = own.matrix
    } else {
      let mean = UpdateView(honest.matrix).mean()
      self.own = try UpdateMatrix(rows: [Vector](repeating: mean, count: count))
      if needs.contains(.ownUpdates), needs.isDisjoint(with: [.honestUpdates, .someHonestUpdates]) {
        notes.append(
          "\(attack.component.name) works on the colluders' own updates; without --own each has the "
            + "mean of the honest ones")
      }
    }
    self.attack = attack
    self.honest = honest
    self.colluders = count
    self.chain = chain
    self.assumedFaults = assumedFaults ?? count
    self.workers = workers
    self.reference = try reference.map { try honest.vector($0) }
    self.seed = seed
    self.notes = notes
  }

  /// The number of honest updates.
  public var honestCount: Int { honest.count }
  /// The number of coordinates of one update, d.
  public var dimension: Int { honest.dimension }

  /// Crafts.
  ///
  /// - Parameter includesHonest: Whether the honest updates come out too, before the colluders'.
  /// - Throws: `FederationError` when the attack needs what is not there.
  public func run(includingHonest includesHonest: Bool = false) throws -> Outcome {
    guard let corruption = attack.component.component as? any Corruption else {
      throw ConfigurationError("'\(attack.component.name)' crafts nothing", at: nil)
    }
    let clock = ContinuousClock()
    let start = clock.now
    let crafting = try corruption.crafting(
      own: own, honest: honest.matrix, globalModel: reference,
      defense: chain?.components ?? [], assumedFaults: assumedFaults, seed: seed, workers: workers)
    let seconds = start.duration(to: clock.now) / .seconds(1)
    let sent = crafting.updates
    let rows = sent.map(\.delta)
    let everybody = includesHonest || chain != nil ? honest.appending(rows) : nil
    let effect = try everybody.flatMap { try self.effect(on: $0, claiming: sent.map(\.weight)) }
    let matrix = try (includesHonest ? everybody : nil) ?? UpdateMatrix(rows: rows)
    return Outcome(
      updates: NamedTensor(
        name: "updates", shape: [matrix.rows] + honest.shape, values: .float32(matrix.floats)),
      norms: rows.map(\.norm), weights: sent.map(\.weight), effect: effect,
      queries: crafting.queries, seconds: seconds)
  }

  private func effect(on everybody: UpdateMatrix, claiming weights: [Double?]) throws -> Effect? {
    guard let chain else { return nil }
    var server = try RobustAggregation(
      chain.components, assumedFaults: assumedFaults, seed: seed, workers: workers)
    let result = try server.aggregate(
      everybody, weights: [Double](repeating: 1, count: honest.count) + weights.map { $0 ?? 1 },
      globalModel: reference)
    let mean = UpdateView(honest.matrix, workers: workers).mean()
    return Effect(
      keptColluders: result.kept.map { $0[honest.count...].count { $0 } },
      keptHonest: result.kept.map { $0[..<honest.count].count { $0 } },
      deviation: result.aggregate.map { $0.squaredDistance(to: mean).squareRoot() },
      honestNorm: mean.norm,
      held: result.aggregate == nil ? result.notes.joined(separator: "; ") : nil)
  }

  private static func checkFinite(_ rows: UpdateRows) throws(TensorFileError) {
    if let row = (0..<rows.count).first(where: { !rows.matrix.isFinite(row: $0) }) {
      throw TensorFileError(
        file: rows.file, "row \(row) has a value that is NaN or infinite",
        expected: "finite updates: these clients are honest")
    }
  }
}
