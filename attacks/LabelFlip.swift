public import Components
public import Federation
public import Learning
public import Randomness

/// The colluders train honestly on wrong labels.
///
///     reversed:  y' = C - 1 - y
///     targeted:  y' = target where y = source, otherwise y
///     random:    y' uniform among the C - 1 other classes
///
/// A data attack: the updates look like those of a client with unusual data, which is just what
/// clients with skewed data look like too. The targeted flip leaves overall accuracy nearly alone and
/// costs one class: its control also passes by the recall of that class, and then defenses are judged
/// by it.
///
/// Example: of ten classes, label 3 becomes 6; targeted from 3 to 5, it becomes 5.
///
/// Source: Tolpegin et al. 2020, *Data Poisoning Attacks Against Federated Learning Systems*, and Fung,
/// Yoon, Beschastnikh 2020, *The Limitations of Federated Learning in Sybil Settings*, section 3, for
/// the targeted flip; the reversal of all labels as in Karimireddy et al. 2022, section 6.
public struct LabelFlip: DataView {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// What becomes of the labels.
    public var variant = Variant.reversed
    /// The class that a targeted flip takes.
    public var source = 0
    /// The class that it makes of it.
    public var target = 1
  }

  /// What becomes of the labels.
  public enum Variant: String, CaseIterable, Codable, Hashable, Sendable {
    /// Class y becomes C - 1 - y.
    case reversed
    /// One class becomes another.
    case targeted
    /// Every label becomes one of the others.
    case random
  }

  /// Name, meaning, source and the control it must pass.
  public static let card = Card(
    name: "label-flip",
    summary:
      "The colluders train on wrong labels: reversed (y becomes C-1-y), one class, or random.",
    formula: "y' = C - 1 - y; target where y = source; uniform among the others",
    citation: "Karimireddy et al. 2022, section 6; targeted: Tolpegin et al. 2020",
    needs: [.ownData],
    control: .accuracyLoss(),
    parameters: [
      .init("variant", "what becomes of the labels", range: "reversed, targeted or random"),
      .init("source", "class that a targeted flip takes", range: "a class, from 0"),
      .init("target", "class that it makes of it", range: "another class, from 0"),
    ])

  /// Reversed labels.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The attack with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check("source", parameters.source >= 0, "must be 0 or more", got: parameters.source)
    check(
      "target", parameters.target >= 0 && parameters.target != parameters.source,
      "must be 0 or more and not the source", got: parameters.target)
    try check.finish()
    self.parameters = parameters
  }

  /// Reversed labels.
  public init() { parameters = Parameters() }

  /// One class becomes another.
  public init(from source: Int, to target: Int) throws {
    try self.init(Parameters(variant: .targeted, source: source, target: target))
  }

  /// Accuracy, or of a targeted flip the recall of the class it takes.
  public var control: PositiveControl? {
    parameters.variant == .targeted
      ? .accuracyLoss().or(.recallLoss(ofClass: parameters.source)) : Self.card.control
  }

  /// The same features with other labels. O(number of examples).
  ///
  /// - Throws: `ParameterError` if the data have no class `source` or `target`.
  public func view(
    _ examples: LabeledExamples, of client: Int, using generator: inout Generator
  ) throws -> LabeledExamples {
    let classes = examples.classes
    switch parameters.variant {
    case .reversed:
      return try examples.relabeled(examples.labels.map { Int32(classes - 1) - $0 })
    case .targeted:
      for (key, label) in [("source", parameters.source), ("target", parameters.target)]
      where label >= classes {
        throw ParameterError(key, "must be below the \(classes) classes of the data, got \(label)")
      }
      let source = Int32(parameters.source)
      let target = Int32(parameters.target)
      return try examples.relabeled(examples.labels.map { $0 == source ? target : $0 })
    case .random:
      if classes < 2 { return examples }
      return try examples.relabeled(
        examples.labels.map { label in
          let other = Int32(generator.uniform(below: classes - 1))
          return other < label ? other : other + 1
        })
    }
  }
}
