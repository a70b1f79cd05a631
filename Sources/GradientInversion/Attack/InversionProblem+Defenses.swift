internal import Federation
internal import Learning
internal import Tensors

extension InversionProblem {
  /// The known defenses in pieces, in the unit of the mean gradient.
  ///
  /// Clients work on `w_after - w_before`; a pseudo-gradient is turned around for that. Where a
  /// gradient was observed it is what the defenses worked on.
  func defensePieces() throws(InversionError) -> [ForwardPiece] {
    guard !knowledge.defenses.isEmpty else { return [] }
    let turn: Double = observed.unit == .pseudoGradient ? -1 : 1
    var factor = turn
    if observed.unit != .gradient, let training = knowledge.training {
      factor = -1 / (training.rate * Double(training.steps))
    }
    let message = Vector(observed.values.map { Float(turn * $0) })
    var pieces: [ForwardPiece] = []
    for defense in knowledge.defenses {
      do {
        pieces += try defense.pieces(observed: message, segments: network.layout.segments)
      } catch {
        throw .unsuitableModel(method: "a defense's forward model", reason: "\(error)")
      }
    }
    return pieces.map { $0.scaled(by: factor) }
  }
}

extension ForwardPiece {
  /// The same piece for updates in another unit, each `factor` times as large.
  func scaled(by factor: Double) -> ForwardPiece {
    switch self {
    case .scale, .sign: self
    case .clip(let norm, let ranges): .clip(norm: norm * abs(factor), ranges: ranges)
    case .gaussian(let deviation): .gaussian(deviation: deviation * abs(factor))
    case .laplace(let scale): .laplace(scale: scale * abs(factor))
    case .rounding(let steps): .rounding(steps.map { $0 * Float(abs(factor)) })
    case .interval(let lower, let upper):
      .interval(
        lower: (factor < 0 ? upper : lower).map { $0 * Float(factor) },
        upper: (factor < 0 ? lower : upper).map { $0 * Float(factor) })
    }
  }
}
