import Attacks
import Components
import Foundation
import Testing

@Suite("The catalogue of inversion attacks")
struct InversionCatalogueTests {
  @Test("lists exactly the files of the folder")
  func matchesFolder() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("attacks/GradientInversion")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") && $0 != "InversionCatalogue.swift" }
      .map { String($0.dropLast(".swift".count)) }
    #expect(Set(inversionCatalogue.map { "\($0)" }) == Set(files))
  }

  @Test("every card documents every parameter, names its control and needs something")
  func cards() throws {
    func keys<C: Component>(_ type: C.Type) throws -> [String] {
      Mirror(reflecting: C.defaults).children.compactMap(\.label).map(ParameterCoding.kebabCase)
    }
    for type in inversionCatalogue {
      #expect(Set(try keys(type)) == Set(type.card.parameters.map(\.key)), "\(type)")
      #expect(type.card.control != nil && !type.card.needs.isEmpty, "\(type)")
      #expect(type.card.summary.count <= 150, "\(type)")
    }
  }

  @Test("targets are rounds of the run, fixed before it")
  func targets() throws {
    let target = InversionTarget(updates: 1, rounds: [.initial, .middle, .final])
    #expect((0..<9).filter { target.includes($0, of: 9) } == [0, 4, 8])
    #expect((0..<1).filter { target.includes($0, of: 1) } == [0])
    var parameters = DLG.defaults
    parameters.rounds = []
    parameters.steps = 0
    let wrong = parameters
    let error = #expect(throws: ParameterError.self) { () throws in _ = try DLG(wrong) }
    #expect(Set((error?.problems ?? []).map(\.key)) == ["rounds", "steps"])
  }
}
