internal import CKernels

/// Normalises every channel over batch and positions, then scales and shifts it.
///
/// In training the statistics are the batch's, so this is a group norm whose one example is the whole
/// batch and whose groups are the channels. In evaluation they are the running ones and the layer is
/// affine: `y = scale r (x - mean) + shift`, `r = 1 / sqrt(variance + epsilon)`.
///
/// A training step moves the running statistics by `momentum` towards the batch's, the variance
/// unbiased (torch.nn.BatchNorm2d). They have no gradient.
///
/// Source: Ioffe and Szegedy, Batch Normalization, ICML 2015.
struct BatchNormOperation: Operation {
  let positions: Int
  let channels: Int
  let epsilon: Double
  let momentum: Double
  let affine: Bool

  var inputs: Int { positions * channels }
  var outputs: Int { positions * channels }
  var mixesExamples: Bool { true }

  var tensors: [TensorDescription] {
    (affine ? .normScaleAndShift(channels: channels) : []) + [
      TensorDescription(
        name: "running_mean", shape: [channels], kind: .statistics, initial: .constant(0)),
      TensorDescription(
        name: "running_var", shape: [channels], kind: .statistics, initial: .constant(1)),
    ]
  }

  /// The mode; mean and inverse deviation of each channel; sums for the parameters; two factors for
  /// each channel.
  func cacheBytes(rows: Int, bytesPerValue: Int) -> Int {
    64 + 4 * channels * MemoryLayout<Double>.stride + 2 * channels * bytesPerValue
  }

  func forward<S: Scalar>(_ site: Site<S>, mode: PassMode) {
    let memory = Memory(site, channels: channels)
    switch mode {
    case .training:
      memory.mode.pointee = 1
      S.groupNorm(
        batchNorm(site.rows), epsilon: epsilon, x: site.x, scale: scale(site.w),
        shift: shift(site.w), y: site.y, statistics: memory.statistics, rows: 1)
    case .evaluation:
      memory.mode.pointee = 0
      let (mean, variance) = (running(site.w), running(site.w) + channels)
      for c in 0..<channels {
        let r = 1 / (Double(variance[c]) + epsilon).squareRoot()
        memory.statistics[2 * c] = Double(mean[c])
        memory.statistics[2 * c + 1] = r
        let factor = (affine ? Double(site.w[c]) : 1) * r
        memory.factors[c] = S(factor)
        let shift = affine ? Double(site.w[channels + c]) : 0
        memory.offsets[c] = S(shift - factor * Double(mean[c]))
      }
      S.affine(
        x: site.x, a: memory.factors, b: memory.offsets, y: site.y,
        positions: site.rows * positions, channels: channels, adding: false)
    }
  }

  func inputGradient<S: Scalar>(_ site: Site<S>, into dx: UnsafeMutablePointer<S>) {
    let memory = Memory(site, channels: channels)
    if memory.isTraining {
      S.groupNormInput(
        batchNorm(site.rows), x: site.x, scale: scale(site.w), dy: site.dy, dx: dx,
        statistics: memory.statistics, rows: 1)
    } else {
      fillFactors(memory, by: scale(site.w))
      S.affine(
        x: site.dy, a: memory.factors, b: nil, y: dx, positions: site.rows * positions,
        channels: channels, adding: false)
    }
  }

  func parameterGradient<S: Scalar>(_ site: Site<S>, sink: GradientSink<S>) {
    clearStatistics(of: sink)
    guard affine else { return }
    let memory = Memory(site, channels: channels)
    let sums = memory.clearedSums()
    S.groupNormParameter(
      batchNorm(site.rows), x: site.x, xTangent: nil, dy: site.dy, dyTangent: nil,
      statistics: memory.statistics, sums: sums, rows: 0..<1, fixed: !memory.isTraining)
    sink.take(sums, count: 2 * channels)
  }

  /// In evaluation, where every example has a gradient of its own.
  func addSquaredNorms<S: Scalar>(_ site: Site<S>, to norms: UnsafeMutablePointer<Double>) {
    guard affine else { return }
    let memory = Memory(site, channels: channels)
    let example = learning_norm(positions: positions, channels: channels, groups: channels)
    for row in 0..<site.rows {
      let sums = memory.clearedSums()
      S.groupNormParameter(
        example, x: site.x + row * inputs, xTangent: nil, dy: site.dy + row * inputs,
        dyTangent: nil, statistics: memory.statistics, sums: sums, rows: 0..<1, fixed: true)
      for index in 0..<(2 * channels) { norms[row] += sums[index] * sums[index] }
    }
  }

  func updateStatistics<S: Scalar>(_ site: Site<S>, parameters: UnsafeMutablePointer<S>) {
    let memory = Memory(site, channels: channels)
    guard memory.isTraining else { return }
    let count = Double(site.rows * positions)
    let (mean, variance) = (
      parameters + runningOffset, parameters + runningOffset + channels
    )
    for c in 0..<channels {
      let r = memory.statistics[2 * c + 1]
      let biased = 1 / (r * r) - epsilon
      let unbiased = count > 1 ? biased * count / (count - 1) : biased
      mean[c] = S((1 - momentum) * Double(mean[c]) + momentum * memory.statistics[2 * c])
      variance[c] = S((1 - momentum) * Double(variance[c]) + momentum * unbiased)
    }
  }

  func tangentForward<S: Scalar>(_ site: TangentSite<S>) {
    let base = site.base
    let memory = Memory(base, channels: channels)
    if memory.isTraining {
      S.groupNormTangent(
        batchNorm(base.rows), x: base.x, scale: scale(base.w), v: scale(site.v),
        vShift: shift(site.v), xTangent: site.xTangent, yTangent: site.yTangent,
        statistics: memory.statistics, rows: 1)
      return
    }
    // v_scale (x - mean) r + v_shift, then scale r x-tangent.
    for c in 0..<channels {
      let r = memory.statistics[2 * c + 1]
      let factor = affine ? Double(site.v[c]) * r : 0
      memory.factors[c] = S(factor)
      let shift = affine ? Double(site.v[channels + c]) : 0
      memory.offsets[c] = S(shift - factor * memory.statistics[2 * c])
    }
    S.affine(
      x: base.x, a: memory.factors, b: memory.offsets, y: site.yTangent,
      positions: base.rows * positions, channels: channels, adding: false)
    guard let xTangent = site.xTangent else { return }
    fillFactors(memory, by: scale(base.w))
    S.affine(
      x: xTangent, a: memory.factors, b: nil, y: site.yTangent,
      positions: base.rows * positions, channels: channels, adding: true)
  }

  func tangentInputGradient<S: Scalar>(
    _ site: TangentSite<S>, into dxTangent: UnsafeMutablePointer<S>
  ) {
    let base = site.base
    let memory = Memory(base, channels: channels)
    if memory.isTraining {
      S.groupNormTangentInput(
        batchNorm(base.rows), x: base.x, scale: scale(base.w), v: scale(site.v),
        xTangent: site.xTangent, dy: base.dy, dyTangent: site.dyTangent, into: dxTangent,
        statistics: memory.statistics, rows: 1)
      return
    }
    fillFactors(memory, by: scale(base.w))
    S.affine(
      x: site.dyTangent, a: memory.factors, b: nil, y: dxTangent,
      positions: base.rows * positions, channels: channels, adding: false)
    guard affine else { return }
    fillFactors(memory, by: site.v)
    S.affine(
      x: base.dy, a: memory.factors, b: nil, y: dxTangent, positions: base.rows * positions,
      channels: channels, adding: true)
  }

  func tangentParameterGradient<S: Scalar>(_ site: TangentSite<S>, sink: GradientSink<S>) {
    clearStatistics(of: sink)
    guard affine else { return }
    let memory = Memory(site.base, channels: channels)
    let sums = memory.clearedSums()
    S.groupNormParameter(
      batchNorm(site.base.rows), x: site.base.x, xTangent: site.xTangent, dy: site.base.dy,
      dyTangent: site.dyTangent, statistics: memory.statistics, sums: sums, rows: 0..<1,
      fixed: !memory.isTraining)
    sink.take(sums, count: 2 * channels)
  }

  // MARK: Parts

  /// What the cache holds.
  private struct Memory<S: Scalar> {
    let mode: UnsafeMutablePointer<Int32>
    let statistics: UnsafeMutablePointer<Double>
    let factors: UnsafeMutablePointer<S>
    let offsets: UnsafeMutablePointer<S>
    let channels: Int

    init(_ site: Site<S>, channels: Int) {
      self.channels = channels
      mode = site.cache.bindMemory(to: Int32.self, capacity: 1)
      let doubles = site.cache + 64
      statistics = doubles.bindMemory(to: Double.self, capacity: 4 * channels)
      let rest = doubles + 4 * channels * MemoryLayout<Double>.stride
      factors = rest.bindMemory(to: S.self, capacity: 2 * channels)
      offsets = factors + channels
    }

    var isTraining: Bool { mode.pointee == 1 }

    func clearedSums() -> UnsafeMutablePointer<Double> {
      let sums = statistics + 2 * channels
      sums.update(repeating: 0, count: 2 * channels)
      return sums
    }
  }

  /// The whole batch as one example whose groups are the channels.
  private func batchNorm(_ rows: Int) -> learning_norm {
    learning_norm(positions: rows * positions, channels: channels, groups: channels)
  }

  /// Factors of each channel: a scale, or 1, times the inverse deviation.
  private func fillFactors<S: Scalar>(_ memory: Memory<S>, by scale: UnsafePointer<S>?) {
    for c in 0..<channels {
      memory.factors[c] = S((scale.map { Double($0[c]) } ?? 1) * memory.statistics[2 * c + 1])
    }
  }

  /// Running statistics have no gradient: a sink that starts anew gets 0, any other keeps what it has.
  private func clearStatistics<S: Scalar>(of sink: GradientSink<S>) {
    if sink.beta == 0 {
      (sink.target + runningOffset).update(repeating: 0, count: 2 * channels)
    }
  }

  private var runningOffset: Int { affine ? 2 * channels : 0 }

  private func running<S>(_ parameters: UnsafePointer<S>) -> UnsafePointer<S> {
    parameters + runningOffset
  }

  private func scale<S>(_ parameters: UnsafePointer<S>) -> UnsafePointer<S>? {
    affine ? parameters : nil
  }

  private func shift<S>(_ parameters: UnsafePointer<S>) -> UnsafePointer<S>? {
    affine ? parameters + channels : nil
  }
}
