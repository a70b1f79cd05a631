internal import Components
internal import Randomness
public import Tensors

extension Corruption {
  /// What this attack would send in your own federated loop.
  ///
  ///     let sent = try IPM(epsilon: 2).crafted(own: bad, honest: good)   // [[Float]]
  ///
  /// The attack sees `honest` only if it says that it needs the honest updates, and can try out
  /// `defense` only if it says that it needs the rule.
  ///
  /// - Parameters:
  ///   - own: The clean updates of the colluders (local minus global), at least one.
  ///   - honest: The other clients' updates, all of the same length.
  ///   - globalModel: The model they are relative to; zeros when left out.
  ///   - defense: The server's chain, for attacks that try it out: pre-aggregators and a rule.
  ///   - assumedFaults: The `f` of components that have none of their own; the number of colluders
  ///     when left out.
  ///   - seed: The seed of attacks that draw at random.
  /// - Throws: `FederationError`, `ShapeError` for ragged updates.
  public func crafted(
    own: [[Float]], honest: [[Float]], globalModel: [Float]? = nil,
    defense: [any RoundComponent] = [], assumedFaults: Int? = nil, seed: UInt64 = 0
  ) throws -> [[Float]] {
    guard let length = own.first?.count, length > 0 else {
      throw FederationError.invalidUpdates("no colluder; hand in at least one clean update")
    }
    return try crafted(
      own: try UpdateMatrix(own), honest: honest.isEmpty ? nil : try UpdateMatrix(honest),
      globalModel: globalModel.map { Vector($0) }, defense: defense, assumedFaults: assumedFaults,
      seed: seed
    ).map(\.delta.array)
  }

  /// The same of matrices with one row a client; the weights to claim come with the updates.
  public func crafted(
    own: UpdateMatrix, honest: UpdateMatrix?, globalModel: Vector? = nil,
    defense: [any RoundComponent] = [], assumedFaults: Int? = nil, seed: UInt64 = 0,
    workers: Int = 1
  ) throws -> [CraftedUpdate] {
    try crafting(
      own: own, honest: honest, globalModel: globalModel, defense: defense,
      assumedFaults: assumedFaults, seed: seed, workers: workers
    ).updates
  }

  /// The same with what it took: how often the defense was tried out.
  public func crafting(
    own: UpdateMatrix, honest: UpdateMatrix?, globalModel: Vector? = nil,
    defense: [any RoundComponent] = [], assumedFaults: Int? = nil, seed: UInt64 = 0,
    workers: Int = 1
  ) throws -> Crafting {
    guard own.rows > 0, own.columns > 0 else {
      throw FederationError.invalidUpdates("no colluder; hand in at least one clean update")
    }
    let honest = honest.flatMap { $0.rows > 0 ? $0 : nil }
    let looks = !needs.isDisjoint(with: [.honestUpdates, .someHonestUpdates])
    if looks, let honest, honest.columns != own.columns {
      throw FederationError.invalidUpdates(
        "honest updates of \(honest.columns) coordinates and the colluders' of \(own.columns)")
    }
    if let globalModel, globalModel.count != own.columns {
      throw FederationError.invalidUpdates(
        "the global model has \(globalModel.count) coordinates, the updates have \(own.columns)")
    }
    let total = own.rows + (honest?.rows ?? 0)
    let model = globalModel ?? Vector(zeros: own.columns)
    let streams = Streams(seed: seed)
    let everybody = honest.map { UpdateView($0, workers: workers) }
    var seen = SeenUpdates()
    if needs.contains(.honestUpdates) { seen.honest = everybody }
    if needs.contains(.someHonestUpdates), everybody != nil {
      let others = (0..<(honest?.rows ?? 0)).compactMap { honest?.row($0) }
      seen.some = UpdateView(
        try UpdateMatrix(rows: (0..<own.rows).map { own.row($0) } + others), workers: workers)
    }
    let counter = QueryCounter()
    if needs.contains(.aggregationRule) {
      guard !defense.isEmpty else {
        throw FederationError.invalidUpdates(
          "\(cardName) tries out the server's rule; hand in the defense")
      }
      let bench = OracleBench(
        stage: try RobustAggregation.stage(of: defense), memories: nil, round: 0,
        assumedFaults: assumedFaults ?? own.rows, globalModel: model, segments: nil, root: nil,
        stream: streams.stream(.oracle), counter: counter, clients: Array(0..<total))
      let places = Array(0..<own.rows)
      let weights = [Double](repeating: 1, count: own.rows)
      seen.rule = { benign, _ in
        bench.oracle(
          benign: benign, weights: nil, places: places, ownWeights: weights)
      }
    }
    let view = CorruptionView(
      round: 0, colluders: Array(0..<own.rows), received: total, globalModel: model,
      own: UpdateView(own, workers: workers),
      ownWeights: [Double](repeating: 1, count: own.rows), seen: seen, component: cardName)
    var generator = streams.stream(.corruption)
    var memory = Memory()
    let crafted = try craft(view, using: &generator, memory: &memory)
    guard crafted.count == own.rows else {
      throw FederationError.wrongCount(
        component: cardName, got: crafted.count, expected: own.rows)
    }
    for update in crafted where update.delta.count != own.columns {
      throw FederationError.wrongSize(
        component: cardName, got: update.delta.count, expected: own.columns)
    }
    return Crafting(
      updates: crafted, queries: needs.contains(.aggregationRule) ? counter.value : nil)
  }
}

/// What colluders send in one round, and what it took.
public struct Crafting: Sendable {
  /// One update for each colluder.
  public var updates: [CraftedUpdate]
  /// How often the attack tried out the defense; nil for attacks that do not.
  public var queries: Int?
}
