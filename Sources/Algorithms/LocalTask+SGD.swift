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
}

extension LocalTask {
  /// Mini-batch SGD from `parameters` with the task's options and objectives.
  func sgd(
    from parameters: inout Vector, using generator: inout Generator
  ) throws -> LocalOutcome {
    let options = SGDOptions(
      learningRate: training.learningRate, momentum: training.momentum,
      weightDecay: training.weightDecay)
    if objectives.isEmpty {
      let summary = try trainSGD(
        network: network, parameters: &parameters, examples: examples, epochs: training.epochs,
        batchSize: training.batchSize, options: options, workspace: workspace,
        generator: &generator)
      return LocalOutcome(steps: summary.steps, loss: summary.lossFirst)
    }
    return try sgdWithObjectives(from: &parameters, options: options, using: &generator)
  }

  /// One step along the gradient of all examples, weight decay and objectives included.
  func fullBatchStep(
    from parameters: inout Vector, using generator: inout Generator
  ) throws -> LocalOutcome {
    var gradient = Vector(zeros: parameters.count)
    let loss = try network.lossAndGradient(
      parameters: parameters, examples: examples,
      mode: .training(noise: generator.fork("dropout")), workspace: workspace, gradient: &gradient)
    addPenalties(at: parameters, to: &gradient)
    parameters.add(gradient, scale: -Float(training.learningRate))
    try network.updateStatistics(&parameters, workspace: workspace)
    return LocalOutcome(steps: 1, loss: loss)
  }

  /// The update that took the received model to `parameters`.
  func update(to parameters: Vector, weight: Double, outcome: LocalOutcome) -> Update {
    var delta = parameters
    delta.add(received, scale: -1)
    return Update(
      client: client, startedRound: round, delta: delta, weight: weight, steps: outcome.steps,
      loss: outcome.loss)
  }

  /// The same steps as `trainSGD` takes, with the objectives' gradients added to each.
  private func sgdWithObjectives(
    from parameters: inout Vector, options: SGDOptions, using generator: inout Generator
  ) throws -> LocalOutcome {
    var gradient = Vector(zeros: parameters.count)
    var velocity = Vector(zeros: parameters.count)
    var steps = 0
    var first = 0.0
    for _ in 0..<training.epochs {
      let order = generator.permutation(examples.count)
      for start in stride(from: 0, to: order.count, by: training.batchSize) {
        let loss = try network.lossAndGradient(
          parameters: parameters, examples: examples,
          batch: Array(order[start..<min(start + training.batchSize, order.count)]),
          mode: .training(noise: generator.fork("dropout", UInt64(steps))), workspace: workspace,
          gradient: &gradient)
        if steps == 0 { first = loss }
        steps += 1
        addPenalties(at: parameters, to: &gradient)
        velocity.scale(by: Float(options.momentum))
        velocity.add(gradient, scale: 1)
        parameters.add(velocity, scale: -Float(options.learningRate))
        try network.updateStatistics(&parameters, workspace: workspace)
      }
    }
    return LocalOutcome(steps: steps, loss: first)
  }

  private func addPenalties(at parameters: Vector, to gradient: inout Vector) {
    gradient.add(parameters, scale: Float(training.weightDecay))
    for objective in objectives {
      objective.addGradient(at: parameters, reference: received, to: &gradient)
    }
    network.clearStatistics(in: &gradient)
  }
}
