import Attacks
import Components
import Defenses
import Experiments
import Federation
import Foundation
import TestSupport
import Testing

@Suite("experiments/every-rule-every-attack.yaml")
struct EveryComponentTests {
  private static func experiment() throws -> Experiment {
    let file = testsDirectory.deletingLastPathComponent()
      .appending(path: "experiments/every-rule-every-attack.yaml")
    return try Experiment.read(path: file.path)
  }

  @Test(
    "names every attack on the model and every defense; who reads along has matrices of its own",
    arguments: [Axis.attack, .defense])
  func complete(_ axis: Axis) throws {
    let named = Set(try Self.experiment().entries(axis).flatMap(\.components).map(\.name))
    let role: Role = axis == .attack ? .attack : .defense
    // What is about members is measured by 'rampart membership', what reads along by 'rampart invert'.
    // What promises privacy asks for equal weights, and has a matrix of its own, too.
    let others =
      (membershipAttackCatalogue + membershipDefenseCatalogue + privacyDefenseCatalogue)
      .map { $0.card.name }
    let known = Catalogue.standard.types(role).filter { !($0 is any Observer.Type) }
      .map { $0.card.name }.filter { !others.contains($0) }
    // These need images or several layers, which the file's linear model has not.
    let unsuited: Set<String> = ["soteria", "ats", "precode", "frozen-layers"]
    let missing = known.filter { !named.contains($0) && !unsuited.contains($0) }
    let advice =
      "new: add each as '- name' to \(axis.rawValue) in experiments/every-rule-every-attack.yaml "
      + "(what is no rule goes before one: '- [name, mean]'), with parameters that twenty clients and "
      + "four faults allow"
    #expect(missing == [], "\(advice)")
  }

  @Test("is a model of at least 600 parameters, 50 rounds, 20 clients and one seed, and can run")
  func size() throws {
    let experiment = try Self.experiment()
    #expect(experiment.trainings.map(\.rounds) == [50])
    #expect(experiment.seeds.count == 1)
    let plan = try MatrixPlan(experiment)
    #expect(plan.cells.allSatisfy { $0.refusal == nil })
    let cell = try #require(plan.cells.first)
    #expect(cell.entry(.partition).components.first?.effective["clients"]?.plainText == "20")
    #expect(cell.entry(.data).components.first?.effective["features"]?.plainText == "63")
    #expect(
      plan.cells.count == experiment.entries(.attack).count * experiment.entries(.defense).count)
  }
}
