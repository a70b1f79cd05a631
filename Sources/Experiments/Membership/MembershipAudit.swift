package import Datasets
package import Federation
package import MembershipInference
internal import Randomness

/// Which examples are audited, and in which federations each of them is.
package struct MembershipAudit: Sendable {
  /// Positions in the training data, ascending.
  package let examples: [Int]
  /// Federations x audited examples.
  package let membership: Membership
  private let shares: ClientShares
  private let place: [Int: Int]

  /// At most `perClient` random examples of each client, paired over the federations.
  package init(
    _ shares: ClientShares, perClient: Int, models: Int, seed: UInt64
  ) throws(MembershipError) {
    var generator = Generator(seed: seed).fork("membership audit")
    var chosen: [Int] = []
    for share in shares.indices {
      let count = min(perClient, share.count)
      chosen += generator.choice(count, of: share.count).map { share[$0] }
    }
    examples = chosen.sorted()
    self.shares = shares
    membership = try ShadowDesign(models: models, examples: examples.count, using: &generator)
      .membership
    place = Dictionary(uniqueKeysWithValues: examples.enumerated().map { ($0.element, $0.offset) })
  }

  /// Gives clients what federation `model` trains on, and the federation streams of its own.
  package func apply(to scenario: inout Scenario, model: Int, seed: UInt64) {
    func isIn(_ example: Int) -> Bool { place[example].map { membership[model, $0] } ?? true }
    scenario.shares.indices = shares.indices.map { $0.filter(isIn) }
    scenario.heldOut = shares.indices.map { $0.filter { !isIn($0) } }
    var generator = Generator(seed: seed).fork("membership federation", UInt64(model))
    scenario.seed = generator.next()
  }
}
