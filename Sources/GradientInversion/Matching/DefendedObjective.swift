internal import Federation
internal import Learning
internal import Tensors

/// An objective behind a known defense: the candidate's gradient goes through the defense's forward
/// model before it is compared, and `v = df/dg` comes back through it.
///
/// | what the defense ends with | distance of `p = F(g)` from the message `t` |
/// |---|---|
/// | masks, clips | the attack's own |
/// | normal noise | `|p - t|^2 / |t|^2` |
/// | Laplace noise | `|p - t|_1 / |t|_1` |
/// | random rounding, step s | mean of `-log(1 - |p - t| / s)`, a straight line beyond 9/10 |
/// | nearest rounding | squared way into the intervals, over the sum of their squared widths |
/// | signs | `sum of |g| where the sign is wrong / sum of |g|` |
///
/// Without a defense it is the objective itself.
struct DefendedObjective<S: AttackPrecision>: Sendable {
  private enum Stage: Sendable {
    case scale(S.Flat)
    case clip(norm: Double, ranges: [Range<Int>])
  }

  private let base: BoundObjective<S>
  private var stages: [Stage] = []
  /// What compares the message; nil leaves it to the base.
  private var law: MessageLaw<S>?

  /// Room for what clips saw.
  struct Scratch {
    fileprivate var directions: [S.Flat]
    fileprivate var factors: [[Double]]
  }

  /// - Parameters:
  ///   - observed: The message as a gradient.
  ///   - pieces: What the defense did, in the unit of `observed`.
  /// - Throws: `InversionError` if a piece is not as long as the gradient, or nothing is left.
  init(
    _ objective: MatchingObjective, observed: [Double], pieces: [ForwardPiece], network: Network
  ) throws(InversionError) {
    var objective = objective
    var last: ForwardPiece?
    for piece in pieces {
      try Self.check(piece, count: observed.count)
      switch piece {
      case .scale(let factors): stages.append(.scale(S.Flat(factors.array.map { Double($0) })))
      case .clip(let norm, let ranges): stages.append(.clip(norm: norm, ranges: ranges))
      default: last = piece
      }
    }
    switch last {
    case .gaussian?:
      let energy = observed.reduce(0) { $0 + $1 * $1 }
      objective.form = .squared(factor: 1 / max(energy, Double.leastNormalMagnitude))
    case .laplace?:
      let size = observed.reduce(0) { $0 + abs($1) }
      objective.form = .absolute(factor: 1 / max(size, Double.leastNormalMagnitude))
    default: break
    }
    base = try BoundObjective(objective, observed: observed, network: network)
    let keep = try BoundObjective<S>.kept(objective.mask, observed: observed, network: network)
    law = MessageLaw(last, observed: observed, keep: keep)
  }

  private static func check(_ piece: ForwardPiece, count: Int) throws(InversionError) {
    let got: Int
    switch piece {
    case .scale(let values), .rounding(let values): got = values.count
    case .interval(let lower, let upper):
      got = lower.count == upper.count ? lower.count : min(lower.count, upper.count)
    case .clip(_, let ranges): got = max(ranges.map(\.upperBound).max() ?? 0, count)
    default: return
    }
    guard got == count else {
      throw .sizeMismatch(
        what: "values of a defense's forward model", got: got,
        expected: "\(count), the model's parameters")
    }
  }

  /// Room for one candidate.
  func scratch(count: Int) -> Scratch {
    let clips = stages.count { if case .clip = $0 { true } else { false } }
    return Scratch(
      directions: (0..<clips).map { _ in S.Flat(zeros: count) },
      factors: [[Double]](repeating: [], count: clips))
  }

  /// `f`, and `v` up to a factor, as `BoundObjective`; `g` becomes what the defense makes of it.
  func evaluate(
    _ g: inout S.Flat, into v: inout S.Flat, scratch: inout Scratch
  ) -> (value: Double, factor: Double) {
    var clip = 0
    for stage in stages {
      switch stage {
      case .scale(let factors): Self.multiply(&g, factors)
      case .clip(let norm, let ranges):
        scratch.factors[clip] = Self.shorten(&g, norm, ranges)
        scratch.directions[clip] = g
        clip += 1
      }
    }
    let result =
      law.map { $0.compare(g, into: &v) } ?? base.evaluate(&g, into: &v)
    for stage in stages.reversed() {
      switch stage {
      case .scale(let factors): Self.multiply(&v, factors)
      case .clip(_, let ranges):
        clip -= 1
        Self.project(&v, scratch.directions[clip], ranges, scratch.factors[clip].first ?? 1)
      }
    }
    return result
  }

  private static func multiply(_ values: inout S.Flat, _ factors: S.Flat) {
    values.write { values in
      factors.read { factors in for index in factors.indices { values[index] *= factors[index] } }
    }
  }

  /// Shortens the stretches, together, to a norm; the factor, alone in a list.
  private static func shorten(
    _ g: inout S.Flat, _ norm: Double, _ ranges: [Range<Int>]
  ) -> [Double] {
    [
      g.write { g in
        var sum = 0.0
        for range in ranges { for index in range { sum += Double(g[index] * g[index]) } }
        let length = sum.squareRoot()
        guard length > norm else { return 1 }
        let factor = norm / length
        for range in ranges { for index in range { g[index] *= S(factor) } }
        return factor
      }
    ]
  }

  /// `s (v - u <u, v>)` for the unit vector `u` along what the clip left.
  private static func project(
    _ v: inout S.Flat, _ clipped: S.Flat, _ ranges: [Range<Int>], _ factor: Double
  ) {
    guard factor < 1 else { return }
    v.write { v in
      clipped.read { u in
        var (along, square) = (0.0, 0.0)
        for range in ranges {
          for index in range {
            along += Double(u[index] * v[index])
            square += Double(u[index] * u[index])
          }
        }
        let share = S(along / max(square, Double.leastNormalMagnitude))
        let factor = S(factor)
        for range in ranges {
          for index in range { v[index] = factor * (v[index] - share * u[index]) }
        }
      }
    }
  }
}
