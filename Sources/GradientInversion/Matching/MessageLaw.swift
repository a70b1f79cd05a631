internal import Federation
internal import Glibc
internal import Tensors

/// How a message scatters around what a defense makes of a gradient, where that is neither normal
/// nor Laplace noise: distances of their own, as `DefendedObjective` defines them.
enum MessageLaw<S: AttackPrecision>: Sendable {
  case rounding(inverseStep: S.Flat, target: S.Flat, count: Double)
  case interval(lower: S.Flat, upper: S.Flat, scale: Double)
  case signs(S.Flat)

  /// The law of the defense's last piece; nil where the attack's own distance will do.
  init?(_ piece: ForwardPiece?, observed: [Double], keep: [Bool]) {
    switch piece {
    case .rounding(let steps)?:
      let inverse = zip(steps.array, keep).map { step, kept in
        kept && step.isFinite && step != 0 ? abs(1 / Double(step)) : 0
      }
      self = .rounding(
        inverseStep: S.Flat(inverse), target: S.Flat(observed),
        count: Double(max(1, inverse.count { $0 > 0 })))
    case .interval(let lower, let upper)?:
      let ends = zip(zip(lower.array, upper.array), keep).map { ends, kept in
        kept ? (Double(min(ends.0, ends.1)), Double(max(ends.0, ends.1))) : (-.infinity, .infinity)
      }
      let energy = ends.reduce(0.0) { sum, ends in
        let width = ends.1 - ends.0
        return width.isFinite ? sum + width * width : sum
      }
      self = .interval(
        lower: S.Flat(ends.map(\.0)), upper: S.Flat(ends.map(\.1)),
        scale: 1 / max(energy, Double.leastNormalMagnitude))
    case .sign?:
      self = .signs(
        S.Flat(
          zip(observed, keep).map { value, kept in
            kept && value != 0 ? (value > 0 ? 1 : -1) : 0
          }))
    default: return nil
    }
  }

  /// The distance of `g`, and `v` up to a factor.
  func compare(_ g: S.Flat, into v: inout S.Flat) -> (value: Double, factor: Double) {
    g.read { g in
      v.write { v in
        switch self {
        case .rounding(let inverse, let target, let count):
          return (
            inverse.read { inverse in
              target.read { Self.rounding(g, $0, inverse, count: count, into: v) }
            }, 1
          )
        case .interval(let lower, let upper, let scale):
          return (
            lower.read { lower in
              upper.read { Self.interval(g, lower, $0, scale: scale, into: v) }
            }, 1
          )
        case .signs(let signs): return signs.read { Self.disagreement(g, $0, into: v) }
        }
      }
    }
  }

  /// The mean of `-log(1 - u)`, continued straight where u exceeds 9/10.
  private static func rounding(
    _ g: UnsafeBufferPointer<S>, _ t: UnsafeBufferPointer<S>, _ inverse: UnsafeBufferPointer<S>,
    count: Double, into v: UnsafeMutableBufferPointer<S>
  ) -> Double {
    var sum = 0.0
    for index in g.indices {
      let difference = Double((g[index] - t[index]) * inverse[index])
      let u = abs(difference)
      let slope = 1 / (1 - min(u, 0.9))
      sum += u <= 0.9 ? -log(1 - u) : 10 * (u - 0.9) - log(0.1)
      v[index] = S((difference < 0 ? -slope : slope) / count) * inverse[index]
    }
    return sum / count
  }

  private static func interval(
    _ g: UnsafeBufferPointer<S>, _ lower: UnsafeBufferPointer<S>, _ upper: UnsafeBufferPointer<S>,
    scale: Double, into v: UnsafeMutableBufferPointer<S>
  ) -> Double {
    var sum = 0.0
    for index in g.indices {
      let nearest = min(max(g[index], lower[index]), upper[index])
      let way = g[index] - nearest
      sum += Double(way) * Double(way)
      v[index] = S(2 * scale * Double(way))
    }
    return scale * sum
  }

  /// `f = w / a` with w the wrong magnitudes' sum and a that of all; `v` up to the factor 1 / a.
  private static func disagreement(
    _ g: UnsafeBufferPointer<S>, _ signs: UnsafeBufferPointer<S>,
    into v: UnsafeMutableBufferPointer<S>
  ) -> (value: Double, factor: Double) {
    var (wrong, all) = (0.0, 0.0)
    for index in g.indices where signs[index] != 0 {
      let size = Double(abs(g[index]))
      all += size
      if g[index] * signs[index] < 0 { wrong += size }
    }
    let share = all > 0 ? wrong / all : 1
    for index in g.indices {
      guard signs[index] != 0, g[index] != 0 else {
        // Nothing is known, or the candidate is silent where the client was not.
        v[index] = -signs[index]
        continue
      }
      let own: S = g[index] > 0 ? 1 : -1
      v[index] = own * S((own == signs[index] ? 0 : 1) - share)
    }
    return (share, 1 / max(all, Double.leastNormalMagnitude))
  }
}
