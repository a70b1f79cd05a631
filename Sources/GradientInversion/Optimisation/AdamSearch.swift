internal import Glibc
package import Randomness

/// Adam on a candidate's variables, with what the papers do to its gradient and after its step.
///
/// Source: Kingma, Ba, Adam, ICLR 2015, algorithm 1; decoupled decay as Loshchilov, Hutter, ICLR
/// 2019.
package struct AdamSearch<S: AttackPrecision> {
  let rate: Double
  let sign: AttackSettings.SignForm
  let decay: AttackSettings.Decay
  let warmUp: Int
  let langevin: Double
  let weightDecay: Double
  let clip: Double?
  /// Variables from 0 that the box binds, to magnitudes of at most 2, the valid range's half width.
  let boxed: Int
  private var moments: (first: [S], second: [S])
  private var noise: Generator

  /// The search for a candidate of `variables` variables.
  package init(
    rate: Double, sign: AttackSettings.SignForm, decay: AttackSettings.Decay, warmUp: Int,
    langevin: Double,
    weightDecay: Double, clip: Double?, variables: Int, boxed: Int, noise: Generator
  ) {
    self.rate = rate
    self.sign = sign
    self.decay = decay
    self.warmUp = warmUp
    self.langevin = langevin
    self.weightDecay = weightDecay
    self.clip = clip
    self.boxed = boxed
    self.noise = noise
    let zeros = [S](repeating: 0, count: variables)
    moments = (zeros, zeros)
  }

  /// Step `t` of `total`, from 0. Changes the gradient too.
  package mutating func step(
    _ x: UnsafeMutablePointer<S>, _ gradient: UnsafeMutablePointer<S>, count: Int, t: Int,
    total: Int
  ) {
    let warm = t < warmUp ? Double(t + 1) / Double(warmUp) : 1
    let rate = rate * decay.factor(t, of: total) * warm
    limit(gradient, count: count)
    switch sign {
    case .none: break
    case .hard: S.signs(gradient, count: count)
    case .soft:
      let c = 1 - Double(t) / Double(max(1, total))
      if c > 1e-6 {
        for index in 0..<count { gradient[index] = S(tanh(c * Double(gradient[index])) / c) }
      }
    }
    if weightDecay > 0 {
      let keep = S(1 - rate * weightDecay)
      for index in 0..<count { x[index] *= keep }
    }
    moments.first.withUnsafeMutableBufferPointer { first in
      moments.second.withUnsafeMutableBufferPointer { second in
        guard let m = first.baseAddress, let v = second.baseAddress else { return }
        S.adam(
          x, gradient, m, v, count: count, rate: rate, beta1: 0.9, beta2: 0.999,
          c1: 1 - pow(0.9, Double(t + 1)), c2: 1 - pow(0.999, Double(t + 1)), epsilon: 1e-8)
      }
    }
    if langevin > 0 {
      for index in 0..<count { x[index] += S(langevin * rate * noise.normal()) }
    }
    S.clamp(x, bound: 2, count: boxed)
  }

  private func limit(_ gradient: UnsafeMutablePointer<S>, count: Int) {
    guard let clip else { return }
    let norm = S.dots(gradient, gradient, count: count).gg.squareRoot()
    guard norm > clip else { return }
    S.combine(clip / norm, gradient, 0, gradient, into: gradient, count: count)
  }
}
