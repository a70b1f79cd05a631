public import Federation

/// The figures of one finished run that the store keeps.
public struct RunMetrics: Codable, Sendable, Hashable {
  /// Test accuracy after the last round, in [0, 1].
  public var finalAccuracy: Double
  /// Mean of the last five measured test accuracies.
  public var lastAccuracyMean: Double
  /// Best measured test accuracy.
  public var peakAccuracy: Double
  /// Test cross-entropy after the last round.
  public var finalLoss: Double
  /// Rounds in which the model was held.
  public var heldRounds: Int
  /// Share of honest updates left out; nil when the rule keeps no set.
  public var honestExclusionRate: Double?
  /// Share of colluders' updates left out; nil when the rule keeps no set.
  public var colluderExclusionRate: Double?
  /// Bytes from clients to server.
  public var bytesUp: Int
  /// Bytes from server to clients.
  public var bytesDown: Int
  /// What the transport cost, where it is a protocol: the processor time in it is measured, the rest is
  /// a function of the scenario. Nil in results of programs that did not keep it.
  public var transport: TransportLedger?
  /// Test accuracy, at the end, of the honest client that does worst; nil in results of programs that
  /// did not test it.
  public var worstClient: Double?
  /// The share of each class's test examples that the model recognises at the end,
  /// `RunRecord.classRecalls`; nil in results of programs that did not keep it.
  public var classRecalls: [Double?]?
  /// What became of updates in each round, under attack; nil in results of programs that did not keep
  /// it and where nobody attacked.
  public var defense: [DefendedRound]?
  /// What the run promises about privacy and what an audit proved; nil where nobody promises
  /// anything, and in results of programs that did not keep it.
  public var privacy: PrivacyEvidence?
  /// Figures that observers concluded.
  public var conclusions: [String: Double]
  /// Curves that observers concluded; nil where there are none.
  public var curves: [String: Conclusion.Curve]?
  /// What observers had to say; nil where it is nothing.
  public var remarks: [String]?
  /// Whether the defense was met by somebody who knows it; nil where nothing defends against whoever
  /// reads along, and in results of programs that did not keep it.
  public var adaptivity: Conclusion.Adaptivity?
  /// What happened on the way, each with the number of rounds it happened in.
  public var notes: [Note]
  /// Test accuracy by round, where it was measured.
  public var curve: [Point]

  /// Figures made in code.
  package init(
    finalAccuracy: Double, lastAccuracyMean: Double, peakAccuracy: Double, finalLoss: Double,
    heldRounds: Int, honestExclusionRate: Double?, colluderExclusionRate: Double?, bytesUp: Int,
    bytesDown: Int, conclusions: [String: Double], notes: [Note], curve: [Point]
  ) {
    self.finalAccuracy = finalAccuracy
    self.lastAccuracyMean = lastAccuracyMean
    self.peakAccuracy = peakAccuracy
    self.finalLoss = finalLoss
    self.heldRounds = heldRounds
    self.honestExclusionRate = honestExclusionRate
    self.colluderExclusionRate = colluderExclusionRate
    self.bytesUp = bytesUp
    self.bytesDown = bytesDown
    self.conclusions = conclusions
    self.notes = notes
    self.curve = curve
  }

  /// Something that happened in `rounds` rounds.
  public struct Note: Codable, Sendable, Hashable {
    /// What.
    public var text: String
    /// In how many rounds.
    public var rounds: Int

    /// A note made in code.
    package init(text: String, rounds: Int) {
      self.text = text
      self.rounds = rounds
    }
  }

  /// What the rule did in one round in which colluders sent something.
  public struct DefendedRound: Codable, Sendable, Hashable {
    /// The round, from 1.
    public var round: Int
    /// Honest updates received.
    public var honest: Int
    /// Colluders' updates received.
    public var colluders: Int
    /// Honest updates left out; nil when the rule keeps no set.
    public var honestExcluded: Int?
    /// Colluders' updates left out; nil likewise.
    public var colludersExcluded: Int?
    /// How far the aggregate was from the honest mean, `RoundRecord.deviation`.
    public var deviation: Double?
    /// The κ that theory promises, `RoundRecord.robustnessBound`.
    public var bound: Double?
    /// How far the attack moved the plain mean, `RoundRecord.displacement`.
    public var displacement: Double?
    /// How often the attack tried out the rule.
    public var queries: Int?

    /// A round made in code.
    package init(
      round: Int, honest: Int, colluders: Int, honestExcluded: Int? = nil,
      colludersExcluded: Int? = nil, deviation: Double? = nil, bound: Double? = nil,
      displacement: Double? = nil, queries: Int? = nil
    ) {
      self.round = round
      self.honest = honest
      self.colluders = colluders
      self.honestExcluded = honestExcluded
      self.colludersExcluded = colludersExcluded
      self.deviation = deviation
      self.bound = bound
      self.displacement = displacement
      self.queries = queries
    }
  }

  /// A point of the learning curve.
  public struct Point: Codable, Sendable, Hashable {
    /// Rounds done.
    public var round: Int
    /// Test accuracy.
    public var accuracy: Double
    /// Test cross-entropy; nil where it is not finite.
    public var loss: Double?
    /// The mean accuracy of the tenth of the clients that do worst; nil where one model is tested
    /// for all.
    public var worstTenth: Double?
    /// Virtual time since the start; nil in results of programs that did not keep it.
    public var time: Double?
    /// Bytes from clients to server since the start; nil likewise.
    public var bytesUp: Int?
    /// Bytes from server to clients since the start; nil likewise.
    public var bytesDown: Int?

    /// A point made in code.
    package init(
      round: Int, accuracy: Double, loss: Double?, worstTenth: Double? = nil, time: Double? = nil,
      bytesUp: Int? = nil, bytesDown: Int? = nil
    ) {
      self.round = round
      self.accuracy = accuracy
      self.loss = loss
      self.worstTenth = worstTenth
      self.time = time
      self.bytesUp = bytesUp
      self.bytesDown = bytesDown
    }
  }

  /// The figures of `record`.
  public init(_ record: RunRecord) {
    finalAccuracy = record.finalAccuracy
    lastAccuracyMean = record.lastAccuracyMean()
    peakAccuracy = record.peakAccuracy
    finalLoss = record.finalLoss.isFinite ? record.finalLoss : .greatestFiniteMagnitude
    heldRounds = record.heldRounds
    honestExclusionRate = record.honestExclusionRate
    colluderExclusionRate = record.colluderExclusionRate
    bytesUp = record.bytesUp
    bytesDown = record.bytesDown
    transport = record.transport
    worstClient = record.worstClient
    classRecalls = record.classRecalls
    let defended = record.rounds.filter { $0.colludersReceived > 0 }.map { round in
      DefendedRound(
        round: round.round + 1, honest: round.received - round.colludersReceived,
        colluders: round.colludersReceived, honestExcluded: round.honestExcluded,
        colludersExcluded: round.colludersExcluded, deviation: round.deviation,
        bound: round.robustnessBound, displacement: round.displacement, queries: round.queries)
    }
    defense = defended.isEmpty ? nil : defended
    privacy = record.evidence
    conclusions = record.figures
    curves = record.curves.isEmpty ? nil : record.curves
    remarks = record.remarks.isEmpty ? nil : record.remarks
    adaptivity = record.adaptivity
    notes = record.notes.map { Note(text: $0.text, rounds: $0.rounds) }
    curve = record.rounds.compactMap { round in
      round.accuracy.map { accuracy in
        Point(
          round: round.round + 1, accuracy: accuracy,
          loss: round.loss.flatMap { $0.isFinite ? $0 : nil }, worstTenth: round.worstTenth,
          time: round.time, bytesUp: round.bytesUp, bytesDown: round.bytesDown)
      }
    }
  }
}
