import Attacks
import SecureAggregation
import Testing

@Suite("A server that lies about dropouts")
struct DropoutEquivocationTests {
  private func succeeds(
    _ clients: Int, _ security: MaskingSession.Security, t: Int, c: Int, declared: Int = 0
  ) throws -> Bool {
    try DropoutEquivocation().cell(
      .small(seed: UInt64(100 * t + c), clients: clients), security, threshold: t, colluders: c,
      declared: declared
    ).succeeded
  }

  @Test("opens both secrets exactly if 2t ≤ n + c", arguments: [8, 9])
  func bound(clients: Int) throws {
    for colluders in 0...3 {
      // All thresholds without colluders; around the bound with.
      let bound = (clients + colluders) / 2
      for threshold in colluders == 0 ? 1...clients : bound...bound + 1 {
        #expect(
          try succeeds(clients, .semiHonest, t: threshold, c: colluders)
            == (2 * threshold <= clients + colluders),
          "n \(clients), t \(threshold), c \(colluders)")
      }
    }
  }

  @Test("gets nothing from an active session that was set up for all colluders there are")
  func quorum() throws {
    for clients in [8, 9] {
      for threshold in [clients / 2 + 1, clients / 2 + 2] {
        for colluders in 0...3 {
          #expect(
            try !succeeds(clients, .active, t: threshold, c: colluders, declared: colluders),
            "n \(clients), t \(threshold), c \(colluders)")
        }
      }
    }
  }

  @Test("and gets everything if there is one colluder more than the quorum was made for")
  func tightQuorum() throws {
    // 2 quorum = n + declared + 2 or + 1: with two or one more than declared both lists are signed.
    #expect(try succeeds(8, .active, t: 5, c: 2, declared: 0))
    #expect(try succeeds(9, .active, t: 5, c: 1, declared: 0))
    #expect(try succeeds(9, .active, t: 6, c: 3, declared: 2))
    #expect(try !succeeds(8, .active, t: 5, c: 1, declared: 0))
    // The threshold counts as well.
    #expect(try !succeeds(9, .active, t: 6, c: 1, declared: 0))
  }

  @Test("A threshold of half is not to be had in an active session")
  func threshold() throws {
    #expect(throws: ParameterError.self) { try succeeds(8, .active, t: 4, c: 0) }
  }
}
