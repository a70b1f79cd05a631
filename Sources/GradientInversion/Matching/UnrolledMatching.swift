internal import Learning

/// The distance of a whole local training run from what was observed, differentiated exactly
/// through every step, momentum included.
///
/// The trained difference is compared in the unit of a gradient, `(w_0 - w_K) / (rate K)`.
final class UnrolledMatching<S: AttackPrecision> {
  private let unrolling: Unrolling<S>
  private let training: LocalTraining
  /// The rows that each step takes.
  private let steps: [Range<Int>]
  private let width: Int
  private var direction: S.Flat
  private var scratch: DefendedObjective<S>.Scratch

  init(_ core: MatchingCore<S>, workspace: Workspace) throws {
    guard let training = core.training else {
      throw InversionError.notKnown(
        attack: "differentiating through local steps", missing: "the clients' hyper-parameters",
        alternative: "grant them")
    }
    self.training = training
    width = core.network.inputs
    unrolling = try Unrolling(
      network: core.network,
      options: SGDOptions(learningRate: training.rate, momentum: training.momentum),
      workspace: workspace)
    direction = S.Flat(zeros: core.network.parameterCount)
    scratch = core.objective.scratch(count: core.network.parameterCount)
    var steps: [Range<Int>] = []
    let perEpoch = training.steps / training.epochs
    for (step, size) in training.batchSizes.enumerated() {
      let epoch = step / perEpoch
      // Epochs either have rows of their own or begin again at the first.
      let start =
        step % perEpoch == 0
        ? (core.epochs > 1 ? epoch * core.examples : 0) : (steps.last?.upperBound ?? 0)
      steps.append(start..<(start + size))
    }
    self.steps = steps
    guard steps.allSatisfy({ $0.upperBound <= core.rows }) else {
      throw InversionError.sizeMismatch(
        what: "examples of an epoch's steps", got: steps.map(\.upperBound).max() ?? 0,
        expected: "at most \(core.rows)")
    }
  }

  /// The distance and its gradient by the inputs.
  func evaluate(_ inputs: [S], core: MatchingCore<S>) throws -> (Double, [S]) {
    let labels = core.labels ?? []
    let batches = steps.map { rows in
      Batch(
        inputs: Array(inputs[(rows.lowerBound * width)..<(rows.upperBound * width)]),
        labels: rows.map { labels[$0] })
    }
    var end = try S.train(unrolling, from: core.parameters, on: batches)
    let unit = training.rate * Double(training.steps)
    let count = core.network.parameterCount
    core.parameters.read { start in
      end.write { end in
        guard let start = start.baseAddress, let end = end.baseAddress else { return }
        S.combine(1 / unit, start, -1 / unit, end, into: end, count: count)
      }
    }
    let (value, factor) = core.objective.evaluate(
      &end, into: &direction, scratch: &scratch)
    direction.write { v in
      guard let v = v.baseAddress else { return }
      S.combine(-factor / unit, v, 0, v, into: v, count: count)
    }
    let gradients = try S.pullBack(unrolling, direction)
    var sum = [S](repeating: 0, count: inputs.count)
    for (rows, part) in zip(steps, gradients.inputs) {
      let start = rows.lowerBound * width
      for index in part.indices { sum[start + index] += part[index] }
    }
    return (value, sum)
  }
}
