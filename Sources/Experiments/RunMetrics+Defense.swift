/// How well the rule told honest updates from the colluders', and how near it stayed to the honest mean.
extension RunMetrics.DefendedRound {
  /// Of the updates left out, the share that was the colluders'; nil when nothing was left out.
  public var precision: Double? {
    guard let honestExcluded, let colludersExcluded, honestExcluded + colludersExcluded > 0
    else { return nil }
    return Double(colludersExcluded) / Double(honestExcluded + colludersExcluded)
  }

  /// Of the colluders' updates, the share left out.
  public var recall: Double? {
    colludersExcluded.map { Double($0) / Double(colluders) }
  }

  /// How many times the deviation fits into the bound: 1 is a tight bound, less a broken one.
  public var slack: Double? {
    guard let deviation, let bound, deviation > 0 else { return nil }
    return bound / deviation
  }
}

extension RunMetrics {
  /// The share of the test examples of class `label` that the model recognises at the end; nil where
  /// that is not known.
  public func recall(ofClass label: Int) -> Double? {
    guard let classRecalls, classRecalls.indices.contains(label) else { return nil }
    return classRecalls[label]
  }

  /// Of all updates left out over the run, the share that was the colluders'; nil when nothing was left
  /// out or the rule keeps no set. The recall is ``colluderExclusionRate``.
  public var exclusionPrecision: Double? {
    let honest = defense?.compactMap(\.honestExcluded).reduce(0, +) ?? 0
    let bad = defense?.compactMap(\.colludersExcluded).reduce(0, +) ?? 0
    return honest + bad == 0 ? nil : Double(bad) / Double(honest + bad)
  }

  /// The largest squared distance of an aggregate from the honest mean, in units of the honest updates'
  /// mean squared distance from it: the κ that this run needed.
  public var largestDeviation: Double? { defense?.compactMap(\.deviation).max() }

  /// The κ that theory promises for the rule; the largest of the rounds'.
  public var robustnessBound: Double? { defense?.compactMap(\.bound).max() }

  /// The least slack of a round: how close an attack came to the bound.
  public var robustnessSlack: Double? { defense?.compactMap(\.slack).min() }

  /// How far the attack moved the plain mean, on average over the rounds it was measured in.
  public var displacement: Double? {
    let moves = defense?.compactMap(\.displacement) ?? []
    return moves.isEmpty ? nil : moves.reduce(0, +) / Double(moves.count)
  }

  /// How often the attack tried out the rule; nil for attacks that do not.
  public var queries: Int? {
    let asked = defense?.compactMap(\.queries) ?? []
    return asked.isEmpty ? nil : asked.reduce(0, +)
  }
}
