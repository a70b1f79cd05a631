import Attacks
import Components
import Foundation
import Testing

@Suite("The catalogue of attacks on the protocol")
struct ProtocolAttackTests {
  @Test("lists exactly the files of the folder")
  func matchesFolder() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "attacks/SecureAggregation")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") && $0 != "ProtocolAttackCatalogue.swift" }
      .map { String($0.dropLast(".swift".count)) }
    #expect(Set(protocolAttackCatalogue.map { "\($0)" }) == Set(files))
  }

  @Test("has distinct names in kebab case, short summaries and sources")
  func cards() {
    let names = protocolAttackCatalogue.map { $0.card.name }
    #expect(Set(names).count == names.count)
    for type in protocolAttackCatalogue {
      #expect(type.card.name.allSatisfy { $0.isLowercase || $0 == "-" }, "\(type)")
      #expect(type.card.summary.count <= 150 && !type.card.citation.isEmpty, "\(type)")
    }
  }

  @Test("Every cell comes out as theory says", arguments: [1, 2] as [UInt64])
  func sheet(seed: UInt64) throws {
    for type in protocolAttackCatalogue {
      let findings = try type.init().run(.small(seed: seed, clients: 7 + Int(seed)))
      #expect(Set(findings.map(\.expected)) == [.succeeds, .fails], "\(type)")
      #expect(Set(findings.map(\.variant)).count == findings.count, "\(type)")
      for finding in findings {
        #expect(finding.isAsExpected, "\(finding)")
        #expect(finding.attack == type.card.name && !finding.evidence.isEmpty, "\(finding)")
      }
    }
  }

  @Test("The same seed gives the same sheet, and another seed other numbers")
  func repeats() throws {
    for type in protocolAttackCatalogue {
      let first = try type.init().run(.small(seed: 5))
      #expect(try type.init().run(.small(seed: 5)).map(\.value) == first.map(\.value), "\(type)")
    }
  }
}

extension ProtocolAttackSetting {
  /// What debug builds manage.
  static func small(seed: UInt64, clients: Int = 8) -> ProtocolAttackSetting {
    ProtocolAttackSetting(clients: clients, dimension: 32, seed: seed, searchBits: 12)
  }
}
