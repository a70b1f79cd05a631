internal import Datasets
internal import Learning
internal import Randomness

/// What one observer is asked, and the answers, which it does not get.
struct Interview: Sendable {
  /// The questions, by client in increasing order.
  private(set) var candidates: [Candidates] = []
  /// What each candidate is, by client.
  private(set) var standings: [Int: [Standing]] = [:]

  /// No questions.
  init() {}

  /// The questions of `inquiry` about honest clients of `scenario`.
  init(
    _ inquiry: Inquiry, in scenario: Scenario, honest: [Int], examples: [LabeledExamples],
    using generator: inout Generator
  ) throws {
    let chosen = generator.choice(min(inquiry.clients, honest.count), of: honest.count)
    let test = scenario.data.test
    for client in chosen.map({ honest[$0] }).sorted() {
      var drawn: [(examples: LabeledExamples, standing: Standing)] = []
      func take(
        _ count: Int, of source: LabeledExamples, _ standing: Standing, _ positions: [Int]? = nil
      ) throws {
        let positions =
          positions
          ?? generator.choice(min(count, source.count), of: source.count)
        for position in positions { drawn.append((try source.subset([position]), standing)) }
      }
      try take(inquiry.members, of: examples[client], .member)
      if scenario.heldOut.indices.contains(client) {
        let held = try scenario.shares.asMet(
          by: client, scenario.data.train.subset(scenario.heldOut[client]))
        try take(inquiry.nonMembers, of: held, .nonMember)
      } else {
        let own = examples[client].labelCounts
        let met = try scenario.shares.asMet(by: client, test)
        try take(
          0, of: met, .nonMember,
          Self.draw(inquiry.nonMembers, of: met, likeCounts: own, using: &generator))
      }
      let others = scenario.shares.indices.indices.filter { $0 != client }
      let pool = others.flatMap { other in examples[other].labels.indices.map { (other, $0) } }
      for place in generator.choice(min(inquiry.otherMembers, pool.count), of: pool.count) {
        let (other, position) = pool[place]
        drawn.append((try examples[other].subset([position]), .memberOf(other)))
      }
      let order = generator.permutation(drawn.count)
      candidates.append(
        Candidates(
          client: client,
          examples: try LabeledExamples(
            features: order.flatMap { drawn[$0].examples.features },
            labels: order.map { drawn[$0].examples.labels[0] }, shape: test.shape,
            classes: test.classes),
          known: Self.known(order.map { drawn[$0].standing }, count: inquiry.known)))
      standings[client] = order.map { drawn[$0].standing }
    }
  }

  /// The first `count` members and as many non-members, with what they are.
  private static func known(_ standings: [Standing], count: Int) -> [Int: Bool] {
    var known: [Int: Bool] = [:]
    for kind in [Standing.member, .nonMember] {
      for place in standings.indices.filter({ standings[$0] == kind }).prefix(count) {
        known[place] = kind.isMember
      }
    }
    return known
  }

  /// At most `count` positions of `source`, each class in proportion to `counts` as far as it has
  /// examples.
  private static func draw(
    _ count: Int, of source: LabeledExamples, likeCounts counts: [Int],
    using generator: inout Generator
  ) -> [Int] {
    let order = generator.permutation(source.count)
    var byClass = [[Int]](repeating: [], count: source.classes)
    for position in order { byClass[Int(source.labels[position])].append(position) }
    // Quotas by largest remainder; what a class cannot give is not made up for by others.
    let total = counts.reduce(0, +)
    guard total > 0 else { return [] }
    let exact = counts.map { Double($0) * Double(count) / Double(total) }
    var quotas = exact.map { Int($0) }
    let missing = min(count, source.count) - quotas.reduce(0, +)
    let byRemainder = exact.indices.sorted { first, second in
      let (a, b) = (exact[first] - Double(quotas[first]), exact[second] - Double(quotas[second]))
      return a != b ? a > b : first < second
    }
    for index in byRemainder.prefix(max(0, missing)) { quotas[index] += 1 }
    return zip(byClass, quotas).flatMap { $0.prefix($1) }
  }
}
