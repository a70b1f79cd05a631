public import Components
public import Federation
public import Randomness
internal import Tensors

/// Half of the colluders send a chosen vector, the other half whatever makes the plain mean equal it.
///
///     m_1, …, m_h = v = μ ∓ zσ,   h = ⌊f/2⌋
///     m_{h+1}, …, m_f = ((n - h) v - Σ_{honest} x_i)/(f - h)
///
/// Undefended, the mean of all n updates is exactly v in every round. Against a rule that finds the
/// far half, the near half is still ALIE. With knowledge of its own updates only, the honest sum is
/// taken to be (n - f) times their mean.
///
/// Example: one colluder among the honest (1, 2, 3), (4, 5, 6), (7, 8, 9) at z = 0 has v = (4, 5, 6)
/// and sends it: the mean stays.
///
/// Source: Xu et al. 2022, *Byzantine-robust Federated Learning through Collaborative Malicious
/// Gradient Filtering* (SignGuard), the ByzMean attack of section III. Their code takes z = 0.5 and
/// subtracts the colluders' clean updates too, so that the mean misses v.
public struct ByzMean: Corruption {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The shift of v in standard deviations.
    public var z = ALIE.Shift.quantile
    /// To which side of the benign mean.
    public var direction = ALIE.Direction.minus
    /// Whose updates count as benign.
    public var knowledge = ThreatModel.Knowledge.omniscient
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "byz-mean",
    summary: "Half the colluders send an ALIE vector, the rest what makes the plain mean equal it.",
    formula: "m_1..h = v = μ ∓ zσ, the others ((n-h)v - Σ honest x_i)/(f-h), h = ⌊f/2⌋",
    citation: "Xu et al. 2022, section III",
    needs: [.ownUpdates, .honestUpdates],
    control: .accuracyLoss().or(.displacement()),
    parameters: [
      .init("z", "shift in standard deviations", range: "a number of 0 or more, or 'quantile'"),
      .init("direction", "side of the mean", range: "minus or plus"),
      .init("knowledge", "whose updates count as benign", range: "omniscient, partial or own"),
    ])

  /// ALIE's quantile, below the mean, omniscient.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  private let alie: ALIE

  /// The attack with these parameters.
  public init(_ parameters: Parameters) throws {
    alie = try ALIE(
      z: parameters.z, direction: parameters.direction, knowledge: parameters.knowledge)
    self.parameters = parameters
  }

  /// The attack with this shift, side and knowledge.
  public init(
    z: ALIE.Shift = .quantile, direction: ALIE.Direction = .minus,
    knowledge: ThreatModel.Knowledge = .omniscient
  ) throws {
    try self.init(Parameters(z: z, direction: direction, knowledge: knowledge))
  }

  /// The honest updates only when told to use them.
  public var needs: Set<Capability> { parameters.knowledge.needs }

  /// v for the first half, its complement for the rest. O(nd).
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) throws -> [CraftedUpdate] {
    let benign = try view.benign(parameters.knowledge)
    let n = view.received
    let f = view.colluders.count
    let h = f / 2
    let target = alie.vector(among: benign, received: n, colluders: f)
    // ((n-h) v - (n-f) μ)/(f-h) = v + (n-f)(v - μ)/(f-h), which cancels no large numbers.
    var complement = target
    complement.add(target - benign.mean(), scale: Float(Double(n - f) / Double(f - h)))
    return (0..<f).map { CraftedUpdate($0 < h ? target : complement) }
  }
}
