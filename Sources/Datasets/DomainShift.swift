public import Learning

/// What one client's world does to examples: feature skew and concept shift.
///
/// A shift is data: it says everything, streams included, so that test examples meet the same one.
/// Images are shifted at the size that the model gets.
public struct DomainShift: Sendable, Hashable {
  /// One change.
  public enum Change: Sendable, Hashable {
    /// Class `c` is called `permutation[c]`: same features, another label.
    case relabel([Int32])
  }

  /// Changes, the first one first.
  public var changes: [Change]

  /// These changes in this order.
  public init(_ changes: [Change]) { self.changes = changes }

  /// `examples` after all changes.
  ///
  /// - Throws: `LearningError` if a change does not fit the examples' shape or classes.
  public func applied(to examples: LabeledExamples) throws -> LabeledExamples {
    try changes.reduce(examples) { examples, change in
      switch change {
      case .relabel(let permutation):
        try examples.relabeled(examples.labels.map { permutation[Int($0)] })
      }
    }
  }
}
