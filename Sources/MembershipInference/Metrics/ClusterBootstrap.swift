internal import Glibc
internal import Randomness

/// Draws clusters with replacement and measures again: scores of one target are not independent.
///
/// With one target its members and its other examples are drawn instead, each kind for itself.
/// Intervals are percentiles, widened for few clusters as Student's distribution is wider than the
/// normal one.
///
/// Source: Efron, Tibshirani, "An introduction to the bootstrap", 1993, chapters 8 and 13; the
/// widening: Hesterberg, "What teachers should know about the bootstrap" (arXiv 1411.5279), section
/// 5.
struct ClusterBootstrap {
  /// In descending order of score: cluster, kind, and whether the next score is lower.
  private let order: [Entry]
  private let clusters: Int
  private let isOneTarget: Bool
  private let totals: [Totals]
  private let rates: [Double]
  private let memberIndices: [Int]
  private let otherIndices: [Int]
  /// wins[i * clusters + j]: how often members of i score above others of j, ties half.
  private let wins: [Double]

  private struct Entry {
    var cluster: Int32
    var isMember: Bool
    var endsTie: Bool
  }

  private struct Totals {
    var members = 0.0
    var others = 0.0
    var found = 0.0
    var spared = 0.0
  }

  init(
    _ judged: JudgedScores, right: [Bool], rates: [Double], matrixTargets: Int
  ) {
    memberIndices = judged.isMember.indices.filter { judged.isMember[$0] }
    otherIndices = judged.isMember.indices.filter { !judged.isMember[$0] }
    self.rates = rates
    isOneTarget = judged.clusters.allSatisfy { $0 == judged.clusters[0] }
    let isOne = isOneTarget
    var numbers: [Int32: Int32] = [:]
    let ids = judged.scores.indices.map { index -> Int32 in
      if isOne { return Int32(index) }
      if let known = numbers[judged.clusters[index]] { return known }
      let next = Int32(numbers.count)
      numbers[judged.clusters[index]] = next
      return next
    }
    clusters = isOne ? ids.count : numbers.count
    let sorted = judged.scores.indices.sorted { judged.scores[$0] > judged.scores[$1] }
    var order: [Entry] = []
    order.reserveCapacity(sorted.count)
    for (place, index) in sorted.enumerated() {
      let isLast = place + 1 == sorted.count
      order.append(
        Entry(
          cluster: ids[index], isMember: judged.isMember[index],
          endsTie: isLast || judged.scores[sorted[place + 1]] < judged.scores[index]))
    }
    self.order = order
    var totals = [Totals](repeating: Totals(), count: clusters)
    for index in judged.scores.indices {
      let id = Int(ids[index])
      if judged.isMember[index] {
        totals[id].members += 1
        if right[index] { totals[id].found += 1 }
      } else {
        totals[id].others += 1
        if right[index] { totals[id].spared += 1 }
      }
    }
    self.totals = totals
    wins = clusters <= matrixTargets && !isOne ? Self.wins(order, clusters) : []
  }

  /// One pass from the top: each non-member loses to the members above it.
  private static func wins(_ order: [Entry], _ clusters: Int) -> [Double] {
    var wins = [Double](repeating: 0, count: clusters * clusters)
    var above = [Double](repeating: 0, count: clusters)
    var start = 0
    while start < order.count {
      var end = start
      while !order[end].endsTie { end += 1 }
      // Half of a tie's members count as above; the other half follow.
      for entry in order[start...end] where entry.isMember { above[Int(entry.cluster)] += 0.5 }
      for entry in order[start...end] where !entry.isMember {
        let row = Int(entry.cluster)
        // Transposed: the inner loop runs over the members' clusters.
        for member in 0..<clusters { wins[row * clusters + member] += above[member] }
      }
      for entry in order[start...end] where entry.isMember { above[Int(entry.cluster)] += 0.5 }
      start = end + 1
    }
    return wins
  }

  /// For each resample the area, the balanced accuracy and the rates; resamples without one of the
  /// two kinds are drawn again.
  func draws(_ count: Int, generator: Generator) -> [[Double]] {
    (0..<count).map { index in
      var stream = generator.fork("bootstrap", UInt64(index))
      var weights: [Double]
      repeat { weights = draw(&stream) } while !hasBothKinds(weights)
      return measure(weights)
    }
  }

  private func draw(_ generator: inout Generator) -> [Double] {
    var weights = [Double](repeating: 0, count: clusters)
    guard isOneTarget else {
      for _ in 0..<clusters { weights[generator.uniform(below: clusters)] += 1 }
      return weights
    }
    for kind in [true, false] {
      let indices = kind ? memberIndices : otherIndices
      for _ in indices { weights[indices[generator.uniform(below: indices.count)]] += 1 }
    }
    return weights
  }

  private func hasBothKinds(_ weights: [Double]) -> Bool {
    var (members, others) = (0.0, 0.0)
    for (weight, total) in zip(weights, totals) {
      members += weight * total.members
      others += weight * total.others
    }
    return members > 0 && others > 0
  }

  private func measure(_ weights: [Double]) -> [Double] {
    var sum = Totals()
    for (weight, total) in zip(weights, totals) {
      sum.members += weight * total.members
      sum.others += weight * total.others
      sum.found += weight * total.found
      sum.spared += weight * total.spared
    }
    let limits = rates.map { $0 * sum.others * (1 + 1e-12) }
    var reached = [Double](repeating: 0, count: rates.count)
    let last = limits.max() ?? -1
    var (found, named, area) = (0.0, 0.0, 0.0)
    var (foundBefore, namedBefore) = (0.0, 0.0)
    for entry in order {
      let weight = weights[Int(entry.cluster)]
      if entry.isMember { found += weight } else { named += weight }
      guard entry.endsTie else { continue }
      for index in limits.indices where named <= limits[index] { reached[index] = found }
      area += (named - namedBefore) * (found + foundBefore) / 2
      (foundBefore, namedBefore) = (found, named)
      if !wins.isEmpty, named > last { break }
    }
    if !wins.isEmpty {
      area = 0
      for row in 0..<clusters where weights[row] > 0 {
        var part = 0.0
        for member in 0..<clusters { part += weights[member] * wins[row * clusters + member] }
        area += weights[row] * part
      }
    }
    return [
      area / (sum.members * sum.others), (sum.found / sum.members + sum.spared / sum.others) / 2,
    ] + reached.map { $0 / sum.members }
  }

  /// Percentiles of the draws, which always hold the value itself.
  func interval(
    _ draws: [Double], around value: Double, significance: Double
  ) -> ClosedRange<Double> {
    guard draws.count > 1 else { return value...value }
    let sorted = draws.sorted()
    var tail = significance / 2
    if !isOneTarget {
      guard clusters > 1 else { return value...value }
      let k = Double(clusters)
      let reach =
        (k / (k - 1)).squareRoot()
        * StudentDistribution.quantile(1 - tail, degrees: clusters - 1)
      tail = NormalDistribution.cumulative(-reach)
    }
    let last = Double(sorted.count - 1)
    func at(_ share: Double) -> Double {
      let place = min(max(share * (last + 1) - 0.5, 0), last)
      let low = Int(place.rounded(.down))
      let high = min(low + 1, sorted.count - 1)
      return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
    }
    return min(at(tail), value)...max(at(1 - tail), value)
  }
}

/// Student's distribution for whole degrees of freedom.
enum StudentDistribution {
  /// Pr[|T| <= t], t >= 0, by the finite sums of Abramowitz and Stegun, 26.7.3 and 26.7.4.
  static func central(_ t: Double, degrees: Int) -> Double {
    let angle = atan(t / Double(degrees).squareRoot())
    let (sine, cosine) = (sin(angle), cos(angle))
    if degrees % 2 == 1 {
      var (term, sum) = (cosine, 0.0)
      for k in stride(from: 1, to: degrees - 1, by: 2) {
        sum += term
        term *= cosine * cosine * Double(k + 1) / Double(k + 2)
      }
      return 2 / Double.pi * (angle + sine * sum)
    }
    var (term, sum) = (1.0, 0.0)
    for k in stride(from: 0, to: degrees - 1, by: 2) {
      sum += term
      term *= cosine * cosine * Double(k + 1) / Double(k + 2)
    }
    return sine * sum
  }

  /// The t with Pr[T <= t] = `probability`, above 1/2.
  static func quantile(_ probability: Double, degrees: Int) -> Double {
    let target = 2 * probability - 1
    var (low, high) = (0.0, 1.0)
    while central(high, degrees: degrees) < target, high < 1e300 { high *= 2 }
    for _ in 0..<200 where low < high {
      let middle = low + (high - low) / 2
      if middle <= low || middle >= high { break }
      if central(middle, degrees: degrees) < target { low = middle } else { high = middle }
    }
    return high
  }
}
