internal import Glibc
internal import Randomness

/// The middle of a variational bottleneck: K means `m` and K spreads `s` come in, a sample of each
/// value goes out, and the loss gains what the samples' distribution costs.
///
///     y_k = m_k + σ_k ε_k,   σ_k = softplus(s_k),   ε standard normal in training, 0 or given in evaluation
///     loss of an example += penalty / ln 2 · ½ Σ_k (m_k² + σ_k² - 1 - 2 ln σ_k)
///
/// The noise is drawn from the step's own stream and kept, so that every pass of the step and every
/// replay sees the same.
///
/// Source: Scheliga, Mäder, Seeland 2022, *PRECODE*, section 4, with the bits of its published code.
struct BottleneckOperation: Operation {
  /// K.
  let features: Int
  let penalty: Double
  /// ε of every example in evaluation; empty stands for zeros.
  var evaluationNoise: [Float] = []

  var inputs: Int { 2 * features }
  var outputs: Int { features }

  func cacheBytes(rows: Int, bytesPerValue: Int) -> Int { rows * features * bytesPerValue }

  func forward<S: Scalar>(_ site: Site<S>, mode: PassMode) {
    let noise = noise(site)
    switch mode {
    case .evaluation:
      for index in 0..<(site.rows * features) {
        noise[index] = evaluationNoise.isEmpty ? 0 : S(evaluationNoise[index % features])
      }
    case .training(let stream):
      var generator = stream.fork("bottleneck", UInt64(site.place))
      for index in 0..<(site.rows * features) { noise[index] = S(Float(generator.normal())) }
    }
    forEach(site.rows) { mean, spread, out in
      site.y[out] = site.x[mean] + S(Spread(site.x[spread]).deviation) * noise[out]
    }
  }

  /// Adds each row's penalty to its loss.
  func addPenalty<S: Scalar>(_ site: Site<S>, to losses: UnsafeMutablePointer<Double>) {
    forEach(site.rows) { mean, spread, out in
      let (m, spread) = (Double(site.x[mean]), Spread(site.x[spread]))
      losses[out / features] +=
        penalty * M_LOG2E / 2
        * (m * m + spread.deviation * spread.deviation - 1 - 2 * spread.logarithm)
    }
  }

  func inputGradient<S: Scalar>(_ site: Site<S>, into dx: UnsafeMutablePointer<S>) {
    let noise = noise(site)
    let cost = cost(site)
    forEach(site.rows) { mean, spread, out in
      let by = Spread(site.x[spread])
      dx[mean] = site.dy[out] + S(cost) * site.x[mean]
      dx[spread] = S(
        Double(site.dy[out]) * Double(noise[out]) * by.slope
          + cost * (by.deviation * by.slope - by.ratio))
    }
  }

  func tangentForward<S: Scalar>(_ site: TangentSite<S>) {
    guard let xTangent = site.xTangent else {
      site.yTangent.update(repeating: 0, count: site.base.rows * features)
      return
    }
    let noise = noise(site.base)
    forEach(site.base.rows) { mean, spread, out in
      let slope = S(Spread(site.base.x[spread]).slope)
      site.yTangent[out] = xTangent[mean] + noise[out] * slope * xTangent[spread]
    }
  }

  func tangentInputGradient<S: Scalar>(
    _ site: TangentSite<S>, into dxTangent: UnsafeMutablePointer<S>
  ) {
    let noise = noise(site.base)
    let cost = cost(site.base)
    forEach(site.base.rows) { mean, spread, out in
      let by = Spread(site.base.x[spread])
      let (m, s) = (site.xTangent?[mean] ?? 0, Double(site.xTangent?[spread] ?? 0))
      let e = Double(noise[out])
      dxTangent[mean] = site.dyTangent[out] + S(cost) * m
      // The slopes of p = σ', of σ p, and of p / σ by s are p (1 - p), p² + σ p (1 - p) and
      // (p / σ) (1 - p - p / σ).
      let (p, rest) = (by.slope, 1 - by.slope)
      let curvature =
        Double(site.base.dy[out]) * e * p * rest
        + cost * (p * p + by.deviation * p * rest - by.ratio * (rest - by.ratio))
      dxTangent[spread] = S(Double(site.dyTangent[out]) * e * p + curvature * s)
    }
  }

  /// What a squared mean of 2 costs an example's share of the loss that is differentiated.
  private func cost<S: Scalar>(_ site: Site<S>) -> Double {
    penalty * M_LOG2E * Double(site.lossScale)
  }

  /// Calls with the places of a mean, its spread, and their sample.
  private func forEach(_ rows: Int, _ body: (_ mean: Int, _ spread: Int, _ out: Int) -> Void) {
    for row in 0..<rows {
      for index in 0..<features {
        let mean = 2 * row * features + index
        body(mean, mean + features, row * features + index)
      }
    }
  }

  private func noise<S: Scalar>(_ site: Site<S>) -> UnsafeMutablePointer<S> {
    site.cache.bindMemory(to: S.self, capacity: site.rows * features)
  }
}

/// A standard deviation `σ = softplus(s)` with what its derivatives need, exact where σ is tiny.
private struct Spread {
  /// σ.
  let deviation: Double
  /// `p = dσ/ds`.
  let slope: Double
  /// ln σ.
  let logarithm: Double
  /// `p / σ = d ln σ / ds`.
  let ratio: Double

  init<S: Scalar>(_ spread: S) {
    let s = Double(spread)
    deviation = max(s, 0) + log1p(exp(-abs(s)))
    slope = s >= 0 ? 1 / (1 + exp(-s)) : exp(s) / (1 + exp(s))
    // Below -30 softplus is the exponential to the last bit, and later both are zero.
    logarithm = s > -30 ? log(deviation) : s
    ratio = s > -30 ? slope / deviation : 1
  }
}
