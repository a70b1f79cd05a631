import Attacks
import Components
import Federation
import Foundation
import Learning
import Randomness
import Testing

@Suite("The catalogue of attacks")
struct AttackCatalogueTests {
  @Test("lists exactly the files of the folder")
  func matchesFolder() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("attacks")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") && $0 != "Catalogue.swift" }
      .map { String($0.dropLast(".swift".count)) }
    #expect(Set(attackCatalogue.map { "\($0)" }) == Set(files))
  }

  @Test("every card documents every parameter, and every attack names its positive control")
  func cards() throws {
    func keys<C: Component>(_ type: C.Type) throws -> [String] {
      try ParameterCoding.node(of: C.defaults).entries?.map(\.key) ?? []
    }
    for type in attackCatalogue {
      #expect(Set(try keys(type)) == Set(type.card.parameters.map(\.key)), "\(type)")
      #expect((type.card.control == nil) == (type.card.name == "none"), "\(type)")
    }
  }
}

/// The benign updates of the published worked examples.
private let benign: [[Float]] = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]

@Suite("SignFlip")
struct SignFlipTests {
  @Test("the worked example of the documentation holds")
  func example() throws {
    #expect(try SignFlip(scale: 2).crafted(own: [[1, -3]], honest: benign) == [[-2, 6]])
  }

  @Test("the plain mean of equal updates stops at scale (n-f)/f and reverses beyond")
  func breakdown() throws {
    // n = 10, f = 2: the mean is (8 - 2 scale)/10 of the honest update.
    for (scale, expected) in [(3.0, Float(0.2)), (4, 0), (5, -0.2)] {
      let sent = try SignFlip(scale: scale).crafted(own: [[1], [1]], honest: [])
      let all = sent + Array(repeating: [1], count: 8)
      let mean = all.reduce(0) { $0 + $1[0] } / 10
      #expect(abs(mean - expected) < 1e-6)
    }
  }

  @Test("a scale that is not positive is refused", arguments: [0, -2, .nan, .infinity])
  func badScale(_ scale: Double) {
    #expect(throws: (any Error).self) { try SignFlip(scale: scale) }
  }
}

@Suite("IPM")
struct IPMTests {
  @Test("the worked example of the documentation holds")
  func example() throws {
    let sent = try IPM(epsilon: 2).crafted(own: [[0, 0, 0], [1, 1, 1]], honest: benign)
    #expect(sent == [[-8, -10, -12], [-8, -10, -12]])
  }

  @Test("with own knowledge the honest updates do not matter")
  func own() throws {
    let attack = try IPM(epsilon: 1, knowledge: .own)
    let first = try attack.crafted(own: [[2], [4]], honest: [[100]])
    #expect(first == [[-3], [-3]])
    #expect(first == (try attack.crafted(own: [[2], [4]], honest: [[-7]])))
    #expect(!attack.needs.contains(.honestUpdates))
  }

  @Test("turns the mean exactly when epsilon is above (n-f)/f")
  func threshold() throws {
    // n = 10, f = 4: the edge is 1.5.
    let honest: [[Float]] = (0..<6).map { [Float($0) + 1] }
    for (epsilon, turns) in [(1.4, false), (1.6, true)] {
      let sent = try IPM(epsilon: epsilon).crafted(
        own: Array(repeating: [3], count: 4), honest: honest)
      let mean = (honest + sent).reduce(0) { $0 + $1[0] } / 10
      #expect((mean < 0) == turns)
    }
  }
}

@Suite("ALIE")
struct ALIETests {
  @Test("the worked example of the documentation holds, on either side")
  func example() throws {
    let above = try ALIE(z: 1.5, direction: .plus).crafted(own: [[0, 0, 0]], honest: benign)
    #expect(above == [[8.5, 9.5, 10.5]])
    let below = try ALIE(z: 1.5).crafted(own: [[0, 0, 0]], honest: benign)
    #expect(below == [[-0.5, 0.5, 1.5]])
  }

  @Test(
    "z is the quantile, not the distribution function: published values",
    arguments: [(50, 10, 0.2533), (50, 5, 0.0837), (25, 5, 0.2533), (25, 11, 1.0676)])
  func quantile(_ n: Int, _ f: Int, _ z: Double) {
    #expect(abs(ALIE.quantile(n: n, f: f) - z) < 5e-5)
  }

  @Test("one benign update has no deviation: its mean is sent")
  func single() throws {
    let sent = try ALIE(z: 1.5, knowledge: .own).crafted(own: [[2, 4]], honest: benign)
    #expect(sent == [[2, 4]])
  }

  @Test("a colluding majority needs no shift")
  func majority() { #expect(ALIE.quantile(n: 10, f: 6) == 0) }
}

@Suite("LabelFlip")
struct LabelFlipTests {
  @Test("reverses every label and keeps the features")
  func reversal() throws {
    let examples = try LabeledExamples(
      features: [0, 1, 2, 3], labels: [0, 3, 9, 5], shape: [1], classes: 10)
    var generator = Generator(seed: 1)
    let view = try LabelFlip().view(examples, of: 0, using: &generator)
    #expect(view.labels == [9, 6, 0, 4])
    #expect(view.features == examples.features)
    #expect(examples.labels == [0, 3, 9, 5])
  }
}

@Suite("NoAttack")
struct NoAttackTests {
  @Test("sends what the colluders would have sent, and corrupts nothing")
  func null() throws {
    #expect(!NoAttack().corrupts)
    #expect(try NoAttack().crafted(own: [[1, 2], [3, 4]], honest: benign) == [[1, 2], [3, 4]])
  }
}
