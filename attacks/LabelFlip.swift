public import Components
public import Federation
public import Learning
public import Randomness

/// The colluders train honestly on wrong labels.
///
///     y' = C - 1 - y
///
/// A data attack: the updates look like those of a client with unusual data, which is just what
/// clients with skewed data look like too.
///
/// Example: of ten classes, label 3 becomes 6.
///
/// Source: Fung, Yoon, Beschastnikh 2020, *The Limitations of Federated Learning in Sybil
/// Settings*, section 3; the reversal of all labels as in Karimireddy et al. 2022, section 6.
public struct LabelFlip: DataView {
  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "label-flip",
    summary: "The colluders train on reversed labels: class y becomes C-1-y.",
    formula: "y' = C - 1 - y",
    citation: "Karimireddy et al. 2022, section 6",
    needs: [.ownData],
    control: .accuracyLoss())

  /// Reversed labels.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// The same features with reversed labels. O(number of examples).
  public func view(
    _ examples: LabeledExamples, of client: Int, using generator: inout Generator
  ) throws -> LabeledExamples {
    let last = Int32(examples.classes - 1)
    return try examples.relabeled(examples.labels.map { last - $0 })
  }
}
