import Attacks
import Components
import Foundation
import TestSupport
import Testing

@Suite("The catalogue of attacks on verification")
struct VerificationAttackTests {
  @Test("lists exactly the files of the folder")
  func matchesFolder() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "attacks/VerifiableAggregation")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") && $0 != "VerificationAttackCatalogue.swift" }
      .map { String($0.dropLast(".swift".count)) }
    #expect(Set(verificationAttackCatalogue.map { "\($0)" }) == Set(files))
  }

  @Test("has distinct names in kebab case, apart from all other attacks', and sources")
  func cards() {
    let names = (verificationAttackCatalogue + protocolAttackCatalogue).map { $0.card.name }
    #expect(Set(names).count == names.count)
    for type in verificationAttackCatalogue {
      #expect(type.card.name.allSatisfy { $0.isLowercase || $0 == "-" }, "\(type)")
      #expect(type.card.summary.count <= 150 && !type.card.citation.isEmpty, "\(type)")
    }
  }

  static let unverified = "double-masking"
  static let published = "verifynet-reconstructed, public-code"
  static let labelled = "verifynet-reconstructed, labelled"
  static let vector = "verifynet-reconstructed, per-vector"
  static let xor = "verifl, published"
  static let mended = "verifl, mended"
  static let versa = "versa"
  static let committed = "committed"
  static let all = [unverified, published, labelled, vector, xor, mended, versa, committed]

  /// Against what each attack gets through, written down apart from the attacks' own expectations.
  static let broken: [String: [String]] = [
    "proof-recovery": [published, labelled],
    "vector-guessing": [published, labelled, xor],
    "server-forgery": [unverified, published, xor],
    "coordinate-permutation": [unverified, published],
    "aggregate-replay": [unverified, published],
    "insider-forgery": [unverified, published, labelled, vector, xor, versa],
    "tampered-aggregate": ["tampered sum", "swapped", "omitted user", "replayed"].map {
      unverified + ", " + $0
    },
    "commitment-equivocation": [xor],
    "rogue-commitment": ["signed commitments without digests", xor],
    "unbounded-input": all.map { $0 + ", within the range" },
  ]

  @Test("Every cell is as theory and this table say", arguments: [1, 2] as [UInt64])
  func sheet(seed: UInt64) throws {
    for type in verificationAttackCatalogue {
      let setting = ProtocolAttackSetting(
        clients: 7 + Int(seed), dimension: 3 + Int(seed), seed: seed)
      let findings = try type.init().run(setting)
      let broken = try #require(Self.broken[type.card.name])
      #expect(Set(findings.map(\.variant)).count == findings.count, "\(type)")
      for finding in findings {
        #expect(finding.isAsExpected, "\(finding)")
        #expect(finding.succeeded == broken.contains(finding.variant), "\(finding)")
        #expect(finding.attack == type.card.name && !finding.evidence.isEmpty, "\(finding)")
      }
      #expect(Set(broken).isSubset(of: findings.map(\.variant)), "\(type)")
      if !["commitment-equivocation", "rogue-commitment"].contains(type.card.name) {
        for mode in Self.all {
          #expect(findings.contains { $0.variant.hasPrefix(mode) }, "\(type) has no \(mode)")
        }
      }
    }
  }

  @Test("The same seed gives the same sheet, and another seed other updates")
  func repeats() throws {
    let recovery = ProofRecovery()
    let setting = ProtocolAttackSetting(clients: 8, dimension: 3, seed: 5)
    #expect(try recovery.run(setting) == recovery.run(setting))
    let input = UnboundedInput()
    let other = ProtocolAttackSetting(clients: 8, dimension: 3, seed: 6)
    #expect(try input.run(setting).map(\.value) != input.run(other).map(\.value))
  }

  @Test("A refused forgery says which check it failed")
  func reasons() throws {
    let setting = ProtocolAttackSetting(clients: 8, dimension: 3, seed: 2)
    for (type, variant, reason) in [
      (ServerForgery.self, Self.labelled, "(ii)-(iv)"),
      (CoordinatePermutation.self, Self.labelled, "(ii)-(iv)"),
      (AggregateReplay.self, Self.vector, "(i)"),
      (InsiderForgery.self, Self.mended, "does not open"),
      (ServerForgery.self, Self.mended, "a sum is not that of the committed vectors"),
      (InsiderForgery.self, Self.committed, "is not the one it had announced"),
      (RogueCommitment.self, Self.committed, "is not the one it had announced"),
      (RogueCommitment.self, Self.mended, "the commitment of client 0 does not open"),
      (ServerForgery.self, Self.committed, "is not that of the commitments"),
      (ServerForgery.self, Self.versa, "z' is not a z + |U3| b"),
      (TamperedAggregate.self, Self.published + ", tampered sum", "(i)"),
    ] as [(any ProtocolAttack.Type, String, String)] {
      let finding = try type.init().run(setting).first { $0.variant == variant }
      #expect(finding?.evidence.contains(reason) == true, "\(variant): \(finding?.evidence ?? "")")
    }
  }

  @Test("All coordinates of all clients are read out of proofs, none by chance")
  func recovery() throws {
    let findings = try ProofRecovery().run(
      ProtocolAttackSetting(clients: 8, dimension: 4, seed: 3))
    let values = Dictionary(uniqueKeysWithValues: findings.map { ($0.variant, $0.value) })
    #expect(values[Self.published] == 1 && values[Self.labelled] == 1)
    #expect(values[Self.vector] == 0)
    #expect(findings.allSatisfy { ($0.control ?? 1) < 1e-4 })
  }
}
