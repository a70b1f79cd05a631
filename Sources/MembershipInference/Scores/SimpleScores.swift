public import Components

/// The loss, negated: members are fitted better.
///
///     score = -loss = log p_y
///
/// Its threshold is the same for all examples, so easy examples pass for members; few of its rates
/// at low false positives survive. Carlini et al. call it the global attack.
///
/// Source: Yeom, Giacomelli, Fredrikson, Jha, "Privacy risk in machine learning: analyzing the
/// connection to overfitting" (arXiv 1709.01604), adversary 2.
public struct LossScore: MembershipScore {
  /// Name, meaning and source.
  public static let card = Card(
    name: "loss", summary: "The loss, negated: members are fitted better.",
    formula: "log p_y", citation: "Yeom et al. 2018, arXiv 1709.01604, adversary 2",
    needs: [.targetLoss])

  /// The only value.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// Reads the losses. O(examples).
  public func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]] {
    try table.check(targets)
    let losses = try table.outputs.signal(.loss, for: Self.card.name, workers: workers)
    return targets.map { losses.means(ofModel: $0).map { -$0 } }
  }
}

/// The probability of the true class.
///
///     score = p_y
///
/// The same order of examples as the loss for one query; under several queries the mean differs.
///
/// Source: Salem et al., "ML-Leaks" (arXiv 1806.01246), adversary 3, with the true class in place
/// of the largest.
public struct ConfidenceScore: MembershipScore {
  /// Name, meaning and source.
  public static let card = Card(
    name: "confidence", summary: "The probability of the true class.", formula: "p_y",
    citation: "Salem et al. 2019, arXiv 1806.01246, adversary 3", needs: [.targetLoss])

  /// The only value.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// Reads the probabilities. O(examples).
  public func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]] {
    try table.check(targets)
    let values = try table.outputs.signal(.confidence, for: Self.card.name, workers: workers)
    return targets.map { values.means(ofModel: $0) }
  }
}

/// The entropy of the posterior, negated: models are surer about members.
///
///     score = sum_c p_c log p_c
///
/// Uses no label, so a sure wrong answer counts as a member; ``ModifiedEntropyScore`` mends that.
///
/// Source: Salem et al., "ML-Leaks" (arXiv 1806.01246), adversary 3.
public struct EntropyScore: MembershipScore {
  /// Name, meaning and source.
  public static let card = Card(
    name: "entropy", summary: "The entropy of the posterior, negated: models are surer of members.",
    formula: "sum_c p_c log p_c", citation: "Salem et al. 2019, arXiv 1806.01246, adversary 3",
    needs: [.targetLogits])

  /// The only value.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// Reads the entropies. O(examples x classes).
  public func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]] {
    try table.check(targets)
    let values = try table.outputs.signal(.entropy, for: Self.card.name, workers: workers)
    return targets.map { values.means(ofModel: $0).map { -$0 } }
  }
}

/// Whether the answer is right: the gap between training and test accuracy as an attack.
///
///     score = [argmax p = y],   balanced accuracy = 1/2 + (train accuracy - test accuracy)/2
///
/// With several queries the score is the share of right answers: agreement under augmentation, see
/// ``LabelAgreementScore``.
///
/// Source: Yeom et al. (arXiv 1709.01604), adversary 1; named the gap attack by Choquette-Choo et
/// al. (arXiv 2007.14321).
public struct GapScore: MembershipScore {
  /// Name, meaning and source.
  public static let card = Card(
    name: "gap", summary: "Whether the answer is right: training against test accuracy.",
    formula: "[argmax p = y]", citation: "Yeom et al. 2018, arXiv 1709.01604, adversary 1",
    needs: [.targetLabel])

  /// The only value.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// Compares classes, of the first query. O(examples x classes).
  public func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]] {
    try table.check(targets)
    let right = try table.outputs.signal(.correctness, for: Self.card.name, workers: workers)
    return targets.map { target in (0..<table.examples).map { right[target, $0, 0] } }
  }
}

/// How often the answer stays right under augmentation: needs nothing but labels.
///
///     score = share of the queries whose largest probability is the label's
///
/// The queries of the table are augmentations of each example; the published attack trains a small
/// network on the vector of right and wrong answers of a shadow instead of counting.
///
/// Source: Choquette-Choo, Tramer, Carlini, Papernot, "Label-only membership inference attacks"
/// (arXiv 2007.14321), section 3.
public struct LabelAgreementScore: MembershipScore {
  /// Name, meaning and source.
  public static let card = Card(
    name: "label-agreement", summary: "How often the answer stays right under augmentation.",
    formula: "mean over queries of [argmax p = y]",
    citation: "Choquette-Choo et al. 2021, arXiv 2007.14321, section 3", needs: [.targetLabel])

  /// The only value.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// Counts right answers. O(examples x queries x classes).
  public func scores(
    of targets: [Int], in table: ShadowTable, workers: Int
  ) throws(MembershipError) -> [[Double]] {
    try table.check(targets)
    guard table.outputs.queries > 1 else {
      throw .missing(
        score: Self.card.name, what: "several queries of each example",
        remedy: "give models x examples x queries x classes, or take 'gap' for one query")
    }
    let right = try table.outputs.signal(.correctness, for: Self.card.name, workers: workers)
    return targets.map { right.means(ofModel: $0) }
  }
}
