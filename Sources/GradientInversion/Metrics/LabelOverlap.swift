/// How many labels of a batch were recovered, order apart.
public enum LabelOverlap {
  /// `1 - sum_c |n_c - m_c| / (2 B)` for true counts `n` and recovered counts `m`, both summing to
  /// B: the share of the batch's labels that are right as a multiset.
  ///
  /// For true labels 0, 0, 1 and recovered 0, 1, 1 it is 2/3.
  ///
  /// - Throws: `InversionError` if the counts do not belong to one batch.
  public static func share(
    counts: [Int], recovered: [Int]
  ) throws(InversionError) -> Double {
    let size = counts.reduce(0, +)
    guard counts.count == recovered.count, recovered.reduce(0, +) == size, size > 0,
      (counts + recovered).allSatisfy({ $0 >= 0 })
    else {
      throw .invalid(
        what: "recovered label counts", got: "\(recovered)",
        requirement: "must be \(counts.count) counts that sum to the batch size \(size), at least 1"
      )
    }
    let wrong = zip(counts, recovered).reduce(0) { $0 + abs($1.0 - $1.1) }
    return 1 - Double(wrong) / Double(2 * size)
  }
}
