/// Makes one answer of several candidates, and one example of an example's copies in several
/// epochs.
struct CandidatePooling {
  let width: Int
  let examples: Int
  let epochs: Int

  /// One input for each example.
  func pool(
    _ candidates: [InversionCandidate], best: InversionCandidate, _ pooling: AttackSettings.Pooling
  ) -> [[Float]] {
    let reference = epochMean(rows(best))
    guard pooling == .median, candidates.count > 1 else { return reference }
    let aligned = candidates.map { align(epochMean(rows($0)), to: reference) }
    return (0..<examples).map { example in
      (0..<width).map { place in median(aligned.map { $0[example][place] }) }
    }
  }

  private func rows(_ candidate: InversionCandidate) -> [[Float]] {
    (0..<(examples * epochs)).map {
      Array(candidate.inputs[($0 * width)..<(($0 + 1) * width)])
    }
  }

  /// The mean over epochs, each matched to the first.
  private func epochMean(_ rows: [[Float]]) -> [[Float]] {
    guard epochs > 1 else { return rows }
    let first = Array(rows[0..<examples])
    var sum = first
    for epoch in 1..<epochs {
      let own = Array(rows[(epoch * examples)..<((epoch + 1) * examples)])
      for (example, row) in align(own, to: first).enumerated() {
        for place in row.indices { sum[example][place] += row[place] }
      }
    }
    return sum.map { $0.map { $0 / Float(epochs) } }
  }

  /// Rows in the order in which they are nearest to the reference's, one to one.
  private func align(_ rows: [[Float]], to reference: [[Float]]) -> [[Float]] {
    let costs = reference.map { target in
      rows.map { row in
        zip(row, target).reduce(0) { sum, pair in
          let difference = Double(pair.0 - pair.1)
          return sum + difference * difference
        }
      }
    }
    // Finite candidates have finite distances, so the assignment exists.
    guard let order = try? OneToOneAssignment.cheapest(costs) else { return rows }
    return order.map { rows[$0] }
  }

  private func median(_ values: [Float]) -> Float {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
