internal import Accounting
package import Randomness
internal import Synchronization
package import Tensors

/// What a client does to a vector of its own before anybody sees it: clip and noise.
package enum LocalNoise {
  /// The noise multiplier with which `releases` Gaussian releases are (`epsilon`, `delta`)-private;
  /// kept, so that asking again costs nothing.
  package static func multiplier(
    epsilon: Double, delta: Double, releases: Int
  ) throws(PrivateTrainingError) -> Double {
    let question = Question(epsilon: epsilon, delta: delta, releases: releases)
    if let known = answers.withLock({ $0[question] }) { return known }
    let found = try PrivateTrainingError.accounting { () throws(AccountingError) in
      try Calibration(.epsilon(epsilon, delta: delta / 2), by: GaussianAccountant())
        .leastNoise(in: 1e-3...1e9) { noise throws(AccountingError) in
          [
            try PrivacyEvent(
              .gaussian(noiseMultiplier: noise), adjacency: .zeroOut, unit: .client,
              count: releases)
          ]
        }.value
    }
    answers.withLock { $0[question] = found }
    return found
  }

  /// `vector` clipped to `norm`, zeros if it is not finite, with noise of `multiplier` times `norm`.
  package static func protect(
    _ vector: Vector, norm: Double, multiplier: Double, using generator: Generator
  ) throws(PrivateTrainingError) -> Vector {
    var clipped = vector
    if clipped.isFinite {
      let length = clipped.norm
      if length > norm { clipped.scale(by: Float(norm / length)) }
    } else {
      clipped = Vector(zeros: vector.count)
    }
    // A scale below the least Float leaves zeros, and one that overflowed would not be finite.
    if !clipped.isFinite || clipped.norm > norm * (1 + 0x1p-10) {
      clipped = Vector(zeros: vector.count)
    }
    try AggregateNoise.add(
      multiplier: multiplier, parts: 1, unit: norm, to: &clipped, using: generator)
    return clipped
  }

  private struct Question: Hashable {
    var epsilon: Double
    var delta: Double
    var releases: Int
  }

  private static let answers = Mutex<[Question: Double]>([:])
}
