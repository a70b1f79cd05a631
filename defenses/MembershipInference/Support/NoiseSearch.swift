internal import Federation
internal import Glibc

/// MemGuard's search for noise on logits, all queries side by side.
package struct NoiseSearch {
  let classes: Int
  let steps: Int
  let classifier: OutputClassifier

  /// The log-odds of membership of answers, by their sorted probabilities.
  package func logOdds(_ probabilities: [Double]) throws -> [Double] {
    try classifier.logOdds(sorted(probabilities).values).values
  }

  /// Sorted rows and where each value came from.
  private func sorted(_ values: [Double]) -> (values: [Double], order: [Int]) {
    var order: [Int] = []
    order.reserveCapacity(values.count)
    for start in stride(from: 0, to: values.count, by: classes) {
      order += (start..<(start + classes)).sorted { (values[$0], -$0) > (values[$1], -$1) }
    }
    return (order.map { values[$0] }, order)
  }

  /// The best noisy answers; rows for which no noise was found are as they were.
  func answers(_ truth: [Double]) throws -> [Double] {
    let rows = truth.count / classes
    let logits = truth.map { log(max($0, 1e-300)) }
    let tops = (0..<rows).map { row in
      let range = (row * classes)..<((row + 1) * classes)
      return range.max { (truth[$0], -$0) < (truth[$1], -$1) } ?? range.lowerBound
    }
    let before = try logOdds(truth)
    var best = truth
    // Rows that the last c could serve.
    var open = Set(0..<rows)
    var weight = 0.1
    // 0.1, 1, 10, …, 100,000.
    for _ in 0..<7 where !open.isEmpty {
      let served = open.sorted()
      let found = try descend(
        served, truth: truth, logits: logits, tops: tops, before: before, weight: weight)
      open = []
      for (row, answer) in zip(served, found) {
        guard let answer else { continue }
        open.insert(row)
        best.replaceSubrange((row * classes)..<((row + 1) * classes), with: answer)
      }
      weight *= 10
    }
    return best
  }

  /// For each of `rows`, the first answer on the way whose log-odds have changed sign with the
  /// label kept; nil if there is none.
  private func descend(
    _ rows: [Int], truth: [Double], logits: [Double], tops: [Int], before: [Double], weight: Double
  ) throws -> [[Double]?] {
    func range(_ row: Int) -> Range<Int> { (row * classes)..<((row + 1) * classes) }
    var found = [[Double]?](repeating: nil, count: rows.count)
    var z = rows.flatMap { logits[range($0)] }
    var running = Array(rows.indices)
    for _ in 0..<steps where !running.isEmpty {
      let p = ModelHolder.softmax(running.flatMap { z[range($0)] }, classes: classes)
      let (values, order) = sorted(p)
      let odds = try classifier.logOdds(values)
      var slope = [Double](repeating: 0, count: p.count)
      for (place, source) in order.enumerated() { slope[source] = odds.gradient[place] }
      var next: [Int] = []
      for (slot, index) in running.enumerated() {
        let row = rows[index]
        let own = (slot * classes)..<((slot + 1) * classes)
        let top = tops[row] - row * classes
        let rival = own.filter { $0 - own.lowerBound != top }.max { p[$0] < p[$1] }
        let isKept = rival.map { p[$0] < p[own.lowerBound + top] } ?? true
        if isKept, odds.values[slot] * before[row] <= 0 {
          found[index] = Array(p[own])
          continue
        }
        // By the probabilities first: |log-odds| and the distance.
        let sign = odds.values[slot] >= 0 ? 1.0 : -1.0
        let byProbability = own.map { place -> Double in
          let away = p[place] - truth[row * classes + place - own.lowerBound]
          return sign * slope[place] + weight * (away > 0 ? 1 : away < 0 ? -1 : 0)
        }
        let mean = zip(byProbability, own).reduce(0) { $0 + $1.0 * p[$1.1] }
        var gradient = zip(byProbability, own).map { p[$1] * ($0 - mean) }
        if !isKept, let rival {
          gradient[rival - own.lowerBound] += 10
          gradient[top] -= 10
        }
        let length = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
        if length > 0 {
          for place in 0..<classes { z[index * classes + place] -= 0.1 * gradient[place] / length }
          next.append(index)
        }
      }
      running = next
    }
    return found
  }
}
