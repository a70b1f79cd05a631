import Foundation
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Evaluation")
struct EvaluationTests {
  @Test("loss and accuracy equal a plain computation over more than one block")
  func agrees() throws {
    var generator = testGenerator()
    let problem = try Problem([5, 6, 4], examples: 300, using: &generator)
    let network = try problem.plain.network()
    let parameters = Vector(problem.parameters.map(Float.init))
    let evaluation = try network.evaluate(
      parameters: parameters, on: problem.examples, workspace: Workspace(for: network))
    let (loss, _) = problem.reference(Array(0..<300))
    #expect(evaluation.count == 300)
    #expect(isClose(evaluation.loss, loss, tolerance: 1e-6))

    let predictions = try network.predict(
      parameters: parameters, on: problem.examples, workspace: Workspace(for: network, batchSize: 3)
    )
    #expect(predictions.logits.count == 1200)
    var correct = 0
    for (index, label) in problem.labels.enumerated() {
      let z = predictions.logits[(4 * index)..<(4 * index + 4)].map(Double.init)
      let sum = z.reduce(0) { $0 + exp($1) }
      #expect(isClose(predictions.losses[index], log(sum) - z[label], tolerance: 1e-5))
      #expect(z[Int(predictions.classes[index])] == z.max())
      correct += predictions.classes[index] == label ? 1 : 0
    }
    #expect(evaluation.correct == correct)
    #expect(evaluation.accuracy == Double(correct) / 300)
  }

  @Test("the first class wins a tie")
  func breaksTies() throws {
    let network = try Network(input: [1], [.dense(outputs: 3)])
    let examples = try LabeledExamples(
      features: [1, 1, 1], labels: [0, 0, 2], shape: [1], classes: 3)
    let evaluation = try network.evaluate(
      parameters: Vector(zeros: 6), on: examples, workspace: Workspace(for: network))
    #expect(evaluation.correct == 2)
    #expect(isClose(evaluation.loss, log(3), tolerance: 1e-7))
  }

  @Test("nothing to evaluate on is an error")
  func refusesNothing() throws {
    let network = try Network(input: [1], [.dense(outputs: 2)])
    let none = try LabeledExamples(features: [], labels: [], shape: [1], classes: 2)
    #expect(throws: LearningError.noExamples(place: "evaluation")) {
      try network.evaluate(
        parameters: Vector(zeros: 4), on: none, workspace: Workspace(for: network))
    }
  }
}
