public import Accounting
public import Components
public import Federation
public import Randomness
public import Tensors

/// Norm clipping with weak differential privacy: clips every update, and adds Gaussian noise to the
/// aggregate.
///
///     x_i ← x_i · min(1, C / ‖x_i‖);   aggregate ← aggregate + N(0, σ² I)
///
/// Clipping bounds what a boosted backdoor update can do, the noise blurs what is left of it. The usual
/// σ is far too small for a useful ε, which is why the field calls it weak.
///
/// The ledger of the run gets a Gaussian release where the noise really covers what one client can do:
///
///     noise multiplier = σ / sensitivity,    sensitivity = C / n for the mean of n updates
///
/// That takes a rule whose sensitivity is known (the mean; centered clipping in its first round alone,
/// since its centre keeps what clients sent), no step after the clipping that mixes or leaves out
/// updates, every update of weight 1 (`weighting: uniform`; a weight that a client claims has no bound),
/// and a divisor n that is public: everybody takes part, or a cohort of fixed size. Otherwise the ledger
/// gets a release without guarantee and the run notes why. The noise is of single-precision numbers:
/// good for experiments, not for releases.
///
/// It takes two positions: it clips where it stands before the rule and adds noise to what the rule
/// returns. In your own loop, where there is only the rule's road, `apply` is yours to call.
///
/// Example: C = 5 turns (6, 8) into (3, 4); σ = 0 adds nothing.
///
/// Source: Sun, Kairouz, Suresh, McMahan 2019, *Can You Really Backdoor Federated Learning?*,
/// section 4. Values of σ in published code run from 0.002 to 0.025.
public struct NormClippingDP: PreAggregator, ServerNoise {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The greatest Euclidean norm that passes unchanged.
    public var clippingNorm = 3.0
    /// The noise's standard deviation in each coordinate of the aggregate.
    public var sigma = 0.002
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "norm-clipping-dp",
    summary: "Clips every update and adds a little Gaussian noise to the aggregate (weak DP).",
    formula: "x_i · min(1, C/‖x_i‖); aggregate + N(0, σ² I)",
    citation: "Sun et al. 2019, section 4",
    needs: [.individualUpdates],
    claims: [.permutationInvariant],
    parameters: [
      .init(
        "clipping-norm", "greatest Euclidean norm that passes unchanged", range: "greater than 0"),
      .init("sigma", "standard deviation of the noise in each coordinate", range: "0 or more"),
    ])

  /// A norm of 3 and σ = 0.002.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The defense with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.positive("clipping-norm", parameters.clippingNorm)
    check.notNegative("sigma", parameters.sigma)
    try check.finish()
    self.parameters = parameters
  }

  /// The defense with this norm and noise.
  public init(clippingNorm: Double = 3, sigma: Double = 0.002) throws {
    try self.init(Parameters(clippingNorm: clippingNorm, sigma: sigma))
  }

  /// The clipping norm.
  public var rowBound: Double? { parameters.clippingNorm }

  /// Every coordinate.
  public var firstLook: FirstLook { .coordinates }

  /// Scales the rows that are too long. O(nd) for the norms.
  public func prepare(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Prepared {
    let factors = view.updates.squaredNorms.map { square in
      let norm = square.squareRoot()
      return norm > parameters.clippingNorm ? parameters.clippingNorm / norm : 1
    }
    return Prepared(view.updates.scaled(by: factors))
  }

  /// Adds the noise. Gaussian where `refusal` has nothing against it. O(d).
  public func apply(
    to aggregate: inout Vector, sensitivity: Double?, cohort: Cohort,
    using generator: inout Generator, memory: inout Memory
  ) -> Mechanism {
    guard parameters.sigma > 0 else { return .nonPrivate }
    aggregate.add(
      Vector(generator.normals(aggregate.count, standardDeviation: Float(parameters.sigma))))
    guard refusal(sensitivity: sensitivity, cohort: cohort) == nil, let sensitivity else {
      return .nonPrivate
    }
    // The deviation as it is used, and room for a clipped row that is longer by its roundings.
    let deviation = Double(Float(parameters.sigma))
    return .gaussian(noiseMultiplier: deviation / (sensitivity * (1 + 0x1p-20)))
  }

  /// Why the noise promises nothing; nil where it is a Gaussian release.
  public func refusal(sensitivity: Double?, cohort: Cohort) -> String? {
    if parameters.sigma == 0 { return nil }
    guard let sensitivity, sensitivity > 0 else {
      return
        "nothing bounds how far one client moves the aggregate; that takes the mean after the "
        + "clipping alone, and the same weight for everybody (weighting: uniform)"
    }
    switch cohort.sampling.scheme {
    case .everybody, .fixedSize, .cyclic: return nil
    case .poisson:
      return "the mean divides by how many took part, which Poisson sampling keeps secret; draw a "
        + "fixed number (uniform-sampling)"
    case .weighted, .withReplacement, .undeclared:
      return "no amplification is proven for how the clients were drawn; draw a fixed number "
        + "(uniform-sampling)"
    }
  }
}
