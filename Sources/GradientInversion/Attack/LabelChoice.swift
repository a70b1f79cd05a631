public import Randomness
internal import Tensors

extension InversionProblem {
  /// The labels that a source gives for `examples` examples; nil if they are sought jointly.
  ///
  /// - Throws: `InversionError.notKnown` if the source is not granted, or a method's own errors.
  public func labels(
    from source: AttackSettings.LabelSource, examples: Int, using generator: inout Generator
  ) throws -> [Int32]? {
    switch source {
    case .joint: return nil
    case .known:
      switch knowledge.labels {
      case .known(let labels): return labels
      case .counts(let counts): return LabelCounts(counts).labels
      case .unknown:
        throw InversionError.notKnown(
          attack: "an attack with known labels", missing: "the labels or their counts",
          alternative: "recover them from the gradient, or seek them jointly")
      }
    case .recovered(let method):
      let head = try HeadGradient(
        observed.meanGradient(knowledge.training), of: network)
      if method == .single {
        guard examples == 1 else {
          throw InversionError.invalid(
            what: "the batch size for idlg", got: "\(examples)",
            requirement: "must be 1; use another label method for batches")
        }
        return [LabelRecovery.single(head)]
      }
      var counts = try counts(method, head, examples: examples, using: &generator)
      if counts.total < examples {
        // A method that counts each class once fills up with the frequencies it found.
        counts = LabelCounts(rounding: counts.counts.map(Double.init), total: examples)
      }
      return counts.labels
    }
  }

  private func counts(
    _ method: AttackSettings.LabelSource.RecoveryMethod, _ head: HeadGradient, examples: Int,
    using generator: inout Generator
  ) throws -> LabelCounts {
    let noise: DummyNoise =
      knowledge.inputRange?.lower.allSatisfy { $0 == 0 } == true
      ? .uniform : .normal
    switch method {
    case .single, .analytic:
      return try LabelRecovery.analytic(head, batchSize: examples)
    case .yin: return LabelRecovery.yin(head, batchSize: examples)
    case .wainakh: return LabelRecovery.wainakhSimple(head, batchSize: examples)
    case .biasCorrected: return try LabelRecovery.biasCorrected(head, batchSize: examples)
    case .wainakhWhiteBox:
      return try LabelImpact(
        network: network, parameters: parameters, batchSize: examples, noise: noise,
        using: &generator
      ).wainakh(head, batchSize: examples)
    case .geng, .dimitrov:
      var statistics = try HeadStatistics(
        network: network, parameters: parameters, noise: noise, using: &generator)
      if method == .dimitrov, observed.unit != .gradient {
        let delta = observed.delta(rate: 0)
        let end = zip(parameters.array, delta).map { Float(Double($0) + $1) }
        statistics = statistics.averaged(
          with: try HeadStatistics(
            network: network, parameters: Vector(end), noise: noise, using: &generator))
      }
      return statistics.geng(head, batchSize: examples)
    }
  }
}
