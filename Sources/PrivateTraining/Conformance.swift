internal import Accounting
public import Learning
public import Randomness
public import Tensors

/// Whether a private training does what it declares: its own sampler, clip and noise are run under
/// a recorder, on neighbouring inputs too, and compared with the event that it charges.
///
/// An accountant believes what it is told. This is the other half of a guarantee: that examples are
/// drawn at the declared rate and in the declared way, that none moves the sum by more than the
/// clipping norm, that the noise has the declared scale and is fresh in every step and coordinate,
/// and that nothing else leaves.
///
///     let findings = try Conformance(steps: 300).check(
///       network: network, examples: examples, options: options, using: generator)
///     findings.isEmpty     // nothing was found to contradict the declared event
public struct Conformance: Sendable {
  /// Steps that are recorded.
  public let steps: Int
  /// The chance, in all, that something is found where nothing is wrong.
  public let falseAlarms: Double

  /// What is compared.
  public enum Check: String, Sendable, Hashable, CaseIterable {
    /// How often examples are drawn, against the declared rate.
    case inclusionRate = "inclusion-rate"
    /// How the sizes of batches vary, against the declared sampling.
    case batchSizes = "batch-sizes"
    /// How drawings of different examples and steps depend on each other.
    case drawings
    /// How far one example moves what is released, before the noise.
    case sensitivity
    /// Whether what is released is finite whatever comes in.
    case finiteness
    /// The scale of the noise.
    case noiseScale = "noise-scale"
    /// Whether noise repeats or depends on anything.
    case noiseIndependence = "noise-independence"
    /// Whether what the optimiser gets is the noisy sum times a public number.
    case release
  }

  /// Something that contradicts the declared event.
  public struct Finding: Sendable, Hashable, CustomStringConvertible {
    /// What was compared.
    public let check: Check
    /// What was seen and what was declared.
    public let description: String
  }

  /// Checks over `steps` steps at this rate of false alarms.
  ///
  /// - Precondition: At least 2 steps, and a rate in (0, 1).
  public init(steps: Int = 300, falseAlarms: Double = 1e-6) {
    precondition(steps >= 2 && falseAlarms > 0 && falseAlarms < 1)
    self.steps = steps
    self.falseAlarms = falseAlarms
  }

  /// Everything found to contradict what a training of `options` declares.
  ///
  /// - Parameters:
  ///   - start: The weights that training starts from; the network's own random ones if nil.
  /// - Throws: As `PrivateTrainer`.
  /// - Complexity: `steps` steps of training, and some forty on few examples.
  public func check(
    network: Network, examples: LabeledExamples, options: PrivateTrainingOptions,
    start: Vector? = nil, using generator: Generator
  ) throws -> [Finding] {
    try check(
      network: network, examples: examples, options: options, start: start, using: generator,
      fault: nil)
  }

  package func check(
    network: Network, examples: LabeledExamples, options: PrivateTrainingOptions,
    start: Vector? = nil, using generator: Generator, fault: TrainingFault?
  ) throws -> [Finding] {
    var initial = generator.fork("initialization")
    let start = start ?? network.initialParameters(using: &initial)
    func trainer(_ examples: LabeledExamples) throws -> PrivateTrainer {
      try PrivateTrainer(
        network: network, examples: examples, options: options,
        filter: PrivacyFilter(epsilon: .infinity, delta: 1e-5),
        randomness: .seeded(generator.fork("training")), fault: fault)
    }
    var recorded = try trainer(examples)
    let event = recorded.event
    let log = RecordLog()
    recorded.recorder = { log.note($0) }
    var parameters = start
    for _ in 0..<steps { _ = try recorded.step(&parameters) }
    let level = falseAlarms / 16
    var findings = SamplingComparison(
      sampling: event.sampling, population: examples.count, level: level
    ).findings(log.batches, cycle: options.sampling.cycle)
    if case .gaussian(let multiplier) = event.mechanism {
      findings += log.noise.findings(multiplier: multiplier, level: level)
    }
    if case .adaptive(let adaptive) = options.clipping, options.noiseMultiplier > 0 {
      let deviation = adaptive.deviation(batch: Double(options.batchSize))
      findings += log.counts.findings(multiplier: deviation, level: level, of: "the counts'")
    }
    if let description = log.wrongRelease { findings.append(.init(.release, description)) }
    findings += try NeighbourComparison(
      examples: examples, batchSize: options.batchSize, start: start
    ).findings(trainer)
    return findings
  }
}

extension Conformance.Finding {
  init(_ check: Conformance.Check, _ description: String) {
    self.check = check
    self.description = "\(check.rawValue): \(description)"
  }
}

/// What the recorder keeps of each step: batches, and sums over the noise.
final class RecordLog {
  private(set) var batches: [[Int]] = []
  private(set) var noise = NoiseComparison()
  private(set) var counts = NoiseComparison()
  private(set) var wrongRelease: String?

  func note(_ record: StepRecord) {
    batches.append(record.batch)
    noise.note(
      zip(record.noised, record.sum).map { Double($0 &- $1) * record.gridStep },
      sum: record.sum.map { Double($0) * record.gridStep })
    if let count = record.count {
      counts.note([count.noised - count.exact], sum: [count.exact])
    }
    for (released, noised) in zip(record.released, record.noised) where wrongRelease == nil {
      let wanted = Double(noised) * record.gridStep * record.scale
      if !(abs(Double(released) - wanted) <= 0x1p-23 * abs(wanted) + 1e-44) {
        wrongRelease =
          "step \(batches.count) with \(record.batch.count) examples released \(released) where the "
          + "noisy sum over the public batch size is \(wanted)"
      }
    }
  }
}
