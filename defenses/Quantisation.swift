public import Components
public import Federation
public import Learning
public import Randomness
internal import Tensors

/// Clients round their updates to a few levels.
///
///     step = |Δ| / s in each tensor, |Δ| its Euclidean norm or its largest magnitude
///     nearest:     step round(Δ_j / step)
///     stochastic:  the level below or above, with the probabilities that make the mean Δ_j
///
/// Stochastic with the Euclidean norm is QSGD, stochastic with the largest magnitude and s = 1
/// TernGrad; nearest with the largest magnitude and s = 127 is the usual 8-bit rounding.
///
/// An attacker who knows the levels asks, for a candidate's value u steps away from the level that
/// was sent, for `-log(1 - u)` under stochastic rounding, its likelihood, and under nearest
/// rounding for the way to the interval that rounds there. The step is read off the message as the
/// smallest gap between magnitudes.
///
/// Example: s = 2 and the largest magnitude 1: nearest rounding turns (1, 0.3, -0.2) into
/// (1, 0.5, 0); stochastic rounding sends 0.3 as 0.5 with probability 0.6.
///
/// Sources: Alistarh, Grubic, Li, Tomioka, Vojnović 2017, *QSGD*; Wen et al. 2017,
/// *TernGrad*.
public struct Quantisation: UpdateTransform {
  /// How values become levels.
  public enum Rounding: String, Codable, Hashable, Sendable, CaseIterable {
    /// At random, right on average.
    case stochastic
    /// To the nearest.
    case nearest
  }

  /// What the levels are fractions of.
  public enum Norm: String, Codable, Hashable, Sendable, CaseIterable {
    /// The Euclidean norm of the tensor.
    case euclidean
    /// The largest magnitude of the tensor.
    case maximum
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Levels above zero, s.
    public var levels = 16
    /// How values become levels.
    public var rounding = Rounding.stochastic
    /// What the levels are fractions of.
    public var norm = Norm.euclidean
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "quantisation",
    summary: "Clients round their updates to a few levels, to the nearest or at random (QSGD).",
    formula: "(|Δ|/s) l_j sign(Δ_j), l_j = s|Δ_j|/|Δ| rounded",
    citation: "Alistarh et al. 2017",
    parameters: [
      .init("levels", "levels above zero", range: "1 to 1000000"),
      .init("rounding", "how values become levels", range: "'stochastic' or 'nearest'"),
      .init("norm", "what levels are fractions of", range: "'euclidean' or 'maximum'"),
    ])

  /// QSGD with 16 levels.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// A transform with these parameters.
  ///
  /// - Throws: `ParameterError` if there is no level, or more than single precision tells apart.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check(
      "levels", (1...1_000_000).contains(parameters.levels), "must be 1 to 1000000",
      got: parameters.levels)
    try check.finish()
    self.parameters = parameters
  }

  /// Rounding to so many levels.
  public init(
    levels: Int, rounding: Rounding = .stochastic, norm: Norm = .euclidean
  ) throws {
    try self.init(Parameters(levels: levels, rounding: rounding, norm: norm))
  }

  /// Rounds the update as one tensor. O(d).
  public func transform(
    _ update: inout Update, using generator: inout Generator, memory: inout Memory
  ) {
    transform(&update, segments: [], using: &generator, memory: &memory)
  }

  /// Rounds; an update that is not finite stays, for the round to judge. O(d).
  public func transform(
    _ update: inout Update, segments: [Segment], using generator: inout Generator,
    memory: inout Memory
  ) {
    guard update.delta.isFinite else { return }
    let values = update.delta.array
    update.delta = rounded(update.delta, segments) { index, share in
      let below = share.rounded(.down)
      // What is sent already needs no draw, so that zeros stay zeros.
      return values[index] == 0 || share == below || generator.uniform() >= share - below
        ? below : below + 1
    }
  }

  /// The update with each value's share of the step replaced by a level: the nearest, or what
  /// `draw` says.
  private func rounded(
    _ delta: Vector, _ segments: [Segment], draw: (Int, Double) -> Double
  ) -> Vector {
    var values = delta.array
    for range in UpdateParts.tensors(segments, count: values.count) {
      let norm =
        parameters.norm == .euclidean
        ? UpdateParts.norm(values, [range])
        : range.reduce(0) { max($0, Double(values[$1].magnitude)) }
      guard norm > 0 else { continue }
      let step = norm / Double(parameters.levels)
      for index in range {
        let share = Double(values[index].magnitude) / step
        let level = parameters.rounding == .nearest ? share.rounded() : draw(index, share)
        values[index] = Float(values[index] < 0 ? -level * step : level * step)
      }
    }
    return Vector(values)
  }

  /// The levels' likelihood.
  public var forwardModel: (any ForwardModel)? { Model(quantisation: self) }

  private struct Model: ForwardModel {
    let quantisation: Quantisation

    func forward(_ delta: Vector, segments: [Segment]) -> Vector {
      quantisation.parameters.rounding == .stochastic
        ? delta : quantisation.rounded(delta, segments) { $1 }
    }

    func pieces(observed: Vector, segments: [Segment]) -> [ForwardPiece] {
      let values = observed.array
      var steps = [Float](repeating: .infinity, count: values.count)
      for range in UpdateParts.tensors(segments, count: values.count) {
        let step = Self.gap(values[range])
        for index in range { steps[index] = step }
      }
      if quantisation.parameters.rounding == .stochastic { return [.rounding(Vector(steps))] }
      return [
        .interval(
          lower: Vector(zip(values, steps).map { $0 - $1 / 2 }),
          upper: Vector(zip(values, steps).map { $0 + $1 / 2 }))
      ]
    }

    /// The smallest gap between different magnitudes, zero among them; infinite if all are zero.
    private static func gap(_ values: ArraySlice<Float>) -> Float {
      let magnitudes = ([0] + values.map(\.magnitude)).sorted()
      var smallest = Float.infinity
      for (a, b) in zip(magnitudes, magnitudes.dropFirst()) where b - a > b * 1e-5 {
        smallest = min(smallest, b - a)
      }
      return smallest
    }
  }
}
