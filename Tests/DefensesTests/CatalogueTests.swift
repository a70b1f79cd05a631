import Components
import Defenses
import Foundation
import Testing

@Suite("The catalogue of defenses")
struct CatalogueTests {
  @Test("lists exactly the files of the folder")
  func matchesFolder() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("defenses")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") && $0 != "Catalogue.swift" }
      .map { String($0.dropLast(".swift".count)) }
    #expect(Set(defenseCatalogue.map { "\($0)" }) == Set(files))
  }

  @Test("has distinct names, and every card documents every parameter", arguments: cases)
  func cards(_ test: Case) throws {
    #expect(defenseCatalogue.count { $0.card.name == test.type.card.name } == 1)
    #expect(test.type.card.summary.count <= 150)
    func keys<C: Component>(_ type: C.Type) throws -> [String] {
      try ParameterCoding.node(of: C.defaults).entries?.map(\.key) ?? []
    }
    #expect(Set(try keys(test.type)) == Set(test.type.card.parameters.map(\.key)))
  }

  static let cases = defenseCatalogue.map(Case.init)
  struct Case: CustomTestStringConvertible, Sendable {
    let type: any Component.Type
    var testDescription: String { type.card.name }
  }
}
