import Attacks
import Testing

@Suite("Why attacks on the protocol fail")
struct AttackReasonTests {
  private func evidence(
    _ type: any ProtocolAttack.Type, _ variant: String, seed: UInt64 = 2
  ) throws -> String {
    let findings = try type.init().run(.small(seed: seed))
    return try #require(findings.first { $0.variant.hasPrefix(variant) }, "\(variant)").evidence
  }

  @Test(
    "Clients end the session or refuse the message for the reason that the defense is there for")
  func reasons() throws {
    for (type, variant, reason): (any ProtocolAttack.Type, String, String) in [
      (DropoutEquivocation.self, "active, n 8, t 5, c 2 (set up for 2)", "tooFewSignatures"),
      (ListOverlap.self, "semi-honest", "unexpected: a survivor list"),
      (ListOverlap.self, "active", "unexpected: a survivor list"),
      (ListOverlap.self, "replica that compares", "7 clients refuse lists that overlap"),
      (ReplayedMessages.self, "verbatim", "foreignRound: it belongs to round 1"),
      (ReplayedMessages.self, "old shares", "of b_v: 0"),
      (ReplayedMessages.self, "old signatures, round named", "inconsistentSurvivors"),
      (KeySubstitution.self, "active, t 5", "client 0: unsignedKeys"),
      (KeySubstitution.self, "active, 7 of 8 the server's (set up for 7)", "must be in 0...6"),
      (ModelInconsistency.self, "active, model bound", "an honest server finds no mean"),
      (Differencing.self, "2 cohorts", "differs from cohort 0 in 1 client"),
      (Differencing.self, "fixed batches", "splits batch 0"),
      (OverflowPoisoning.self, "active, twice", "total weight is 9, which is not in 1...8"),
    ] {
      let found = try evidence(type, variant)
      #expect(found.contains(reason), "\(type), \(variant): \(found)")
    }
  }

  @Test(
    "Colluders open the victim's mask key exactly from the threshold on", arguments: [8, 9, 10])
  func collusionCurve(clients: Int) throws {
    let findings = try CollusionSweep().run(.small(seed: 3, clients: clients))
    // t = n/2 + 1 of n - 1 possible colluders.
    let below = clients / 2 + 1
    let curve =
      [String](repeating: "0", count: below)
      + [String](repeating: "1", count: clients - below)
    #expect(findings[0].evidence.hasSuffix(": " + curve.joined(separator: " ")))
  }

  @Test("A search finds the one seed there is")
  func uniqueSeed() throws {
    #expect(try evidence(WeakGenerator.self, "MT19937, 2^12").hasPrefix("1 of 2^12 seeds"))
    #expect(try evidence(WeakGenerator.self, "AES-256-CTR, 2^8 seeds").hasPrefix("1 of 2^8 seeds"))
    #expect(try evidence(WeakGenerator.self, "AES-256-CTR, 2^8 of").hasPrefix("0 of 2^8 seeds"))
  }
}
