public import Components
public import Federation
public import Randomness
internal import Tensors

/// A little is enough: all colluders send the benign mean shifted by a few standard deviations.
///
///     m_j = μ_j - z σ_j   (or + z σ_j: `direction`)
///     z = Φ⁻¹((n - f - s)/(n - f)),  s = ⌊n/2 + 1⌋ - f
///
/// Every coordinate stays within the spread of the honest ones, so distance- and order-based rules
/// let it pass, while the small steady bias adds up. The quantile z lets just enough honest updates
/// lie farther out than the crafted one that a majority supports it. σ divides by (count - 1).
///
/// Example: z = 1.5, direction plus, on (1, 2, 3), (4, 5, 6), (7, 8, 9) gives (8.5, 9.5, 10.5).
///
/// Source: Baruch, Baruch, Goldberg 2019, *A Little Is Enough: Circumventing Defenses For
/// Distributed Learning*, algorithm 3. The variant `cdf` takes Φ for Φ⁻¹, as the notebooks of
/// Shejwalkar and Houmansadr and the FLANDERS baseline do: a larger shift, 0.73 where 0.25 is meant
/// for f = 10 of n = 50.
public struct ALIE: Corruption {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The shift in standard deviations.
    public var z = Shift.quantile
    /// To which side.
    public var direction = Direction.minus
    /// How `z: quantile` is worked out.
    public var variant = Variant.quantile
    /// Whose updates mean and deviation are taken over.
    public var knowledge = ThreatModel.Knowledge.omniscient
  }

  /// How far to shift.
  public enum Shift: WordOrNumber, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    /// The paper's quantile for the n and f of the round.
    case quantile
    /// A fixed number of standard deviations.
    case fixed(Double)

    /// `z: 1.5` in code.
    public init(floatLiteral value: Double) { self = .fixed(value) }

    /// `z: 3` in code.
    public init(integerLiteral value: Int) { self = .fixed(Double(value)) }

    /// `quantile`.
    public static let word = "quantile"

    /// The value for this number; nil is `quantile`.
    public init(_ number: Double?) { self = number.map(Self.fixed) ?? .quantile }

    /// The number, unless it is `quantile`.
    public var number: Double? {
      if case .fixed(let number) = self { number } else { nil }
    }
  }

  /// Which side of the mean.
  public enum Direction: String, CaseIterable, Codable, Hashable, Sendable {
    /// μ - zσ.
    case minus
    /// μ + zσ.
    case plus
  }

  /// How `z: quantile` is worked out.
  public enum Variant: String, CaseIterable, Codable, Hashable, Sendable {
    /// By the inverse Φ⁻¹ of the distribution function: the paper.
    case quantile
    /// By the distribution function Φ itself: a mistake in published code.
    case cdf
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "alie",
    summary: "All colluders send the benign mean shifted by z standard deviations.",
    formula: "m = μ ∓ zσ, z = Φ⁻¹((n-f-s)/(n-f)), s = ⌊n/2+1⌋ - f",
    citation: "Baruch et al. 2019, algorithm 3",
    needs: [.ownUpdates, .honestUpdates],
    control: .accuracyLoss().or(.displacement()),
    parameters: [
      .init("z", "shift in standard deviations", range: "a number of 0 or more, or 'quantile'"),
      .init("direction", "side of the mean", range: "minus or plus"),
      .init("variant", "how 'quantile' is worked out", range: "quantile, or cdf (a known mistake)"),
      .init("knowledge", "whose updates count as benign", range: "omniscient, partial or own"),
    ])

  /// The paper's quantile, below the mean, omniscient.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    if case .fixed(let z) = parameters.z {
      check.notNegative("z", z)
    }
    try check.finish()
    self.parameters = parameters
  }

  /// The attack with this shift, side and knowledge.
  public init(
    z: Shift = .quantile, direction: Direction = .minus, variant: Variant = .quantile,
    knowledge: ThreatModel.Knowledge = .omniscient
  ) throws {
    try self.init(
      Parameters(z: z, direction: direction, variant: variant, knowledge: knowledge))
  }

  /// The honest updates only when told to use them.
  public var needs: Set<Capability> { parameters.knowledge.needs }

  /// The paper's z for `n` clients of which `f` collude; 0 when the colluders are a majority.
  public static func quantile(n: Int, f: Int) -> Double {
    guard let share = share(n: n, f: f) else { return 0 }
    return max(0, NormalDistribution.quantile(share))
  }

  /// The z of the published mistake, Φ((n-f-s)/(n-f)); 0 when the colluders are a majority.
  public static func cumulative(n: Int, f: Int) -> Double {
    share(n: n, f: f).map(NormalDistribution.cumulative) ?? 0
  }

  /// (n-f-s)/(n-f) where it is a probability.
  private static func share(n: Int, f: Int) -> Double? {
    let supporters = n / 2 + 1 - f
    guard supporters > 0, n > f else { return nil }
    let share = Double(n - f - supporters) / Double(n - f)
    return share > 0 && share < 1 ? share : nil
  }

  /// The same vector for every colluder. O(nd).
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) throws -> [CraftedUpdate] {
    let delta = vector(
      among: try view.benign(parameters.knowledge), received: view.received,
      colluders: view.colluders.count)
    return view.colluders.map { _ in CraftedUpdate(delta) }
  }

  /// μ ∓ zσ of the benign updates, for the z of this n and f.
  func vector(among benign: UpdateView, received n: Int, colluders f: Int) -> Vector {
    let z =
      switch (parameters.z, parameters.variant) {
      case (.quantile, .quantile): Self.quantile(n: n, f: f)
      case (.quantile, .cdf): Self.cumulative(n: n, f: f)
      case (.fixed(let z), _): z
      }
    var delta = benign.mean()
    if benign.count > 1 {
      let sign: Float = parameters.direction == .minus ? -1 : 1
      delta.add(benign.standardDeviation(correction: 1), scale: sign * Float(z))
    }
    return delta
  }
}
