import Learning
import Testing

@Suite("Labelled examples")
struct LabeledExamplesTests {
  @Test("a view picks, repeats and orders rows without touching the original")
  func views() throws {
    let all = try LabeledExamples(
      features: [0, 1, 2, 3, 4, 5], labels: [0, 1, 1], shape: [2], classes: 2)
    let view = try all.subset([2, 0])
    #expect(view.features(of: 0) == [4, 5])
    #expect(view.labels == [1, 0])
    let deeper = try view.subset([1, 1, 0])
    #expect(deeper.features == [0, 1, 0, 1, 4, 5])
    #expect(deeper.labels == [0, 0, 1])
    #expect(deeper.labelCounts == [2, 1])
    #expect(try view.relabeled([0, 0]).labels == [0, 0])
    #expect(all.labels == [0, 1, 1])
  }

  @Test("sizes, labels and positions out of range are named")
  func refuses() throws {
    func message(_ body: () throws -> LabeledExamples) -> String {
      do { return "\(try body().count) examples" } catch { return "\(error)" }
    }
    #expect(
      message { try LabeledExamples(features: [1, 2, 3], labels: [0, 1], shape: [2], classes: 2) }
        == "examples: got 3 feature values, expected 4")
    #expect(
      message { try LabeledExamples(features: [1, 2], labels: [0, 2], shape: [1], classes: 2) }
        == "examples: example 1 has label 2; labels run from 0 to 1")
    #expect(
      message { try LabeledExamples(features: [1], labels: [-1], shape: [1], classes: 2) }
        == "examples: example 0 has label -1; labels run from 0 to 1")
    let two = try LabeledExamples(features: [1, 2], labels: [0, 1], shape: [1], classes: 2)
    #expect(
      message { try two.subset([2]) }
        == "subset of examples: there is no example 2; indices run from 0 to 1")
    #expect(
      message { try two.relabeled([0]) } == "relabelled examples: got 1 labels, expected 2")
    #expect(message { try two.relabeled([0, 5]) }.contains("example 1 has label 5"))
    #expect(message { try two.subset([]) } == "0 examples")
  }
}
