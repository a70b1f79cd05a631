internal import Accounting
internal import Federation
internal import Learning
internal import PrivateTraining
internal import Randomness
internal import Tensors

extension LocalTask {
  /// Private training from `parameters`: the steps of this round, at its learning rate. Optimiser
  /// state starts from zero every round; so does adaptive clipping. The loss is the data's and is
  /// not told.
  func descendPrivately(
    from parameters: inout Vector, using generator: inout Generator
  ) throws -> LocalOutcome {
    var options = try training.privateOptions(
      population: examples.count, dimension: network.parameterCount)
    options.optimizer = training.optimizerOptions(round: round)
    // The client's budget was settled before the run, for all rounds.
    var trainer = try PrivateTrainer(
      network: network, examples: examples, options: options,
      filter: PrivacyFilter(epsilon: .infinity, delta: training.dpSgd?.delta ?? 1e-5),
      randomness: .seeded(generator.fork("dp-sgd")), workspace: workspace)
    let steps = min(maximumSteps, training.privateSteps(population: examples.count))
    for _ in 0..<steps { _ = try trainer.step(&parameters) }
    if let averaged = trainer.averaged { parameters = averaged }
    return LocalOutcome(steps: trainer.steps, loss: 0)
  }
}
