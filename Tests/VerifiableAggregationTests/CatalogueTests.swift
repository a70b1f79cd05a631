import Components
import Foundation
import SecureAggregation
import Testing
import VerifiableAggregation

@Suite("The catalogue of transports that can be checked")
struct VerifiableCatalogueTests {
  @Test("lists the transports of the folder, and no name of the other catalogue")
  func matchesFolder() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/VerifiableAggregation")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }
      .map { String($0.dropLast(".swift".count)) }
    let others: Set = ["Catalogue", "VerificationFailure"]
    #expect(Set(verifiableTransportCatalogue.map { "\($0)" }) == Set(files).subtracting(others))
    let names = (transportCatalogue + verifiableTransportCatalogue).map { $0.card.name }
    #expect(Set(names).count == names.count)
  }

  @Test("every card documents every parameter")
  func cards() throws {
    func keys<C: Component>(_ type: C.Type) throws -> [String] {
      try ParameterCoding.node(of: C.defaults).entries?.map(\.key) ?? []
    }
    for type in verifiableTransportCatalogue {
      #expect(type.card.summary.count <= 150, "\(type)")
      #expect(Set(try keys(type)) == Set(type.card.parameters.map(\.key)), "\(type)")
    }
  }
}
