import Components
import Federation
import Foundation
import SecureAggregation
import Testing

@Suite("The catalogue of transports")
struct CatalogueTests {
  @Test("lists the components of the folder, and the null transport")
  func matchesFolder() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/SecureAggregation")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") && $0 != "Catalogue.swift" }
      .map { String($0.dropLast(".swift".count)) }
    #expect(Set(transportCatalogue.map { "\($0)" }) == Set(files + ["Plain"]))
  }

  @Test("has distinct names, and every card documents every parameter")
  func cards() {
    // What is nil by default is a parameter, too.
    func keys<C: Component>(_ type: C.Type) -> [String] {
      Mirror(reflecting: C.defaults).children.compactMap {
        $0.label.map(ParameterCoding.kebabCase)
      }
    }
    for type in transportCatalogue {
      #expect(transportCatalogue.count { $0.card.name == type.card.name } == 1)
      #expect(type.card.summary.count <= 150, "\(type)")
      #expect(Set(keys(type)) == Set(type.card.parameters.map(\.key)), "\(type)")
    }
  }
}
