public import Randomness

/// Which model is trained on which examples.
///
/// Models come in pairs: of each pair one has a random half of the audited examples and the other
/// has the other half. So each example is in exactly half of the models, all models have nearly
/// equally many, and each can be the target with all others as its shadows (leave-one-model-out).
/// Its partner's row tells its own; how scores guard against that: see ``ShadowTable``.
///
///     var generator = Generator(seed: 1)
///     let design = try ShadowDesign(models: 16, examples: 1000, using: &generator)
///     design.membership.count(ofExample: 17)  // 8
public struct ShadowDesign: Sendable, Hashable {
  /// Models x examples.
  public let membership: Membership
  /// The examples that half of the models have; all others are in every model.
  public let audited: [Int]
  /// How often an audited example is in the data of a model that has it.
  public let copies: Int

  /// A random design.
  ///
  /// - Parameters:
  ///   - models: An even number of at least 2.
  ///   - examples: How many examples there are.
  ///   - audited: Those that half of the models have, such as canaries; nil takes all.
  ///   - copies: How often an audited example is repeated where it is in.
  /// - Throws: `MembershipError` for an odd number of models, no examples, or an index out of range
  ///   or named twice.
  public init(
    models: Int, examples: Int, audited: [Int]? = nil, copies: Int = 1,
    using generator: inout Generator
  ) throws(MembershipError) {
    guard models >= 2, models % 2 == 0 else {
      throw .invalid(
        what: "the number of models", got: "\(models)",
        requirement: "must be even and at least 2, so that half of them have each example")
    }
    guard copies >= 1 else {
      throw .invalid(what: "copies", got: "\(copies)", requirement: "must be at least 1")
    }
    let chosen = audited ?? Array(0..<max(examples, 0))
    for example in chosen where example < 0 || example >= examples {
      throw .noSuch(what: "example", index: example, count: examples)
    }
    guard Set(chosen).count == chosen.count else {
      throw .invalid(
        what: "audited examples", got: "an example twice", requirement: "must be distinct")
    }
    guard chosen.count >= 2 else {
      throw .tooFew(
        what: "audited examples", got: chosen.count, needed: 2, remedy: "audit more examples")
    }
    var base = [Bool](repeating: true, count: examples)
    for example in chosen { base[example] = false }
    var isMember: [Bool] = []
    isMember.reserveCapacity(models * examples)
    for _ in 0..<(models / 2) {
      let order = generator.permutation(chosen.count)
      let half = chosen.count / 2
      // Of an odd number, the first or the second model of the pair has one more.
      let cut = chosen.count % 2 == 1 && generator.bernoulli(0.5) ? half + 1 : half
      for part in [order[..<cut], order[cut...]] {
        var row = base
        for place in part { row[chosen[place]] = true }
        isMember += row
      }
    }
    membership = try Membership(models: models, examples: examples, isMember)
    self.audited = chosen.sorted()
    self.copies = copies
  }

  /// The positions that `model` is trained on: members in ascending order, audited ones as often as
  /// there are copies.
  public func trainingRows(of model: Int) -> [Int] {
    var isAudited = [Bool](repeating: false, count: membership.examples)
    for example in audited { isAudited[example] = true }
    var rows: [Int] = []
    for (example, isMember) in membership.row(model).enumerated() where isMember {
      rows += repeatElement(example, count: isAudited[example] ? copies : 1)
    }
    return rows
  }
}
