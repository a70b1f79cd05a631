public import Components
public import Federation
internal import Learning
internal import MembershipInference
internal import Tensors

/// How far the client's measurement of an example stands out from all other clients', in whose data
/// the example is not; the mean over rounds.
///
///     score = mean over rounds of Phi((m_k - mu)/s),  mu and s over the other clients of the round
///
/// The measurement is the negated loss of the client's model (`measurement: loss`, FedMIA-I) or the
/// cosine between the example's gradient and the update (`cosine`, FedMIA-II). What makes an
/// example easy or hard for everybody cancels, which a threshold for all examples cannot do.
///
/// Source: Zhu et al., "FedMIA: an effective membership inference attack exploiting 'all for one'
/// principle in federated learning" (arXiv 2402.06289), section 4. The paper's repository reports
/// rounds chosen on the examples under test; here all rounds count.
///
/// On handwriting with alike clients (four set-ups of 5 to 10 clients, twelve seeds each) all
/// rounds did better than the last and FedMIA-II better than FedMIA-I, as published. FedMIA-I was
/// above the plain series of losses (`loss-series`) with ten clients that overfit little, by 0.09
/// in area, and no better with five or six that overfit more; FedMIA-II was below the plain series
/// of cosines (`gradient-cosine`) by 0.01 to 0.05 throughout.
public struct FedMIA: MembershipAttack {
  /// What is measured of an example and a client.
  public enum Measurement: String, CaseIterable, Codable, Hashable, Sendable {
    /// The negated loss of the client's model: FedMIA-I.
    case loss
    /// The cosine of gradient and update: FedMIA-II.
    case cosine
  }

  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// What is measured.
    public var measurement = Measurement.loss
    /// Others farther than this many standard deviations are left out; nil keeps all.
    public var trimming: Double?
    /// Clients asked about.
    public var clients = 10
    /// Candidates of each kind about each of them.
    public var examples = 100

    /// FedMIA-I without trimming.
    public init(
      measurement: Measurement = .loss, trimming: Double? = nil, clients: Int = 10,
      examples: Int = 100
    ) {
      self.measurement = measurement
      self.trimming = trimming
      self.clients = clients
      self.examples = examples
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "fedmia",
    summary: "Does the client's measurement of an example stand out from all other clients'?",
    formula: "mean over rounds of Phi((m_k - mean of m_j)/deviation of m_j), j over the others",
    citation: "Zhu et al. 2024, arXiv 2402.06289, section 4",
    needs: MembershipView.client.needs, control: .membership(),
    parameters: [
      .init(
        "measurement", "what is measured: the client's loss (FedMIA-I) or a cosine (FedMIA-II)",
        range: "loss or cosine"),
      .init(
        "trimming", "others farther than so many deviations are left out; the repository has 3",
        range: "a number greater than 0, or nothing"),
    ] + MembershipQuestion.parameters)

  /// FedMIA-I without trimming.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with `parameters`.
  ///
  /// - Throws: `ParameterError` naming each number out of range.
  public init(_ parameters: Parameters = Parameters()) throws {
    self.parameters = parameters
    var check = ParameterCheck()
    question.check(&check)
    if let trimming = parameters.trimming {
      check.positive("trimming", trimming)
    }
    try check.finish()
  }

  /// How much it is asked.
  public var question: MembershipQuestion {
    MembershipQuestion(clients: parameters.clients, examples: parameters.examples)
  }

  /// Measures every client of the round on the candidates; nil with fewer than two others.
  public func scores(_ asked: Candidates, in round: SeenRound) throws -> [Double]? {
    let clients = round.clients
    guard let slot = clients.firstIndex(of: asked.client), clients.count >= 3 else { return nil }
    let measured = try round.measurements(parameters.measurement, asked, clients)
    return try RoundMeasurements(
      rounds: 1, clients: clients.count, examples: asked.examples.count, measured
    ).fedMIAScores(client: slot, trimming: parameters.trimming)
  }
}

extension SeenRound {
  /// Clients x examples: what each client's model or update says of each candidate.
  func measurements(
    _ kind: FedMIA.Measurement, _ asked: Candidates, _ clients: [Int]
  ) throws -> [Double] {
    let deltas = clients.compactMap(delta(of:))
    let probe = probe(asked)
    let rows =
      switch kind {
      case .loss: try deltas.map { try probe.negatedLosses(observation.modelBefore + $0) }
      case .cosine:
        try probe.cosines(
          at: observation.modelBefore, with: deltas.map { UpdateDirection(delta: $0) })
      }
    return Array(rows.joined())
  }
}
