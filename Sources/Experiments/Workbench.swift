internal import Components
internal import Datasets
internal import Federation
internal import Learning
internal import Randomness
internal import Synchronization

/// Makes the parts of a scenario and keeps those that cells share.
///
/// Data and partition depend on their own parameters and the seed alone, so that all cells of a
/// seed work on the same clients.
final class Workbench: Sendable {
  private let data = Mutex<[String: DataSplit]>([:])
  private let shares = Mutex<[String: ClientShares]>([:])

  /// The data of `entry` for `seed`.
  ///
  /// - Throws: `ConfigurationError` when a file that the entry names is to blame.
  func data(_ entry: AxisEntry, seed: UInt64) throws -> DataSplit {
    let source: any DataSource = try only(entry)
    let key = "\(entry.identity.canonicalJSON) \(source.isFixed ? 0 : seed)"
    if let known = data.withLock({ $0[key] }) { return known }
    var generator = Generator(seed: seed).fork("data")
    let split: DataSplit
    do {
      split = try source.load(using: &generator)
    } catch let error as DataError {
      throw ConfigurationError("\(error)", at: entry.position)
    }
    data.withLock { $0[key] = split }
    return split
  }

  /// What each client holds of the training data, for `seed`.
  func shares(data entry: AxisEntry, partition: AxisEntry, seed: UInt64) throws -> ClientShares {
    let key = "\(entry.identity.canonicalJSON) \(partition.identity.canonicalJSON) \(seed)"
    if let known = shares.withLock({ $0[key] }) { return known }
    let split = try data(entry, seed: seed)
    let rule: any Partition = try only(partition)
    var generator = Generator(seed: seed).fork("partition")
    let drawn = try rule.assign(split.pool, using: &generator)
    shares.withLock { $0[key] = drawn }
    return drawn
  }

  /// The data of `entry` for `seed`, resized to what the model of `model` needs.
  func data(_ entry: AxisEntry, for model: AxisEntry, seed: UInt64) throws -> DataSplit {
    let split = try data(entry, seed: seed)
    let shape = try preparedShape(model, data: split)
    guard shape != split.train.shape, shape.count == 3 else { return split }
    let key = "\(entry.identity.canonicalJSON) \(seed) \(shape)"
    if let known = data.withLock({ $0[key] }) { return known }
    let resized = DataSplit(
      name: split.name, train: try split.train.resized(height: shape[1], width: shape[2]),
      test: try split.test.resized(height: shape[1], width: shape[2]), groups: split.groups,
      attribution: split.attribution, normalisation: split.normalisation,
      classNames: split.classNames, testRows: split.testRows)
    data.withLock { $0[key] = resized }
    return resized
  }

  /// Says that the data's images are resized for the model, if they are.
  func resizingNote(data entry: AxisEntry, model: AxisEntry, seed: UInt64) throws -> String? {
    let split = try data(entry, seed: seed)
    let shape = try preparedShape(model, data: split)
    guard shape != split.train.shape, shape.count == 3 else { return nil }
    let old = split.train.shape
    return "images of \(split.name) are resized from \(old[1])x\(old[2]) to "
      + "\(shape[1])x\(shape[2]), bilinearly, for model \(model.label)"
  }

  private func preparedShape(_ model: AxisEntry, data split: DataSplit) throws -> [Int] {
    let family: any ModelFamily = try only(model)
    return family.preparedShape(split.train.shape)
  }

  /// The network of `entry` for this data, which has the shape that the model needs.
  func network(_ entry: AxisEntry, data split: DataSplit) throws -> Network {
    let family: any ModelFamily = try only(entry)
    let network = try family.network(
      inputShape: split.train.shape, classes: split.train.classes)
    if case .embedding(let vocabulary, _) = network.layers.first {
      for part in [split.train, split.test] {
        try part.checkTokens(of: split.name, vocabulary: vocabulary)
      }
    }
    return network
  }

  /// The network of a cell for this data: its model's with what defenses add to it.
  func network(of cell: Cell, _ pipeline: RoundPipeline, data split: DataSplit) throws -> Network {
    try pipeline.network(extending: network(cell.entry(.model), data: split))
  }

  /// The pipeline of a cell.
  func pipeline(of cell: Cell) throws -> RoundPipeline {
    var defense = cell.entry(.defense).components.map(\.component)
    if !defense.contains(where: { $0 is any Aggregator }) {
      defense.append(try Catalogue.standard.undefended().component)
    }
    guard let transport = cell.entry(.transport).components.first?.component else {
      throw FederationError.noPosition(component: "nobody", role: "transport")
    }
    return try RoundPipeline(
      population: cell.entry(.population).components.map(\.component),
      algorithm: cell.entry(.algorithm).components.map(\.component), transport: transport,
      attack: cell.entry(.attack).components.map(\.component), defense: defense)
  }

  /// Why whoever reads along in a cell cannot work on its model; nil if everybody can.
  func modelRefusal(of cell: Cell, _ pipeline: RoundPipeline, _ seed: UInt64?) throws -> Refusal? {
    guard let seed, !pipeline.attack.observers.isEmpty else { return nil }
    let data = try data(cell.entry(.data), for: cell.entry(.model), seed: seed)
    let network = try network(of: cell, pipeline, data: data)
    return pipeline.attack.observers.lazy.compactMap { $0.refusal(of: network) }.first
  }

  /// Everything that determines the run of `cell` with `seed`.
  func scenario(of cell: Cell, seed: UInt64) throws -> Scenario {
    let split = try data(cell.entry(.data), for: cell.entry(.model), seed: seed)
    let pipeline = try pipeline(of: cell)
    let network = try network(of: cell, pipeline, data: split)
    return Scenario(
      data: split,
      shares: try shares(
        data: cell.entry(.data), partition: cell.entry(.partition), seed: seed),
      network: try pipeline.attack.network(replacing: network),
      training: cell.training, pipeline: pipeline, threat: cell.threat, seed: seed)
  }

  /// The one component of an entry, as the kind its axis promises.
  private func only<Kind>(_ entry: AxisEntry) throws -> Kind {
    guard let component = entry.components.first?.component as? Kind else {
      throw ConfigurationError("'\(entry.label)' is not what its axis needs", at: entry.position)
    }
    return component
  }
}

extension LabeledExamples {
  /// Throws unless every feature is the number of a token.
  fileprivate func checkTokens(of data: String, vocabulary: Int) throws(ConfigurationError) {
    for example in 0..<count {
      for value in features(of: example)
      where !(value >= 0 && value < Float(vocabulary) && value == value.rounded()) {
        throw ConfigurationError(
          "data \(data), example \(example): got \(value), expected token numbers from 0 to "
            + "\(vocabulary - 1)", at: nil)
      }
    }
  }
}

extension Catalogue {
  /// The rule that stands in when nothing protects: the plain mean.
  func undefended() throws -> ConfiguredComponent {
    try component(ConfigurationNode(.text("mean")), role: .defense)
  }

  /// The attack that stands in when nobody attacks.
  func unattacked() throws -> ConfiguredComponent {
    try component(ConfigurationNode(.text("none")), role: .attack)
  }
}
