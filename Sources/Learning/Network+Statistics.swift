public import Tensors

/// For training loops of one's own: running statistics are estimated, not trained.
extension Network {
  /// Moves running means and variances towards those of the last training pass in the workspace,
  /// which must have been of this network in `Float`. Does nothing for a network without them.
  ///
  /// - Throws: `LearningError` if the parameters' length does not fit.
  public func updateStatistics(
    _ parameters: inout Vector, workspace: Workspace
  ) throws(LearningError) {
    guard hasStatistics else { return }
    check(workspace)
    try check(parameters: parameters.count, place: "running statistics")
    let rows = workspace.float.heldRows
    precondition(rows > 0, "statistics follow a training pass in the same workspace")
    parameters.withUnsafeMutableBufferPointer { parameters in
      if let base = parameters.baseAddress { updateStatistics(base, workspace.float, rows: rows) }
    }
  }

  /// Zeroes what a gradient or a penalty says about running statistics.
  public func clearStatistics(in gradient: inout Vector) {
    guard hasStatistics, gradient.count == parameterCount else { return }
    gradient.withUnsafeMutableBufferPointer { gradient in
      for segment in layout.segments where segment.kind == .statistics {
        for index in segment.range { gradient[index] = 0 }
      }
    }
  }

  /// Whether some parameters are running statistics.
  private var hasStatistics: Bool { trainable.reduce(0) { $0 + $1.count } < parameterCount }
}
