internal import Federation
public import Learning
public import Tensors

/// What known defenses do to some tensors' gradients, as far as a division of them is concerned:
/// which entries were sent, whether they scatter, and what no division can be adapted to.
public struct DefendedDivision: Sendable, Hashable {
  /// Whether quotients are what they would be undefended.
  public private(set) var isUntouched = true
  /// Which entries of the whole gradient were sent; nil if all.
  public private(set) var sent: [Bool]?
  /// What no division knows how to deal with, each with the reason; empty if nothing.
  public private(set) var gaps: [String] = []

  /// Reads the counters.
  ///
  /// - Parameters:
  ///   - counters: What an attacker does about each defense, first to last.
  ///   - observed: What came out of the defenses, `w_after - w_before`.
  ///   - tensors: What is divided, `fc1.weight` and `fc1.bias` for dense inversion.
  /// - Throws: `InversionError` if a forward model does not apply to the model.
  public init(
    _ counters: [InversionCounter], observed: Vector, of network: Network, tensors: [String]
  ) throws(InversionError) {
    let ranges = tensors.compactMap { network.layout.segment(named: $0)?.range }
    for counter in counters {
      switch counter {
      case .nonAdaptiveOnly(let reason): refuse(reason)
      case .mixed: refuse("no division takes mixed examples apart")
      case .transformed: refuse("no division tells which transformation an example went through")
      // Each layer's own gradient stays what its input and its output's gradient make it.
      case .sampled: continue
      case .ignoring(let names):
        let read = names.filter { tensors.contains($0) }
        if !read.isEmpty { refuse("\(read.joined(separator: ", ")) is what is divided") }
      case .forwardModel(let model):
        do {
          for piece in try model.pieces(observed: observed, segments: network.layout.segments) {
            add(piece, ranges: ranges, count: observed.count)
          }
        } catch {
          throw .unsuitableModel(method: "a defense's forward model", reason: "\(error)")
        }
      }
    }
  }

  private mutating func refuse(_ reason: String) {
    isUntouched = false
    gaps.append(reason)
  }

  private mutating func add(_ piece: ForwardPiece, ranges: [Range<Int>], count: Int) {
    switch piece {
    case .scale(let factors):
      let values = factors.array
      let used = ranges.joined().map { values[$0] }
      if used.allSatisfy({ $0 == used.first }) { return }
      isUntouched = false
      guard used.allSatisfy({ $0 == 0 || $0 == 1 }) else {
        return refuse("coordinates are scaled differently")
      }
      var kept = sent ?? [Bool](repeating: true, count: count)
      for place in ranges.joined() where values[place] == 0 { kept[place] = false }
      sent = kept
    case .clip(_, let clipped):
      // A common factor cancels.
      let covered = ranges.map { range in
        clipped.contains { $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound }
      }
      if Set(covered).count > 1 { refuse("weights and bias are clipped by different factors") }
    case .gaussian, .laplace, .rounding, .interval: isUntouched = false
    case .sign: refuse("signs have no quotients")
    }
  }
}
