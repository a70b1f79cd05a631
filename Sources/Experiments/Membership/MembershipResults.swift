internal import Federation
public import MembershipInference

/// What a membership study found.
public struct MembershipResults: Sendable {
  /// The experiment's name.
  public var name: String
  /// Federations of each combination and seed.
  public var models: Int
  /// Seeds.
  public var seeds: Int
  /// One for each combination of the axes other than the attack.
  public var blocks: [Block] = []

  init(name: String, models: Int, seeds: Int) {
    self.name = name
    self.models = models
    self.seeds = seeds
  }

  /// The attacks on one combination.
  public struct Block: Sendable {
    /// The labels that tell it from others.
    public var title: String
    /// Whether nothing protects.
    public var isUndefended: Bool
    /// Test accuracy over federations without interference.
    public var accuracy: Estimate?
    /// Every attack, in order: scores, then the experiment's.
    public var attacks: [Attack] = []
    /// What a baseline achieves that sees no model.
    public var blind: BlindBaseline?
  }

  /// An attack on one combination.
  public struct Attack: Sendable {
    /// Its label.
    public var label: String
    /// What came of it.
    public var outcome: Outcome
    /// Whether it passed its positive control: undefended, the lower limit of its area is above
    /// 0.55. Nil where nothing undefended was measured.
    public var isValid: Bool?
    /// The area against other clients' members.
    public var againstOthers: IntervalEstimate?
    /// How often it named the right client, where it names one.
    public var sourceAccuracy: Estimate?
    /// Test accuracy of federations it interfered with.
    public var accuracy: Estimate?
  }

  /// What came of an attack.
  public enum Outcome: Sendable {
    /// Its errors.
    case measured(ScoreEvaluation)
    /// Why it cannot exist here.
    case impossible(String)
  }

  /// The least lower limit of the undefended area with which a failure to attack counts as
  /// protection.
  public static let controlMinimum = 0.55

  mutating func judgeControls() {
    var verdicts: [String: Bool] = [:]
    for block in blocks where block.isUndefended {
      for attack in block.attacks {
        guard case .measured(let evaluation) = attack.outcome else { continue }
        let passes = evaluation.areaUnderCurve.clustered.lowerBound >= Self.controlMinimum
        verdicts[attack.label] = passes && (verdicts[attack.label] ?? true)
      }
    }
    for block in blocks.indices {
      for attack in blocks[block].attacks.indices {
        blocks[block].attacks[attack].isValid = verdicts[blocks[block].attacks[attack].label]
      }
    }
  }
}
