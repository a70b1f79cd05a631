import SecureAggregation
import Testing

@Suite("Who may be summed together")
struct CohortPolicyTests {
  @Test("Cohorts are the same or differ enough, whichever came first")
  func minimumDifference() throws {
    var policy = try CohortPolicy(.minimumDifference(3), clients: 8)
    try policy.admit([0, 1, 2, 3, 4])
    try policy.admit([4, 3, 2, 1, 0])
    #expect(throws: CohortRefusal.tooClose(to: 0, difference: 1, needed: 3)) {
      try policy.admit([1, 2, 3, 4])
    }
    #expect(throws: CohortRefusal.tooClose(to: 0, difference: 2, needed: 3)) {
      try policy.admit([1, 2, 3, 4, 5])
    }
    // What was refused is not remembered.
    #expect(policy.history == [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4]])
    try policy.admit([0, 1, 5, 6])
    #expect(throws: CohortRefusal.tooClose(to: 2, difference: 1, needed: 3)) {
      try policy.admit([0, 1, 5, 6, 7])
    }
    #expect(throws: CohortRefusal.tooSmall(have: 2, needed: 3)) { try policy.admit([6, 7]) }
  }

  @Test("Three cohorts that differ enough still tell one client: the rule is about two")
  func threeCohorts() throws {
    var policy = try CohortPolicy(.minimumDifference(4), clients: 7)
    for cohort in [[0, 1, 2, 3], [0, 4, 5, 6], [1, 2, 3, 4, 5, 6]] { try policy.admit(cohort) }
    // 1 in the first two and not in the third, everybody else as often with as without.
    let weights = (0..<7).map { client in
      zip(policy.history, [1, 1, -1]).reduce(0) { $0 + ($1.0.contains(client) ? $1.1 : 0) }
    }
    #expect(weights == [2, 0, 0, 0, 0, 0, 0])
  }

  @Test("No batch is split, so that members of one batch always count alike")
  func batches() throws {
    let batches = [[0, 5], [1, 2, 3], [4, 6]]
    var policy = try CohortPolicy(.batches(batches), clients: 7)
    // All cohorts there are: the unions are admitted, nothing else.
    for bits in 0..<(1 << 7) {
      let cohort = (0..<7).filter { bits >> $0 & 1 == 1 }
      let isUnion = batches.allSatisfy { batch in
        Set(batch.map { bits >> $0 & 1 }).count == 1
      }
      if isUnion && !cohort.isEmpty {
        try policy.admit(cohort)
      } else {
        #expect(throws: CohortRefusal.self) { try policy.admit(cohort) }
      }
    }
    #expect(policy.history.count == 7)
  }

  @Test("What has no meaning is refused")
  func invalid() throws {
    for rule: CohortPolicy.Rule in [
      .minimumDifference(1), .minimumDifference(6), .batches([[0, 1, 2, 3], [4]]),
      .batches([[0, 1], [2, 3]]), .batches([[0, 1, 2], [2, 3, 4]]),
    ] {
      #expect(throws: CohortRefusal.self) { try CohortPolicy(rule, clients: 5) }
    }
    var policy = try CohortPolicy(.minimumDifference(2), clients: 5)
    for cohort in [[0, 0, 1], [4, 5], [-1, 2, 3]] {
      #expect(throws: CohortRefusal.self) { try policy.admit(cohort) }
    }
    #expect(policy.history.isEmpty)
  }
}
