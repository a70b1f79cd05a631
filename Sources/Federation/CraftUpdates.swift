internal import Components
internal import Randomness
internal import Tensors

extension Corruption {
  /// What this attack would send in your own federated loop.
  ///
  ///     let sent = try IPM(epsilon: 2).crafted(own: bad, honest: good)   // [[Float]]
  ///
  /// The attack sees `honest` only if it says that it needs the honest updates.
  ///
  /// - Parameters:
  ///   - own: The clean updates of the colluders (local minus global), at least one.
  ///   - honest: The other clients' updates, all of the same length.
  ///   - globalModel: The model they are relative to; zeros when left out.
  ///   - seed: The seed of attacks that draw at random.
  /// - Throws: `FederationError`, `ShapeError` for ragged updates.
  public func crafted(
    own: [[Float]], honest: [[Float]], globalModel: [Float]? = nil, seed: UInt64 = 0
  ) throws -> [[Float]] {
    guard let length = own.first?.count, length > 0 else {
      throw FederationError.invalidUpdates("no colluder; hand in at least one clean update")
    }
    let seesHonest = needs.contains(.honestUpdates) && !honest.isEmpty
    let view = CorruptionView(
      round: 0, colluders: Array(own.indices), received: own.count + honest.count,
      globalModel: globalModel.map { Vector($0) } ?? Vector(zeros: length),
      own: UpdateView(try UpdateMatrix(own)),
      honest: seesHonest ? UpdateView(try UpdateMatrix(honest)) : nil, component: cardName)
    var generator = Streams(seed: seed).stream(.corruption)
    var memory = Memory()
    return try craft(view, using: &generator, memory: &memory).map(\.delta.array)
  }
}
