internal import Federation
internal import Learning
internal import Randomness
internal import Tensors

/// How a local training went.
struct LocalOutcome {
  /// Optimiser steps taken.
  var steps: Int
  /// Loss of the first batch, before its step.
  var loss: Double
  /// The examples of each step, where the task keeps them.
  var batches: [[Int]]?
}

extension TrainingOptions {
  /// What `steps` steps add up to in learning rates times gradients: how far constant gradients of 1
  /// get. With momentum ρ a gradient goes on counting, `1 + ρ + ρ² + …`, until the last step, and with
  /// Nesterov's one term longer; a pull of strength μ towards the received model takes back `learning
  /// rate x μ` of the way in each step. Other optimisers count their steps.
  func effectiveSteps(_ steps: Int, round: Int, pull: Double) -> Double {
    guard case .sgd = optimizer, momentum > 0 || pull > 0 else { return Double(steps) }
    let lost = learningRate(round: round) * pull
    var way = 0.0
    var velocity = 0.0
    for _ in 0..<steps {
      let gradient = 1 - lost * way
      velocity = gradient + momentum * velocity
      way += nesterov ? gradient + momentum * velocity : velocity
    }
    return way
  }
}

extension LocalTask {
  /// Mini-batch training from `parameters` with the task's options, at the round's learning rate, and
  /// its objectives.
  func descend(
    from parameters: inout Vector, using generator: inout Generator
  ) throws -> LocalOutcome {
    if training.dpSgd != nil {
      return try descendPrivately(from: &parameters, using: &generator)
    }
    if let descent {
      let outcome = try descent.descend(self, from: &parameters, using: &generator)
      return LocalOutcome(steps: outcome.steps, loss: outcome.loss)
    }
    let batches = keepsBatches ? batches(using: generator) : nil
    guard objectives.isEmpty, stepViews.isEmpty else {
      var outcome = try descendByHand(from: &parameters, using: &generator)
      outcome.batches = batches
      return outcome
    }
    let summary = try trainEpochs(
      network: network, parameters: &parameters, examples: examples, epochs: training.epochs,
      batchSize: training.batchSize, options: training.optimizerOptions(round: round),
      maximumSteps: maximumSteps, workspace: workspace, generator: &generator)
    return LocalOutcome(steps: summary.steps, loss: summary.lossFirst, batches: batches)
  }

  /// The batches that a descent draws of `generator`, which is a copy.
  private func batches(using generator: Generator) -> [[Int]] {
    var generator = generator
    var batches: [[Int]] = []
    for _ in 0..<training.epochs {
      let order = generator.permutation(examples.count)
      for start in stride(from: 0, to: order.count, by: training.batchSize)
      where batches.count < maximumSteps {
        batches.append(Array(order[start..<min(start + training.batchSize, order.count)]))
      }
    }
    return batches
  }

  /// One step of plain SGD along the gradient of all examples or of those in `batch`: clipped, with
  /// weight decay and objectives, at the round's learning rate.
  func singleStep(
    from parameters: inout Vector, batch: [Int]? = nil, using generator: inout Generator
  ) throws -> LocalOutcome {
    // Momentum starts at zero, so the only step is the same without.
    var options = training.optimizerOptions(round: round)
    options.momentum = 0
    var state = OptimizerState<Float>(for: network, options: options)
    var gradient = Vector(zeros: parameters.count)
    let loss = try stepGradient(
      at: parameters, batch: batch, noise: generator.fork("dropout"), step: 0, using: generator,
      into: &gradient)
    try network.update(&parameters, along: gradient, state: &state, options: options)
    try network.updateStatistics(&parameters, workspace: workspace)
    return LocalOutcome(
      steps: 1, loss: loss,
      batches: keepsBatches ? [batch ?? Array(0..<examples.count)] : nil)
  }

  /// The update that took the received model to `parameters`.
  func update(to parameters: Vector, weight: Double, outcome: LocalOutcome) -> Update {
    var delta = parameters
    delta.add(received, scale: -1)
    var update = Update(
      client: client, startedRound: round, delta: delta, weight: weight, steps: outcome.steps,
      loss: outcome.loss,
      effectiveSteps: training.effectiveSteps(
        outcome.steps, round: round, pull: objectives.reduce(0) { $0 + $1.pull }))
    update.batches = outcome.batches
    return update
  }

  /// The same steps as `trainEpochs` takes, each with its views and with the objectives' gradients.
  private func descendByHand(
    from parameters: inout Vector, using generator: inout Generator
  ) throws -> LocalOutcome {
    let options = training.optimizerOptions(round: round)
    var state = OptimizerState<Float>(for: network, options: options)
    var gradient = Vector(zeros: parameters.count)
    var first = 0.0
    for _ in 0..<training.epochs {
      let order = generator.permutation(examples.count)
      for start in stride(from: 0, to: order.count, by: training.batchSize)
      where state.steps < maximumSteps {
        let loss = try stepGradient(
          at: parameters, batch: Array(order[start..<min(start + training.batchSize, order.count)]),
          noise: generator.fork("dropout", UInt64(state.steps)), step: state.steps,
          using: generator, into: &gradient)
        if state.steps == 0 { first = loss }
        try network.update(&parameters, along: gradient, state: &state, options: options)
        try network.updateStatistics(&parameters, workspace: workspace)
      }
    }
    return LocalOutcome(steps: state.steps, loss: first)
  }
}
