public import Components
public import Federation
public import Randomness
internal import Tensors

/// Fake clients push every coordinate one way for the whole run, as hard as the server lets them.
///
///     m_t = c_t ‖h‖ · s ⊙ v/‖v‖,   h = w_t - w_{t-1},   v = |h - m_{t-1} ‖h‖/‖m_{t-1}||
///     s ∈ {-1, 1}^d drawn once
///     every `interval` rounds: c ← max(floor, decay · c) unless the coordinates that moved along s
///     exceed the binomial quantile of `confidence`
///
/// Attacks that choose their direction anew each round undo themselves; this one is consistent, so
/// what little passes a defense adds up. v gives it the shape of the part of the last global step
/// that it did not cause itself. If the model did not follow s significantly, the attack was
/// filtered, and it shrinks. Needs nothing but the global model.
///
/// The test counts the coordinates that moved at all, and its quantile is exact for any number of
/// them (published code has a table for four models). Nothing is sent in the first round, which
/// shows no step yet; a fake client that was not asked for some rounds sees their steps as one.
///
/// Example: c = 2, h = (3, -4), nothing sent before, s = (-1, -1): v = (3, 4), m = (-6, -8).
///
/// Source: Xie, Fang, Gong 2025, *Model Poisoning Attacks to Federated Learning via Multi-Round
/// Consistency*. Their code stops shrinking before c would pass below the floor.
public struct PoisonedFL: Corruption {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The length c at the start, in units of the last global step.
    public var scale = 8.0
    /// Rounds between two tests whether the model follows.
    public var interval = 50
    /// What c is multiplied by when it does not.
    public var decay = 0.7
    /// The least c.
    public var floor = 0.5
    /// The probability that a model which does not follow fails the test.
    public var confidence = 0.99
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "poisoned-fl",
    summary: "Fake clients push every coordinate one fixed way, scaled to the last global step.",
    formula: "m = c‖h‖ · s ⊙ v/‖v‖, v = |h - m' ‖h‖/‖m'||, h the last global step, s fixed signs",
    citation: "Xie et al. 2025",
    needs: [.globalModel],
    control: .accuracyLoss(),
    parameters: [
      .init("scale", "length in units of the last global step", range: "at least the floor"),
      .init("interval", "rounds between two tests", range: "1 or more"),
      .init("decay", "factor on the scale when the model does not follow", range: "in (0, 1]"),
      .init("floor", "the least scale", range: "greater than 0"),
      .init("confidence", "of the test that the model follows", range: "in (0, 1)"),
    ])

  /// The paper's values.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.positive("floor", parameters.floor)
    check(
      "scale", parameters.scale >= parameters.floor && parameters.scale.isFinite,
      "must be a finite number, at least the floor", got: parameters.scale)
    check.oneOrMore("interval", parameters.interval)
    check(
      "decay", parameters.decay > 0 && parameters.decay <= 1,
      "must be greater than 0 and at most 1", got: parameters.decay)
    check(
      "confidence", parameters.confidence > 0 && parameters.confidence < 1,
      "must be between 0 and 1", got: parameters.confidence)
    try check.finish()
    self.parameters = parameters
  }

  /// The attack with this scale at the start and tests this often.
  public init(scale: Double = 8, interval: Int = 50) throws {
    var parameters = Parameters()
    parameters.scale = scale
    parameters.interval = interval
    try self.init(parameters)
  }

  /// What the fake clients know of the run so far.
  private struct Campaign: Codable {
    var signs: Vector
    var scale: Double
    /// The model of the last round, and what was sent in it.
    var model: Vector
    var sent: Vector
    /// The model at the last test, and its round.
    var testedModel: Vector
    var testedRound: Int
  }

  /// The same vector for every colluder. O(d).
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) -> [CraftedUpdate] {
    let model = view.globalModel
    var delta = Vector(zeros: model.count)
    if var campaign = memory[Campaign.self] {
      if view.round - campaign.testedRound >= parameters.interval {
        if !follows(from: campaign.testedModel, to: model, signs: campaign.signs) {
          campaign.scale = max(parameters.floor, parameters.decay * campaign.scale)
        }
        campaign.testedModel = model
        campaign.testedRound = view.round
      }
      delta = Self.push(
        after: model - campaign.model, sent: campaign.sent, signs: campaign.signs,
        scale: campaign.scale)
      campaign.model = model
      campaign.sent = delta
      memory[Campaign.self] = campaign
    } else {
      let signs = Vector((0..<model.count).map { _ in generator.bernoulli(0.5) ? 1 : -1 })
      memory[Campaign.self] = Campaign(
        signs: signs, scale: parameters.scale, model: model, sent: delta, testedModel: model,
        testedRound: view.round)
    }
    return view.colluders.map { _ in CraftedUpdate(delta) }
  }

  /// Whether more of the coordinates that moved went along `signs` than chance explains.
  private func follows(from old: Vector, to new: Vector, signs: Vector) -> Bool {
    let moves = new - old
    var moved = 0
    var along = 0
    moves.withSpan { moves in
      signs.withSpan { signs in
        for j in moves.indices where moves[j] != 0 {
          moved += 1
          if (moves[j] > 0) == (signs[j] > 0) { along += 1 }
        }
      }
    }
    return along >= max(1, FairCoins.quantile(parameters.confidence, count: moved))
  }

  /// c ‖h‖ · s ⊙ v/‖v‖.
  private static func push(
    after step: Vector, sent: Vector, signs: Vector, scale: Double
  ) -> Vector {
    let stepNorm = step.norm
    let sentNorm = sent.norm
    var shape = step
    if sentNorm > 0 { shape.add(sent, scale: -Float(stepNorm / sentNorm)) }
    let shapeNorm = shape.norm
    guard shapeNorm > 0 else { return Vector(zeros: step.count) }
    let factor = Float(scale * stepNorm / shapeNorm)
    signs.withSpan { signs in
      shape.withMutableSpan { shape in
        for j in shape.indices { shape[j] = factor * signs[j] * abs(shape[j]) }
      }
    }
    return shape
  }
}
