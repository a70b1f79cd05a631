/// Rearranges images between channel-first, as data and PyTorch have them, and channel-last, as the
/// operations here want them.
struct PermuteOperation: Operation {
  enum Direction: Sendable, Hashable {
    case toChannelLast
    case toChannelFirst
  }

  let positions: Int
  let channels: Int
  let direction: Direction

  var inputs: Int { positions * channels }
  var outputs: Int { positions * channels }

  func forward<S: Scalar>(_ site: Site<S>, mode: PassMode) {
    permute(site.x, into: site.y, rows: site.rows)
  }

  func inputGradient<S: Scalar>(_ site: Site<S>, into dx: UnsafeMutablePointer<S>) {
    permuteBack(site.dy, into: dx, rows: site.rows)
  }

  func tangentForward<S: Scalar>(_ site: TangentSite<S>) {
    if let xTangent = site.xTangent {
      permute(xTangent, into: site.yTangent, rows: site.base.rows)
    } else {
      site.yTangent.update(repeating: 0, count: site.base.rows * outputs)
    }
  }

  func tangentInputGradient<S: Scalar>(
    _ site: TangentSite<S>, into dxTangent: UnsafeMutablePointer<S>
  ) {
    permuteBack(site.dyTangent, into: dxTangent, rows: site.base.rows)
  }

  private func permute<S: Scalar>(
    _ x: UnsafePointer<S>, into y: UnsafeMutablePointer<S>, rows: Int
  ) {
    let (m, n) = direction == .toChannelLast ? (channels, positions) : (positions, channels)
    S.transpose(x, into: y, rows: rows, from: m, by: n)
  }

  private func permuteBack<S: Scalar>(
    _ dy: UnsafePointer<S>, into dx: UnsafeMutablePointer<S>, rows: Int
  ) {
    let (m, n) = direction == .toChannelLast ? (positions, channels) : (channels, positions)
    S.transpose(dy, into: dx, rows: rows, from: m, by: n)
  }
}
