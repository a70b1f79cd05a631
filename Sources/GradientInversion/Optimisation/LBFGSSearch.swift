/// L-BFGS with a fixed step and no line search, as PyTorch's `torch.optim.LBFGS` works by default:
/// what the DLG family uses.
///
/// One step runs up to `inner` iterations; the first ever is scaled by the gradient's L1 norm.
///
/// Source: Liu, Nocedal, On the limited memory BFGS method, Mathematical Programming 1989;
/// constants as in PyTorch.
package struct LBFGSSearch<S: AttackPrecision> {
  let rate: Double
  let inner: Int
  let history: Int
  private let count: Int
  private var direction: [S]
  private var previous: [S]
  private var gradient: [S]
  /// Rings of `history` differences of points and of gradients, and `1 / <y, s>` of each.
  private var s: [S] = []
  private var y: [S] = []
  private var ro: [Double]
  private var alpha: [Double]
  private var stored = 0
  private var next = 0
  private var scale = 1.0
  private var length = 0.0
  private var iterations = 0

  /// Changes below this end a step.
  private static var changeTolerance: Double { 1e-9 }
  /// A gradient whose entries are all below this is that of a solution.
  private static var gradientTolerance: Double { 1e-7 }

  /// The search for a candidate of `variables` variables.
  package init(rate: Double, inner: Int, history: Int, variables: Int) {
    self.rate = rate
    self.inner = inner
    self.history = history
    count = variables
    let zeros = [S](repeating: 0, count: variables)
    (direction, previous, gradient) = (zeros, zeros, zeros)
    s = [S](repeating: 0, count: variables * history)
    y = s
    ro = [Double](repeating: 0, count: history)
    alpha = ro
  }

  /// What a step came to.
  package enum Outcome {
    /// The search goes on.
    case moved
    /// Nothing moves any more.
    case settled
    /// A value or a gradient is not finite.
    case broken
  }

  /// One step from `x`; `evaluate` gives value and gradient at a point.
  package mutating func step(
    _ x: UnsafeMutablePointer<S>,
    _ evaluate: (UnsafePointer<S>, UnsafeMutablePointer<S>) throws -> Double
  ) rethrows -> Outcome {
    func value(_ gradient: inout [S]) throws -> Double {
      var value = 0.0
      try gradient.withUnsafeMutableBufferPointer { gradient in
        if let gradient = gradient.baseAddress { value = try evaluate(x, gradient) }
      }
      return value
    }
    var loss = try value(&gradient)
    guard isFinite(loss) else { return .broken }
    if largest(gradient) <= Self.gradientTolerance { return .settled }
    var evaluations = 1
    var moved = false
    for iteration in 1...max(1, inner) {
      iterations += 1
      if iterations == 1 { start() } else { update() }
      for index in 0..<count { previous[index] = gradient[index] }
      let lossBefore = loss
      length =
        iterations == 1
        ? min(1, 1 / gradient.reduce(0) { $0 + abs(Double($1)) }) * rate : rate
      let slope = dot(gradient, direction)
      if !slope.isFinite { return .broken }
      if slope > -Self.changeTolerance { break }
      direction.withUnsafeBufferPointer { d in
        if let d = d.baseAddress { S.combine(1, x, length, d, into: x, count: count) }
      }
      moved = true
      if iteration == max(1, inner) { break }
      loss = try value(&gradient)
      evaluations += 1
      guard isFinite(loss) else { return .broken }
      if evaluations >= inner * 5 / 4 || largest(gradient) <= Self.gradientTolerance { break }
      if largest(direction) * length <= Self.changeTolerance { break }
      if abs(loss - lossBefore) < Self.changeTolerance { break }
    }
    return moved ? .moved : .settled
  }

  private func isFinite(_ loss: Double) -> Bool {
    loss.isFinite && gradient.allSatisfy(\.isFinite)
  }

  private mutating func start() {
    for index in 0..<count { direction[index] = -gradient[index] }
    (stored, next, scale) = (0, 0, 1)
  }

  /// Stores the last move if it curves upward, and turns the gradient by the two-loop recursion.
  private mutating func update() {
    let base = next * count
    for index in 0..<count {
      y[base + index] = gradient[index] - previous[index]
      s[base + index] = S(length) * direction[index]
    }
    let ys = dot(y, base, s, base)
    if ys > 1e-10 {
      scale = ys / dot(y, base, y, base)
      ro[next] = 1 / ys
      next = (next + 1) % history
      stored = min(stored + 1, history)
    }
    for index in 0..<count { direction[index] = -gradient[index] }
    for back in 0..<stored {
      let slot = (next - 1 - back + 2 * history) % history
      let a = dot(s, slot * count, direction, 0) * ro[slot]
      alpha[slot] = a
      addTo(&direction, -a, y, slot * count)
    }
    let scale = S(scale)
    for index in 0..<count { direction[index] *= scale }
    for forward in 0..<stored {
      let slot = (next - stored + forward + 2 * history) % history
      let b = dot(y, slot * count, direction, 0) * ro[slot]
      addTo(&direction, alpha[slot] - b, s, slot * count)
    }
  }

  private func addTo(_ x: inout [S], _ a: Double, _ values: [S], _ base: Int) {
    x.withUnsafeMutableBufferPointer { x in
      values.withUnsafeBufferPointer { values in
        guard let x = x.baseAddress, let values = values.baseAddress else { return }
        S.combine(1, x, a, values + base, into: x, count: count)
      }
    }
  }

  private func dot(_ a: [S], _ b: [S]) -> Double { dot(a, 0, b, 0) }

  private func dot(_ a: [S], _ i: Int, _ b: [S], _ j: Int) -> Double {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return 0 }
        return S.dots(a + i, b + j, count: count).gt
      }
    }
  }

  private func largest(_ values: [S]) -> Double {
    Double(values.reduce(0) { max($0, abs($1)) })
  }
}
