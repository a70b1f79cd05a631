internal import Glibc
internal import Learning

/// An objective bound to an observed gradient and a model's tensors.
struct BoundObjective<S: AttackPrecision>: Sendable {
  private struct Part: Sendable {
    let range: Range<Int>
    let weight: Double
    /// The norm of the observed part.
    let norm: Double
  }

  private let form: MatchingObjective.Form
  private let target: S.Flat
  /// 0 or 1 for each entry; nil where all count.
  private let mask: S.Flat?
  private let parts: [Part]
  private let targetNorm: Double

  /// Which entries a mask keeps.
  ///
  /// - Throws: `InversionError` if a tensor to leave out does not exist.
  static func kept(
    _ mask: MatchingObjective.Mask, observed: [Double], network: Network
  ) throws(InversionError) -> [Bool] {
    var keep = [Bool](repeating: true, count: observed.count)
    switch mask {
    case .everything: break
    case .observed(let threshold):
      for index in keep.indices { keep[index] = abs(observed[index]) > threshold }
    case .without(let names):
      for name in names {
        guard let segment = network.layout.segment(named: name) else {
          throw .invalid(
            what: "the tensor to leave out", got: name,
            requirement:
              "must be one of \(network.layout.segments.map(\.name).joined(separator: ", "))")
        }
        for index in segment.range { keep[index] = false }
      }
    }
    // Running statistics are no part of a gradient.
    for segment in network.layout.segments
    where segment.kind == .statistics || segment.kind == .counter {
      for index in segment.range { keep[index] = false }
    }
    return keep
  }

  /// - Throws: `InversionError` if a tensor to leave out does not exist, or nothing is left.
  init(
    _ objective: MatchingObjective, observed: [Double], network: Network
  ) throws(InversionError) {
    let keep = try Self.kept(objective.mask, observed: observed, network: network)
    let kept = observed.indices.map { keep[$0] ? observed[$0] : 0 }
    guard kept.contains(where: { $0 != 0 }) else {
      throw .zeroGradient(what: "the part of the observed gradient that the objective keeps")
    }
    form = objective.form
    target = S.Flat(kept)
    mask = keep.contains(false) ? S.Flat(keep.map { $0 ? 1 : 0 }) : nil
    targetNorm = Self.norm(kept[...])
    let segments = network.layout.segments.filter {
      $0.kind != .statistics && $0.kind != .counter && !$0.range.isEmpty
    }
    let count = Double(segments.count)
    let exponentials = segments.indices.map { exp(Double($0) / count) }
    let mean = exponentials.reduce(0, +) / count
    parts = segments.enumerated().map { index, segment in
      let depth = Double(index + 1) / count
      let weight: Double
      if case .tag = objective.form {
        weight = depth
      } else {
        switch objective.layerWeights {
        case .equal: weight = 1
        case .falling: weight = (count - Double(index)) / count
        case .rising: weight = depth
        case .exponential: weight = exponentials[index] / mean
        }
      }
      return Part(range: segment.range, weight: weight, norm: Self.norm(kept[segment.range]))
    }
  }

  private static func norm(_ values: ArraySlice<Double>) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// `f`, and `v` up to a factor: `df/dg = factor v`, with `v` of moderate size where `g` is small.
  /// What the mask leaves out of `g` is zeroed.
  func evaluate(_ g: inout S.Flat, into v: inout S.Flat) -> (value: Double, factor: Double) {
    g.write { g in
      v.write { v in
        target.read { target in
          guard let g = g.baseAddress, let v = v.baseAddress, let t = target.baseAddress else {
            return (0, 1)
          }
          mask?.read { mask in
            for index in mask.indices { g[index] *= mask[index] }
          }
          return evaluate(g, t, v, count: target.count)
        }
      }
    }
  }

  private func evaluate(
    _ g: UnsafeMutablePointer<S>, _ t: UnsafePointer<S>, _ v: UnsafeMutablePointer<S>, count: Int
  ) -> (value: Double, factor: Double) {
    switch form {
    case .cosine:
      let sums = S.dots(g, t, count: count)
      let norm = max(sums.gg.squareRoot(), Double.leastNormalMagnitude)
      let cosine = sums.gt / (norm * targetNorm)
      S.combine(-1 / targetNorm, t, cosine / norm, g, into: v, count: count)
      return (1 - cosine, 1 / norm)
    case .squared(let factor):
      return (
        sum { part in
          let start = part.range.lowerBound
          return part.weight * factor
            * S.difference(
              g + start, t + start, scale: 2 * factor * part.weight, into: v + start,
              count: part.range.count)
        }, 1
      )
    case .absolute(let factor):
      return (
        sum { part in
          let start = part.range.lowerBound
          return part.weight * factor
            * S.sign(
              g + start, t + start, scale: factor * part.weight, adding: false, into: v + start,
              count: part.range.count)
        }, 1
      )
    case .tag(let factor):
      return (
        sum { part in
          let start = part.range.lowerBound
          let squares = S.difference(
            g + start, t + start, scale: 1, into: v + start, count: part.range.count)
          let scale = factor * part.weight / 2
          let absolute = S.sign(
            g + start, t + start, scale: scale, adding: true, into: v + start,
            count: part.range.count)
          return squares / 2 + scale * absolute
        }, 1
      )
    case .layerCosine:
      return (
        sum { part in
          let start = part.range.lowerBound
          let sums = S.dots(g + start, t + start, count: part.range.count)
          let norm = sums.gg.squareRoot()
          guard part.norm > 0, norm > 0 else {
            S.combine(
              0, t + start, 0, t + start, into: v + start, count: part.range.count)
            return part.norm > 0 ? part.weight : 0
          }
          let cosine = sums.gt / (norm * part.norm)
          S.combine(
            -part.weight / (norm * part.norm), t + start, part.weight * cosine / sums.gg,
            g + start, into: v + start, count: part.range.count)
          return part.weight * (1 - cosine)
        }, 1
      )
    }
  }

  private func sum(_ term: (Part) -> Double) -> Double { parts.reduce(0) { $0 + term($1) } }
}
