import Algorithms
import Attacks
import Components
import Defenses
import Federation
import Testing

/// A cell and its clean twin differ in the attack alone, so that their difference is its effect.
@Suite("Clean twins")
struct CleanTwinTests {
  /// The cohort changes from round to round, the transform draws at random, and the model rests, so
  /// that an honest update of any round can be compared.
  static func federation() throws -> TinyFederation {
    var federation = TinyFederation(clients: 8, rounds: 4)
    federation.algorithm = [
      FedAvg(), try UniformSampling(clients: 6), AffineTransform(noise: 0.1),
    ]
    federation.defense = [HoldModel()]
    return federation
  }

  static let attacks: [any Component] = [
    SignFlip.self, ALIE.self, IPM.self, LabelFlip.self, AffineTransform.self,
  ].compactMap { try? defaultInstance($0) }

  @Test("share cohorts, initial weights and every honest update", arguments: attacks.indices)
  func pairing(_ index: Int) throws {
    var attacked = try Self.federation()
    attacked.attack = [Self.attacks[index]]
    let colluders = Set(try attacked.scenario().colluders)
    #expect(colluders.count == 2)
    let clean = try Self.federation().watched()
    let dirty = try attacked.watched()
    #expect(clean.count == 4 && dirty.count == 4)
    var differing = 0
    for (left, right) in zip(clean, dirty) {
      #expect(left.items.map(\.clients) == right.items.map(\.clients))
      #expect(left.modelBefore == right.modelBefore)
      for (client, row) in left.rowOfClient {
        if colluders.contains(client) {
          differing += row == right.rowOfClient[client] ? 0 : 1
        } else {
          #expect(row == right.rowOfClient[client], "client \(client) in round \(left.round)")
        }
      }
    }
    // Every attack changes something; an affine transform of the attack's that adds nothing does not.
    #expect(differing > 0 || Self.attacks[index] is AffineTransform)
  }

  @Test("an attack's own transforms leave the streams of everybody else's alone")
  func hostileTransform() throws {
    var attacked = try Self.federation()
    attacked.attack = [AffineTransform(factor: -1), AffineTransform(offset: 1)]
    let colluders = Set(try attacked.scenario().colluders)
    for (left, right) in zip(try Self.federation().watched(), try attacked.watched()) {
      for (client, row) in left.rowOfClient {
        let expected = colluders.contains(client) ? row.map { 1 - $0 } : row
        #expect(right.rowOfClient[client] == expected)
      }
    }
  }

  @Test("also share cohorts where the model moves, whatever the defense")
  func movingModel() throws {
    func cohorts(_ attack: [any Component], _ defense: [any Component]) throws -> [[[Int]?]] {
      var federation = try Self.federation()
      federation.attack = attack
      federation.defense = defense
      return try federation.watched().map { $0.items.map(\.clients) }
    }
    let clean = try cohorts([], [Mean()])
    #expect(clean == (try cohorts([try SignFlip(scale: 3)], [Mean()])))
    #expect(clean == (try cohorts([try IPM(epsilon: 1)], [try NNM(f: 1), try Median()])))
    #expect(Set(clean).count > 1)
  }
}

/// The component a bare name stands for.
func defaultInstance(_ type: any Component.Type) throws -> any Component {
  func open<C: Component>(_ type: C.Type) throws -> any Component { try C(C.defaults) }
  return try open(type)
}
