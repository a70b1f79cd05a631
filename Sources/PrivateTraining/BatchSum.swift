internal import Glibc
internal import Learning
internal import Randomness
internal import Tensors

/// The sum of a batch's clipped gradients, each at most 1 long, in little memory.
///
/// Examples are in micro-batches by their number in the data, not by their place in the batch: one
/// example more changes the micro-batches of its own group only, whose rounding errors are then all
/// that it changes besides its own part. Groups are joined in integers, exactly.
struct BatchSum {
  let network: Network
  let examples: LabeledExamples
  let workspace: Workspace
  let augmentation: Augmentation?
  /// Groups of examples: `index % groups`.
  let groups: Int
  /// Most examples in one pass.
  static let largestPass = 96

  /// What is seen on the way. It depends on the data and is covered by no guarantee.
  struct Findings {
    /// Examples whose gradient was not finite; each adds zero.
    var excluded = 0
    /// Examples whose gradient was no longer than the clipping norm.
    var short = 0
    /// Examples in the batch.
    var total: Int { noted + excluded }
    /// Examples whose gradient was finite.
    var noted = 0
    /// The greatest norm of a finite gradient.
    var longest = 0.0
  }

  init(
    network: Network, examples: LabeledExamples, options: PrivateTrainingOptions,
    workspace: Workspace
  ) {
    self.network = network
    self.examples = examples
    self.workspace = workspace
    augmentation = options.augmentation
    groups = max(1, (options.batchSize + options.microBatch - 1) / options.microBatch)
  }

  /// Adds the clipped gradients of `batch` over the clip's sensitivity to `sum`.
  ///
  /// - Parameter part: What one group or example contributes, before it joins the sum; the last one
  ///   stays there until the sum is written or settled.
  func add(
    _ batch: [Int], at parameters: Vector, clip: ExampleClip, to sum: GridSum,
    part: inout Vector, noise: Generator, fault: TrainingFault?
  ) throws(LearningError) -> Findings {
    var findings = Findings()
    if augmentation != nil {
      for index in batch {
        try addAlone(index, parameters, clip, sum, &part, noise, &findings)
      }
      return findings
    }
    var members = [[Int]](repeating: [], count: groups)
    for index in batch { members[index % groups].append(index) }
    for group in members {
      for start in stride(from: 0, to: group.count, by: Self.largestPass) {
        let pass = Array(group[start..<min(start + Self.largestPass, group.count)])
        try addTogether(pass, parameters, clip, sum, &part, noise, &findings, fault)
      }
    }
    return findings
  }

  /// One pass over several examples by ghost norms.
  private func addTogether(
    _ pass: [Int], _ parameters: Vector, _ clip: ExampleClip, _ sum: GridSum,
    _ part: inout Vector, _ noise: Generator, _ findings: inout Findings, _ fault: TrainingFault?
  ) throws(LearningError) {
    let mode = PassMode.training(noise: noise.fork("pass", UInt64(pass[0])))
    sum.settle(part)
    let result = try network.clippedGradientSum(
      parameters: parameters, examples: examples, batch: pass,
      clip: fault == .noClip ? .flat(1e30) : clip, mode: mode, workspace: workspace,
      gradient: &part)
    let scale = 1 / clip.sensitivity
    if fault == .weightedAveraging {
      for index in pass {
        sum.settle(part)
        _ = try network.clippedGradientSum(
          parameters: parameters, examples: examples, batch: [index], clip: clip, mode: mode,
          workspace: workspace, gradient: &part)
        sum.add(part, scale: scale * Double(1 + index % 4))
      }
      return
    }
    // What floating point may do to a sum is bounded by its terms unless they cancel wildly; a sum
    // that could not come from so many short terms is taken apart.
    let limit = Double(pass.count) * (1 + GradientNoise.slack)
    guard fault != nil || part.norm * scale <= limit else {
      for index in pass { try addAlone(index, parameters, clip, sum, &part, noise, &findings) }
      return
    }
    findings.note(result.norms, clip: clip)
    sum.add(part, scale: scale)
  }

  /// One example, its views if there are any: its gradient is formed, measured and scaled.
  private func addAlone(
    _ index: Int, _ parameters: Vector, _ clip: ExampleClip, _ sum: GridSum,
    _ part: inout Vector, _ noise: Generator, _ findings: inout Findings
  ) throws(LearningError) {
    let mode = PassMode.training(noise: noise.fork("pass", UInt64(index)))
    sum.settle(part)
    if let augmentation {
      var generator = noise.fork("views", UInt64(index))
      let views = try augmentation.views(of: index, in: examples, using: &generator)
      _ = try network.lossAndGradient(
        parameters: parameters, examples: views, batch: Array(0..<views.count), mode: mode,
        workspace: workspace, gradient: &part)
    } else {
      _ = try network.lossAndGradient(
        parameters: parameters, examples: examples, batch: [index], mode: mode,
        workspace: workspace, gradient: &part)
    }
    findings.note([part.norm], clip: clip)
    guard part.norm.isFinite else { return }
    if case .perLayer(let limits) = clip {
      let layers = network.parameterLayers
      part.withUnsafeMutableBufferPointer { values in
        for (layer, limit) in zip(layers, limits) {
          var square = 0.0
          for place in layer.range { square += Double(values[place]) * Double(values[place]) }
          let norm = square.squareRoot()
          guard norm > limit else { continue }
          let factor = Float(limit / norm)
          for place in layer.range { values[place] *= factor }
        }
      }
      sum.add(part, scale: 1 / clip.sensitivity)
    } else {
      sum.add(part, scale: clip.factor(norm: part.norm) / clip.sensitivity)
    }
  }
}

extension BatchSum.Findings {
  /// Counts gradients of these norms.
  mutating func note(_ norms: [Double], clip: ExampleClip) {
    for norm in norms {
      guard norm.isFinite else {
        excluded += 1
        continue
      }
      noted += 1
      if norm <= clip.sensitivity { short += 1 }
      longest = max(longest, norm)
    }
  }
}
