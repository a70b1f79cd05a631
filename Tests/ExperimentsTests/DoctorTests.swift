import Attacks
import Components
import Experiments
import TestSupport
import Testing

@Suite("The doctor")
struct DoctorTests {
  @Test("tries every inversion attack, each once")
  func complete() {
    let names = Doctor.controls.map(\.attack)
    #expect(
      Set(names) == Set(inversionCatalogue.map { $0.card.name }) && Set(names).count == names.count)
  }

  @Test("tells what works from what does not, and from what cannot be used")
  func findings() throws {
    let dense = try #require(Doctor.controls.first { $0.attack == "dense-inversion" })
    let finding = try Doctor.examine(dense, workers: 1, seed: 1)
    #expect(finding.works && finding.bound == 3 && finding.attack == "dense-inversion")
    var hasty = dense
    (hasty.attack, hasty.setting.parameters) = ("inverting-gradients", "{updates: 1, steps: 1}")
    #expect(try !Doctor.examine(hasty, workers: 1, seed: 1).works)
    var convolution = dense
    convolution.setting.model = "lenet-zhu"
    guard case .cannot(let reason) = try Doctor.examine(convolution, workers: 1, seed: 1).outcome
    else {
      Issue.record("division gave the inputs of a convolution")
      return
    }
    #expect(reason.contains("needs a first layer that is dense"))
  }

  @Test("gradients of training and evaluation agree without batch norm, and not with it")
  func modes() throws {
    let dense = try #require(Doctor.controls.first { $0.attack == "dense-inversion" })
    #expect(abs(try Doctor.modeCosine(dense, seed: 1) - 1) < 1e-6)
    let normed = try #require(Doctor.controls.first { $0.setting.model.contains("batch-norm") })
    #expect(try Doctor.modeCosine(normed, seed: 1) < 0.99)
  }

  @Test("is green: every control passes", .enabled(if: isOptimizedBuild))
  func green() throws {
    for trial in Doctor.controls {
      let finding = try Doctor.examine(trial, workers: 2, seed: 0)
      #expect(finding.works, "\(finding)")
    }
  }
}
