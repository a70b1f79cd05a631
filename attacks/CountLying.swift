public import Components
public import Federation
public import Randomness
internal import Tensors

/// The colluders claim to have trained on many more examples than they have.
///
///     claimed weight = factor · honest weight;   m_i = x_i, or -x_i: `content`
///
/// Every rule that weights by claimed sample counts trusts a number that the client makes up. With
/// factor 1000 one colluder among a thousand equal clients carries half of the weighted mean: with
/// flipped content that is enough to stop learning, and even an honest update makes the model half that
/// one client's. Rules that ignore weights are not moved by the lie.
///
/// Example: factor 1000, weight 2: the update (1, -3) is sent with a claim of 2000.
///
/// Source: the weighting of McMahan et al. 2017, *Communication-Efficient Learning of Deep Networks
/// from Decentralized Data*, algorithm 1, taken at its word; untrusted counts as in Portnoy et al.
/// 2020, *Towards Federated Learning With Byzantine-Robust Client Weighting*.
public struct CountLying: Corruption {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// What the honest weight is multiplied by.
    public var factor = 1000.0
    /// What is sent under the claim.
    public var content = Content.flipped
  }

  /// What is sent under the claim.
  public enum Content: String, CaseIterable, Codable, Hashable, Sendable {
    /// The colluder's own clean update.
    case honest
    /// The same reversed.
    case flipped
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "count-lying",
    summary:
      "The colluders claim many times the examples they have, for an honest or reversed update.",
    formula: "claimed weight = factor · honest weight; m_i = x_i or -x_i",
    citation: "Portnoy et al. 2020 (untrusted sample counts)",
    needs: [.ownUpdates],
    control: .accuracyLoss().or(.displacement()),
    parameters: [
      .init("factor", "what the honest weight is multiplied by", range: "greater than 0"),
      .init("content", "what is sent under the claim", range: "honest or flipped"),
    ])

  /// A thousand times the weight for a reversed update.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.positive("factor", parameters.factor)
    try check.finish()
    self.parameters = parameters
  }

  /// The attack with this factor and content.
  public init(factor: Double = 1000, content: Content = .flipped) throws {
    try self.init(Parameters(factor: factor, content: content))
  }

  /// Each colluder's update under its claim. O(fd).
  public func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) -> [CraftedUpdate] {
    view.ownWeights.enumerated().map { row, weight in
      var delta = view.own.row(row)
      if parameters.content == .flipped { delta.scale(by: -1) }
      return CraftedUpdate(delta, weight: parameters.factor * weight)
    }
  }
}
