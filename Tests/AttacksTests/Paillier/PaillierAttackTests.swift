import Attacks
import Components
import Foundation
import TestSupport
import Testing

@Suite("The catalogue of attacks on Paillier's encryption")
struct PaillierAttackTests {
  @Test("lists exactly the files of the folder")
  func matchesFolder() throws {
    let folder = testsDirectory.deletingLastPathComponent().appending(path: "attacks/Paillier")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") && $0 != "PaillierAttackCatalogue.swift" }
      .map { String($0.dropLast(".swift".count)) }
    #expect(Set(paillierAttackCatalogue.map { "\($0)" }) == Set(files))
  }

  @Test("has distinct names in kebab case, short summaries and sources")
  func cards() {
    let names = paillierAttackCatalogue.map { $0.card.name }
    #expect(Set(names).count == names.count)
    for type in paillierAttackCatalogue {
      #expect(type.card.name.allSatisfy { $0.isLowercase || $0 == "-" }, "\(type)")
      #expect(type.card.summary.count <= 150 && !type.card.citation.isEmpty, "\(type)")
    }
  }

  /// What theory says of each cell, said a second time.
  static let cells: [(any PaillierAttack.Type, [(variant: String, succeeds: Bool)])] = [
    (
      UnhiddenCiphertext.self,
      [
        ("1 + m n", true), ("encrypted", false), ("1 + m n, rerandomised", false),
        ("sum with a known one", true), ("sum, rerandomised", false),
        ("product with a known one", true), ("product, rerandomised", false),
      ]
    ),
    (
      ReusedRandomness.self,
      [
        ("r^n, one r", true), ("r^n, two r", false), ("hs^a, one seed twice", true),
        ("hs^a, two seeds", false), ("hs^a, one generator", false),
        ("pool, each factor once", false),
      ]
    ),
    (
      SharedKey.self,
      [
        ("one key for 5 clients, 1 insider", true), ("3 of 5 parties, 1 insider", false),
        ("3 of 5 parties, 2 insiders", false), ("3 of 5 parties, 3 insiders", true),
        ("3 of 5 parties, 4 insiders", true), ("3 of 5 parties, 5 insiders", true),
        ("2 insiders, others' parts of the sum", false),
      ]
    ),
    (
      CloseFactors.self,
      [
        ("the next prime", true), ("2^(bits/4 + 5) apart", true),
        ("2^(bits/4 + 18) apart", false), ("keys of this library", false),
      ]
    ),
    (
      SmallFactors.self,
      [
        ("44 bits", true), ("96 bits", false), ("512 bits, a factor of 22", true),
        ("keys of this library, 512 bits", false),
      ]
    ),
    (
      SlotOverflow.self,
      [
        ("no guard bits, 2 clients and more", true), ("guard bits, 4 clients", false),
        ("guard bits, 5 clients", false), ("guard bits, 5 large said to be 4", false),
        ("guard bits, 5 small said to be 4", true),
        ("guard bits, a slot beyond any sum", false),
        ("guard bits, a slot as large as the sum of all", true),
      ]
    ),
  ]

  @Test("Every cell comes out as theory says", arguments: cells.indices, [1, 2] as [UInt64])
  func sheet(index: Int, seed: UInt64) throws {
    let (type, cells) = Self.cells[index]
    let findings = try type.init().run(.small(seed: seed))
    #expect(findings.map(\.variant) == cells.map(\.variant))
    for (finding, cell) in zip(findings, cells) {
      #expect(finding.expected == (cell.succeeds ? .succeeds : .fails), "\(finding)")
      #expect(finding.isAsExpected, "\(finding)")
      // Nothing in between: all is read or nothing, but for wrong slots, which are some.
      if type == SlotOverflow.self {
        #expect((finding.value > 0) == cell.succeeds, "\(finding)")
      } else {
        #expect(finding.value == (cell.succeeds ? 1 : 0), "\(finding)")
      }
      #expect(finding.attack == type.card.name && !finding.evidence.isEmpty, "\(finding)")
    }
  }

  @Test("The same seed gives the same sheet")
  func repeats() throws {
    for (type, _) in Self.cells {
      let first = try type.init().run(.small(seed: 5))
      #expect(try type.init().run(.small(seed: 5)) == first, "\(type)")
    }
  }

  @Test("Attacks fail for the reason that the defense is there for")
  func reasons() throws {
    for (type, variant, reason): (any PaillierAttack.Type, String, String) in [
      (UnhiddenCiphertext.self, "encrypted", "0 of 32 numbers have the form"),
      (ReusedRandomness.self, "hs^a, one generator", "0 of 32 ratios are 1"),
      (SharedKey.self, "3 of 5 parties, 2", "2 good partial decryptions, and 3 are needed"),
      (
        SharedKey.self, "2 insiders, others", "bad: party 3 (no proof), party 4 (no proof), party 5"
      ),
      (CloseFactors.self, "the next prime", "at most 1 steps; 4 of 4 keys have factors told"),
      (CloseFactors.self, "2^(bits/4 + 5)", "4 of 4 keys have factors told to be too near"),
      (CloseFactors.self, "keys of this", "0 of 4 keys have factors told to be too near"),
      (SmallFactors.self, "44 bits", "a modulus of 44 bits can be factored"),
      (SlotOverflow.self, "guard bits, 5 clients", "a sum of weight 5; the slots have room for 4"),
      (
        SlotOverflow.self, "guard bits, 5 large said", "a slot holds more than any sum of its"
      ),
      (SlotOverflow.self, "guard bits, a slot beyond", "a slot holds more than any sum of its"),
    ] {
      let findings = try type.init().run(.small(seed: 4))
      let finding = try #require(findings.first { $0.variant.hasPrefix(variant) }, "\(variant)")
      #expect(finding.evidence.contains(reason), "\(type), \(variant): \(finding.evidence)")
    }
  }

  @Test("What slots have room for shifts the sums that theory says")
  func shifts() throws {
    let findings = try SlotOverflow().run(.small(seed: 1))
    // One client more than counted: 2^7 each. A slot of 1020 - 3 * 128, less its own 128.
    #expect(findings[4].evidence == "decrypted: [128, 153, 133, 113] for [0, 25, 5, -15]")
    #expect(findings[6].evidence == "decrypted: [508, 0, 0, 0] for [0, 0, 0, 0]")
  }

  @Test("A replica without guard bits changes the slots that theory says")
  func carries() throws {
    // Codes + 128, four times: 1020, 532, 1020, 500. In digits of base 256 with carries: 252, 23,
    // 254, 247; less 4 * 128.
    let finding = try SlotOverflow().run(.small(seed: 1))[0]
    #expect(finding.evidence == "unpacked: [-260, -489, -258, -265] for [508, 20, 508, -12]")
  }
}

extension PaillierAttackSetting {
  /// What debug builds manage.
  static func small(seed: UInt64) -> PaillierAttackSetting {
    PaillierAttackSetting(bits: 512, seed: seed, timings: 200, searchBits: 16)
  }
}
