import Algorithms
import Components
import Federation
import Foundation
import Testing

@Suite("The catalogue of algorithms")
struct CatalogueTests {
  /// Files of the folder that hold no component.
  static let others: Set<String> = [
    "Catalogue", "Weighting", "LocalTask+Descent", "LocalTask+Private", "AdaptiveStep",
    "InclusionProbabilities", "DeviceTable", "OnOffTrace",
  ]

  @Test("lists exactly the components of the folder")
  func matchesFolder() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Algorithms")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }.map { String($0.dropLast(".swift".count)) }
    #expect(Set(algorithmCatalogue.map { "\($0)" }) == Set(files).subtracting(Self.others))
  }

  @Test("lists exactly the populations of their folder")
  func matchesPopulationFolder() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Algorithms/Population")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }.map { String($0.dropLast(".swift".count)) }
    // The null component lives with its position.
    #expect(
      Set(populationCatalogue.map { "\($0)" })
        == Set(files).subtracting(["PopulationCatalogue"]).union(["IdealDevices"]))
  }

  @Test("has distinct names, and every card documents every parameter")
  func cards() throws {
    func keys<C: Component>(_ type: C.Type) throws -> [String] {
      try ParameterCoding.node(of: C.defaults).entries?.map(\.key) ?? []
    }
    let all = algorithmCatalogue + populationCatalogue
    for type in all {
      #expect(all.count { $0.card.name == type.card.name } == 1)
      #expect(type.card.summary.count <= 150, "\(type)")
      #expect(!type.card.citation.isEmpty || type == IdealDevices.self, "\(type)")
      #expect(Set(try keys(type)) == Set(type.card.parameters.map(\.key)), "\(type)")
    }
  }
}
