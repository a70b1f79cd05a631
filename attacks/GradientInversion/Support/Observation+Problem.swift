internal import Components
package import Federation
package import GradientInversion
internal import Learning
internal import Randomness
package import Tensors

extension Observation {
  /// What an attacker who knows what clients do goes about each part of it; empty where nothing
  /// defends. Inspections are in the way of those alone who send other weights.
  func counters(for attack: any InversionObserver) throws -> [InversionCounter] {
    let isTampering = attack is any ServerTampering
    let measures = clientMeasures.filter { isTampering || !($0 is any ModelInspection) }
    var counters = try InversionCounter.counters(to: measures, network: network)
    if trainsPrivately {
      counters.append(.nonAdaptiveOnly(reason: "dp-sgd publishes no forward model"))
    }
    return counters
  }

  /// What an inversion attack has to work on: one row, and what is granted beside it.
  ///
  /// - Parameter planted: The weights that the client received, where they were not the model's.
  /// - Throws: `InversionError` if nothing can be made of the row.
  package func problem(ofRow row: Int, planted: Vector? = nil) throws -> InversionProblem {
    let network = network
    return try InversionProblem(
      network: network, parameters: planted ?? modelBefore,
      observed: try ObservedUpdate(trainedDelta(ofRow: row), unit: .delta),
      knowledge: try knowledge(ofRow: row),
      mode: network.batchNormSites.isEmpty
        ? .evaluation : .training(noise: Generator(seed: 0)))
  }

  /// The row with 0 where no gradient goes: running statistics and counters.
  private func trainedDelta(ofRow row: Int) -> [Double] {
    var values = updates.row(row).array.map { Double($0) }
    for segment in network.layout.segments
    where segment.kind == .statistics || segment.kind == .counter {
      for place in segment.range { values[place] = 0 }
    }
    return values
  }

  /// Mean and variance of the batch at every batch norm, as one step's running statistics give them
  /// away; nil where they do not.
  private func statistics(
    ofRow row: Int, sizes: [Int]?
  ) throws -> AttackerKnowledge.BatchStatistics? {
    let sites = network.batchNormSites
    guard items[row].count == 1, let sizes, sizes.count == 1, !sites.isEmpty,
      sites.allSatisfy({ $0.momentum > 0 })
    else { return nil }
    return try AttackerKnowledge.BatchStatistics(
      inferredFrom: modelBefore, modelBefore + updates.row(row), network: network,
      batchSize: sizes[0])
  }

  private func knowledge(ofRow row: Int) throws -> AttackerKnowledge {
    let started = items[row].startedRound ?? round
    guard started == round else {
      throw InversionError.notKnown(
        attack: "inversion", missing: "the model that a late client started from",
        alternative: "attack rounds in which everybody is waited for")
    }
    var knowledge = AttackerKnowledge()
    let sizes = grants(.batchSize) ? try batchSizes(of: row) : nil
    var epochs = 1
    if grants(.trainingParameters), let sizes {
      let training = try training()
      if sizes.count > 1, sizes.count % training.epochs == 0 { epochs = training.epochs }
      knowledge.training = try LocalTraining(
        rate: training.learningRate(round: round),
        momentum: sizes.count > 1 ? training.momentum : 0, batchSizes: sizes, epochs: epochs)
    }
    knowledge.batchSize = sizes.map { $0.prefix($0.count / epochs).reduce(0, +) }
    knowledge.batchStatistics = try statistics(ofRow: row, sizes: sizes)
    if grants(.exampleLabels), let labels = try labels(of: row) {
      knowledge.labels = .known(Array(labels.prefix(knowledge.batchSize ?? labels.count)))
      knowledge.knowsOrder = grants(.batchOrder)
    } else if grants(.labelCounts), let counts = try labelCounts(of: row) {
      knowledge.labels = .counts(counts)
    }
    if grants(.inputNormalisation) {
      knowledge.inputRange = try InputRange(
        try normalisation(), channels: network.inputShape.first ?? 1)
    }
    if grants(.publicData) {
      let examples = try publicExamples()
      knowledge.publicInputs = (0..<examples.count).map { examples.features(of: $0) }
    }
    return knowledge
  }

  /// The observed row with the sign of a gradient; divisions do not mind the factor.
  func gradientUpToAFactor(ofRow row: Int) throws -> [Double] {
    try ObservedUpdate(updates.row(row), unit: .delta).values.map { -$0 }
  }

  /// Model inputs as pixels from 0 to 1.
  func pixels(_ inputs: [[Float]]) throws -> [[Float]] {
    let range = try InputRange(try normalisation(), channels: network.inputShape.first ?? 1)
    return inputs.map { range.pixels($0) }
  }
}
