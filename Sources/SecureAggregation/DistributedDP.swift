public import Accounting
public import Components
public import Federation
internal import Glibc
public import Randomness
internal import Synchronization
internal import Tensors

/// Distributed differential privacy: every client clips, rotates, rounds and adds a share of integer
/// noise, and double masking shows the server the sum alone.
///
///     Σ_k [ round(R clip(x_k, C)/γ) + N_Z(0, z²Δ²/n) ]  mod 2^b
///
/// No server has to be trusted, and the noise of the sum is that of a trusted one: `minimum-survivors`
/// of a round's clients are counted on, `colluding` of them being on the server's side. Where fewer
/// arrive, less noise arrives with them, and the ledger is told a larger epsilon. Where more do, it
/// is smaller.
///
/// Cohorts have a size that everybody knows, weights are alike, and an update that is not finite is
/// sent as noise. Neighbours differ in one client's updates, exchanged for zero; the epsilon is that
/// of the client that took part most often, without amplification, since the server sees who takes
/// part. `target-epsilon` is for a client in every round.
///
/// Masks are real, noise is from the run's seed: a study's, not a deployment's. O(n (n + d log d)).
///
/// Example: 100 clients, 10 rounds, `target-epsilon: 8`, `delta: 1e-5`: z is about 1.9.
///
/// Source: Kairouz, Liu, Steinke 2021, *The Distributed Discrete Gaussian Mechanism for Federated
/// Learning with Secure Aggregation*; Agarwal, Kairouz, Liu 2021, *The Skellam Mechanism for
/// Differentially Private Federated Learning*.
public struct DistributedDP: DistributedPrivacy {
  /// The law of the noise.
  public enum Law: String, Codable, Hashable, Sendable, CaseIterable {
    /// Discrete Gaussians, whose sums are all but one.
    case discreteGaussian = "discrete-gaussian"
    /// Differences of Poisson variables, whose sums are such.
    case skellam
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The epsilon of a client that takes part in every round.
    public var targetEpsilon: Double?
    /// The delta of it.
    public var delta = 1e-5
    /// The noise of a sum over what a client can change of it.
    public var noiseMultiplier: Double?
    /// C: how long an update may be.
    public var clippingNorm = 1.0
    /// The law of the noise.
    public var noise = Law.discreteGaussian
    /// b: bits of a coordinate of the sum.
    public var bits = 20
    /// The share of a round's clients whose noise is counted on.
    public var minimumSurvivors = 0.9
    /// Clients of a round that know their own noise for the server.
    public var colluding = 0

    /// The target by default.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "distributed-dp",
    summary: "Clients add shares of integer noise under masks: a private sum, no trusted server.",
    formula: "Σ [round(R clip(x, C)/γ) + N_Z(0, z²Δ²/n)] mod 2^b",
    citation: "Kairouz et al. 2021; Agarwal et al. 2021",
    parameters: [
      .init(
        "target-epsilon",
        "epsilon of a client in every round; 8 where no noise-multiplier is given",
        range: "greater than 0"),
      .init("delta", "delta of it", range: "in (0, 1)"),
      .init(
        "noise-multiplier", "noise of a sum over a client's part; left out, calibrated",
        range: "greater than 0"),
      .init("clipping-norm", "greatest Euclidean norm of an update", range: "greater than 0"),
      .init("noise", "the law of the noise", range: "'discrete-gaussian' or 'skellam'"),
      .init("bits", "bits of a coordinate of the sum", range: "8 to 40"),
      .init(
        "minimum-survivors", "share of a round's clients whose noise is counted on",
        range: "in (0, 1]"),
      .init("colluding", "clients whose noise the server knows", range: "0 or more"),
    ])

  /// Epsilon 8 at delta 1e-5, norm 1.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The transport with these parameters.
  ///
  /// - Throws: `ParameterError` naming every value out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    func positive(_ name: String, _ value: Double?) {
      if let value {
        check.positive(name, value)
      }
    }
    positive("target-epsilon", parameters.targetEpsilon)
    positive("noise-multiplier", parameters.noiseMultiplier)
    positive("clipping-norm", parameters.clippingNorm)
    check(
      "noise-multiplier", parameters.targetEpsilon == nil || parameters.noiseMultiplier == nil,
      "cannot be given beside target-epsilon, which decides it", got: "both")
    check(
      "delta", parameters.delta > 0 && parameters.delta < 1,
      "must be between 0 and 1, such as 1e-5", got: parameters.delta)
    check("bits", (8...40).contains(parameters.bits), "must be in 8...40", got: parameters.bits)
    check(
      "minimum-survivors", parameters.minimumSurvivors > 0 && parameters.minimumSurvivors <= 1,
      "must be greater than 0 and at most 1", got: parameters.minimumSurvivors)
    check("colluding", parameters.colluding >= 0, "must be 0 or more", got: parameters.colluding)
    try check.finish()
    self.parameters = parameters
  }

  /// The delta of the promise.
  public var delta: Double { parameters.delta }

  /// The sum, noise in it.
  public var reveals: Set<Capability> { [.sum, .globalModel] }

  /// Two.
  public var minimumClients: Int { 2 }

  // MARK: - The noise

  private func design(_ setting: SharedNoiseSetting) -> NoisyEncoding.Design {
    NoisyEncoding.Design(
      law: parameters.noise, norm: parameters.clippingNorm, bits: parameters.bits,
      clients: setting.cohort,
      counted: Int((Double(setting.cohort) * parameters.minimumSurvivors).rounded(.down))
        - parameters.colluding, dimension: setting.dimension)
  }

  /// The encoding of a setting; kept, so that asking again costs nothing.
  private func encoding(in setting: SharedNoiseSetting) throws -> NoisyEncoding {
    let design = design(setting)
    guard design.counted >= 1 else {
      throw EncodingError.invalid(
        "the number of clients whose noise counts", "\(design.counted)",
        "must be positive: draw more clients, or count on fewer colluding")
    }
    if let multiplier = parameters.noiseMultiplier {
      return try NoisyEncoding(design, multiplier: multiplier)
    }
    let question = Question(
      design: design, epsilon: parameters.targetEpsilon ?? 8, delta: parameters.delta,
      participations: setting.participations)
    if let known = Self.answers.withLock({ $0[question] }) {
      return try NoisyEncoding(design, multiplier: known)
    }
    func epsilon(_ multiplier: Double) throws -> Double {
      try RenyiAccountant().epsilon(
        delta: question.delta,
        of: [
          PrivacyEvent(
            NoisyEncoding(design, multiplier: multiplier).mechanism(counted: design.counted),
            adjacency: .zeroOut, unit: .client, count: setting.participations)
        ]
      ).upper
    }
    // More noise is less epsilon; the upper end is always good enough.
    var (low, high) = (0.05, 0.1)
    while try epsilon(high) > question.epsilon {
      (low, high) = (high, 2 * high)
      guard high < 1e5 else {
        throw EncodingError.invalid(
          "target-epsilon", "\(question.epsilon)", "is not reached by any noise; allow more")
      }
    }
    while high / low > 1 + 1e-6 {
      let middle = (low * high).squareRoot()
      // Too little noise for the modulus's rounding is too little for the target, too.
      if let found = try? epsilon(middle), found <= question.epsilon {
        high = middle
      } else {
        low = middle
      }
    }
    let found = high
    Self.answers.withLock { $0[question] = found }
    return try NoisyEncoding(design, multiplier: found)
  }

  private struct Question: Hashable {
    var design: NoisyEncoding.Design
    var epsilon: Double
    var delta: Double
    var participations: Int
  }

  private static let answers = Mutex<[Question: Double]>([:])

  /// Why the promise cannot be made: bits too few, or clients.
  public func refusal(in setting: SharedNoiseSetting) -> (reason: String, suggestion: String)? {
    do {
      _ = try encoding(in: setting)
      return nil
    } catch {
      return ("cannot keep its promise: \(error)", "change bits, noise, norm or cohort")
    }
  }

  /// The sum's mechanism, with the noise of those survivors that do not collude.
  public func mechanism(survivors: Int, in setting: SharedNoiseSetting) throws -> Mechanism {
    let counted = survivors - parameters.colluding
    return counted < 1 ? .nonPrivate : try encoding(in: setting).mechanism(counted: counted)
  }

  // MARK: - A round

  /// The mean of the updates, noise in it, as one item.
  ///
  /// - Throws: ``EncodingError`` where ``refusal(in:)`` has a reason, `NoiseError`,
  ///   `SystemRandomness.Failure`.
  public func deliver(
    _ uploads: Uploads, in setting: SharedNoiseSetting, using generator: inout Generator
  ) throws -> Delivery {
    let dimension = uploads.updates.columns
    let count = uploads.clients.count
    let masked = MaskedDelivery(
      name: cardName, quantization: .init(clip: 1, bits: parameters.bits, maxWeight: 1))
    var books = Delivery(
      updates: UpdateMatrix(zeros: 0, columns: dimension), items: [], bytesUp: 0)
    guard count >= minimumClients else {
      masked.note("\(count == 1 ? "1 client is" : "\(count) clients are") too few", in: &books)
      return books
    }
    let encoding = try encoding(in: setting)
    var common = generator.fork("rotation")
    let rotation = HadamardRotation(count: dimension, using: &common)
    let streams = uploads.clients.map { generator.fork("client", UInt64($0)) }
    let inputs = WorkerPool.map(count, workers: uploads.workers) { row, _ in
      Result {
        var stream = streams[row]
        return try encoding.encode(uploads.updates.row(row), rotation: rotation, using: &stream)
      }
    }
    guard
      let result = try masked.maskedSum(
        inputs.map { try $0.get() }, silent: [], workers: uploads.workers, security: .semiHonest,
        graph: nil, threshold: 2 * count / 3 + 1, books: &books)
    else { return books }
    let survivors = result.contributors.map { uploads.clients[$0] }
    books.updates = try UpdateMatrix(rows: [
      encoding.decode(result.sum, count: survivors.count, rotation: rotation)
    ])
    books.items = [
      .init(clients: survivors, count: survivors.count, weight: Double(survivors.count))
    ]
    books.countBytes()
    return books
  }
}
