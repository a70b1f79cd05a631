internal import CKernels

/// Normalises groups of channels of one example over all positions, then scales and shifts each
/// channel. With one group over plain rows it is layer norm, with a group a channel instance norm.
///
/// Sources: Wu and He, Group Normalization, ECCV 2018; Ba, Kiros, Hinton, Layer Normalization, 2016.
struct GroupNormOperation: Operation {
  let positions: Int
  let channels: Int
  let groups: Int
  let epsilon: Double
  let affine: Bool

  var inputs: Int { positions * channels }
  var outputs: Int { positions * channels }
  var tensors: [TensorDescription] { affine ? .normScaleAndShift(channels: channels) : [] }

  /// Mean and inverse deviation of every set, then sums for the parameters.
  func cacheBytes(rows: Int, bytesPerValue: Int) -> Int {
    (2 * rows * groups + 2 * channels) * MemoryLayout<Double>.stride
  }

  func forward<S: Scalar>(_ site: Site<S>, mode: PassMode) {
    S.groupNorm(
      norm, epsilon: epsilon, x: site.x, scale: scale(site.w), shift: shift(site.w), y: site.y,
      statistics: statistics(site), rows: site.rows)
  }

  func inputGradient<S: Scalar>(_ site: Site<S>, into dx: UnsafeMutablePointer<S>) {
    S.groupNormInput(
      norm, x: site.x, scale: scale(site.w), dy: site.dy, dx: dx, statistics: statistics(site),
      rows: site.rows)
  }

  func parameterGradient<S: Scalar>(_ site: Site<S>, sink: GradientSink<S>) {
    guard affine else { return }
    let sums = clearedSums(site)
    S.groupNormParameter(
      norm, x: site.x, xTangent: nil, dy: site.dy, dyTangent: nil, statistics: statistics(site),
      sums: sums, rows: 0..<site.rows, fixed: false)
    sink.take(sums, count: 2 * channels)
  }

  func addSquaredNorms<S: Scalar>(_ site: Site<S>, to norms: UnsafeMutablePointer<Double>) {
    guard affine else { return }
    for row in 0..<site.rows {
      let sums = clearedSums(site)
      S.groupNormParameter(
        norm, x: site.x, xTangent: nil, dy: site.dy, dyTangent: nil,
        statistics: statistics(site), sums: sums, rows: row..<(row + 1), fixed: false)
      for index in 0..<(2 * channels) { norms[row] += sums[index] * sums[index] }
    }
  }

  func tangentForward<S: Scalar>(_ site: TangentSite<S>) {
    S.groupNormTangent(
      norm, x: site.base.x, scale: scale(site.base.w), v: scale(site.v), vShift: shift(site.v),
      xTangent: site.xTangent, yTangent: site.yTangent, statistics: statistics(site.base),
      rows: site.base.rows)
  }

  func tangentInputGradient<S: Scalar>(
    _ site: TangentSite<S>, into dxTangent: UnsafeMutablePointer<S>
  ) {
    S.groupNormTangentInput(
      norm, x: site.base.x, scale: scale(site.base.w), v: scale(site.v), xTangent: site.xTangent,
      dy: site.base.dy, dyTangent: site.dyTangent, into: dxTangent,
      statistics: statistics(site.base), rows: site.base.rows)
  }

  func tangentParameterGradient<S: Scalar>(_ site: TangentSite<S>, sink: GradientSink<S>) {
    guard affine else { return }
    let sums = clearedSums(site.base)
    S.groupNormParameter(
      norm, x: site.base.x, xTangent: site.xTangent, dy: site.base.dy, dyTangent: site.dyTangent,
      statistics: statistics(site.base), sums: sums, rows: 0..<site.base.rows, fixed: false)
    sink.take(sums, count: 2 * channels)
  }

  private var norm: learning_norm {
    learning_norm(positions: positions, channels: channels, groups: groups)
  }

  private func scale<S>(_ parameters: UnsafePointer<S>) -> UnsafePointer<S>? {
    affine ? parameters : nil
  }

  private func shift<S>(_ parameters: UnsafePointer<S>) -> UnsafePointer<S>? {
    affine ? parameters + channels : nil
  }

  private func statistics<S: Scalar>(_ site: Site<S>) -> UnsafeMutablePointer<Double> {
    site.cache.bindMemory(to: Double.self, capacity: 2 * site.rows * groups + 2 * channels)
  }

  private func clearedSums<S: Scalar>(_ site: Site<S>) -> UnsafeMutablePointer<Double> {
    let sums = statistics(site) + 2 * site.rows * groups
    sums.update(repeating: 0, count: 2 * channels)
    return sums
  }
}

extension [TensorDescription] {
  /// Scale and shift of a norm: 1 and 0 at first.
  static func normScaleAndShift(channels: Int) -> [TensorDescription] {
    [
      TensorDescription(
        name: "weight", shape: [channels], kind: .normScale, initial: .constant(1)),
      TensorDescription(name: "bias", shape: [channels], kind: .normShift, initial: .constant(0)),
    ]
  }
}

extension GradientSink {
  /// Takes a gradient that was summed in double.
  func take(_ gradient: UnsafePointer<Double>, count: Int) {
    for index in 0..<count {
      let added = alpha * S(gradient[index])
      target[index] = beta == 0 ? added : beta * target[index] + added
    }
  }
}
