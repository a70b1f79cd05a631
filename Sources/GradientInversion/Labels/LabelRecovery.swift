/// Label recovery from the last layer's gradient alone.
///
/// Each method gets a ``HeadGradient`` and the batch size, and gives counts; judge them with
/// ``LabelOverlap`` beside ``LabelCounts/random(classes:total:using:)`` and
/// ``LabelCounts/prior(_:total:)``. Methods that also use the model are ``HeadStatistics``'s.
public enum LabelRecovery {
  /// The classes whose bias gradient is negative: exactly those present, as long as no label occurs
  /// twice and no absent class's mean softmax is 0. A class counts once; where fewer than the batch
  /// are found the counts sum to less.
  ///
  /// Source: Zhao, Mopuri, Bilen, iDLG, 2020, equation 4, for a batch.
  public static func analytic(
    _ head: HeadGradient, batchSize: Int
  ) throws(InversionError) -> LabelCounts {
    let bias = try head.requireBias("analytic label recovery")
    let chosen = bias.indices.filter { bias[$0] < 0 }.sorted { bias[$0] < bias[$1] }
    return counts(of: chosen.prefix(batchSize), head.classes)
  }

  /// The label of a single example: the class whose weight row has the lowest sum. Exact where the
  /// features are not negative and not all zero.
  ///
  /// Source: Zhao, Mopuri, Bilen, iDLG, 2020, equation 6.
  public static func single(_ head: HeadGradient) -> Int32 {
    Int32(smallest(head.rowSums))
  }

  /// The `batchSize` classes whose weight rows have the lowest minima; needs features that are not
  /// negative, and labels that do not repeat: each class counts at most once.
  ///
  /// Source: Yin et al., GradInversion, CVPR 2021, equation 7.
  public static func yin(_ head: HeadGradient, batchSize: Int) -> LabelCounts {
    let minima = head.rowMinima
    let order = minima.indices.sorted {
      minima[$0] == minima[$1] ? $0 < $1 : minima[$0] < minima[$1]
    }
    return counts(of: order.prefix(batchSize), head.classes)
  }

  /// Row sums minus the impact of one example for each label found: every class with a negative sum
  /// once, then whichever is lowest, until the batch is full.
  ///
  /// The impact is the sum of the negative row sums times `(1 + 1/C) / B`: too small for batches
  /// larger than the number of classes, where one example leaves its class's sum positive.
  ///
  /// Source: Wainakh et al., User-level label leakage from gradients, PoPETs 2022, algorithm 1.
  public static func wainakhSimple(_ head: HeadGradient, batchSize: Int) -> LabelCounts {
    let sums = head.rowSums
    let negative = sums.reduce(0) { $0 + min($1, 0) }
    let impact = negative * (1 + 1 / Double(head.classes)) / Double(batchSize)
    return greedy(
      sums, impact: impact, offsets: [Double](repeating: 0, count: head.classes),
      batchSize: batchSize)
  }

  /// The same on the bias, whose impact is the sum of its negative entries over B.
  ///
  /// Source: the variant of the breaching library (Geiping et al.), `bias-corrected`.
  public static func biasCorrected(
    _ head: HeadGradient, batchSize: Int
  ) throws(InversionError) -> LabelCounts {
    let bias = try head.requireBias("bias-corrected label recovery")
    let impact = bias.reduce(0) { $0 + min($1, 0) } / Double(batchSize)
    return greedy(
      bias, impact: impact, offsets: [Double](repeating: 0, count: head.classes),
      batchSize: batchSize)
  }

  /// `n_c = B (mean_i p_ic - dL/db_c)`: exact where the batch's mean softmax is given.
  ///
  /// - Throws: `InversionError` without a bias, or if the softmax has another length.
  public static func exact(
    _ head: HeadGradient, batchSize: Int, meanSoftmax: [Double]
  ) throws(InversionError) -> LabelCounts {
    let bias = try head.requireBias("exact label counts")
    guard meanSoftmax.count == head.classes else {
      throw .sizeMismatch(
        what: "classes of the mean softmax", got: meanSoftmax.count, expected: "\(head.classes)")
    }
    return LabelCounts(
      rounding: zip(meanSoftmax, bias).map { Double(batchSize) * ($0 - $1) }, total: batchSize)
  }

  /// Takes each negative class once, most negative first, then the class that is lowest after what
  /// was taken; each time the impact is subtracted from *the class taken*.
  static func greedy(
    _ scores: [Double], impact: Double, offsets: [Double], batchSize: Int
  ) -> LabelCounts {
    var scores = scores
    var counts = [Int](repeating: 0, count: scores.count)
    var left = batchSize
    func lowestFirst(_ a: Int, _ b: Int) -> Bool {
      scores[a] == scores[b] ? a < b : scores[a] < scores[b]
    }
    for index in scores.indices.sorted(by: lowestFirst) where left > 0 && scores[index] < 0 {
      counts[index] += 1
      scores[index] -= impact
      left -= 1
    }
    for index in scores.indices { scores[index] -= offsets[index] }
    while left > 0 {
      let index = smallest(scores)
      counts[index] += 1
      scores[index] -= impact
      left -= 1
    }
    return LabelCounts(counts)
  }

  private static func smallest(_ values: [Double]) -> Int {
    values.indices.min { values[$0] == values[$1] ? $0 < $1 : values[$0] < values[$1] } ?? 0
  }

  private static func counts(of chosen: some Sequence<Int>, _ classes: Int) -> LabelCounts {
    var counts = [Int](repeating: 0, count: classes)
    for index in chosen { counts[index] += 1 }
    return LabelCounts(counts)
  }
}
