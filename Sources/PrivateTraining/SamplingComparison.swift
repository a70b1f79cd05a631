internal import Accounting
internal import Glibc

/// Compares drawn batches with a declared sampling.
struct SamplingComparison {
  let sampling: Sampling
  let population: Int
  /// The chance of a false alarm of each comparison.
  let level: Double

  func findings(_ batches: [[Int]]) -> [Conformance.Finding] {
    switch sampling {
    case .poisson(let rate): rateFindings(batches, rate) + independence(batches, rate)
    case .truncatedPoisson(let rate, let cap, _): truncated(batches, rate, cap)
    case .shuffledBatches(let size, _): shuffled(batches, size)
    default: []
    }
  }

  /// As `findings(_:)`, of batches that go around `cycle` groups, each drawn from by itself as declared.
  func findings(_ batches: [[Int]], cycle: Int) -> [Conformance.Finding] {
    guard cycle > 1 else { return findings(batches) }
    for (step, batch) in batches.enumerated() {
      guard let stranger = batch.first(where: { $0 % cycle != step % cycle }) else { continue }
      return [
        .init(
          .drawings,
          "example \(stranger) is in the batch of step \(step), which another of the \(cycle) groups "
            + "has to itself")
      ]
    }
    return (0..<cycle).flatMap { group -> [Conformance.Finding] in
      let own = stride(from: group, to: batches.count, by: cycle).map { step in
        batches[step].map { $0 / cycle }
      }
      guard own.count > 1 else { return [] }
      return SamplingComparison(
        sampling: sampling, population: (population - group + cycle - 1) / cycle,
        level: level / Double(cycle)
      ).findings(own)
    }
  }

  /// A bound on the chance of a share this far from `rate` among so many coins (Chernoff): exp(-n
  /// KL).
  private func chance(_ hits: Int, of coins: Int, rate: Double) -> Double {
    let share = Double(hits) / Double(coins)
    func term(_ a: Double, _ b: Double) -> Double { a == 0 ? 0 : a * log(a / b) }
    let divergence = term(share, rate) + term(1 - share, 1 - rate)
    return 2 * exp(-Double(coins) * divergence)
  }

  private func rateFindings(_ batches: [[Int]], _ rate: Double) -> [Conformance.Finding] {
    let drawn = batches.reduce(0) { $0 + $1.count }
    let coins = batches.count * population
    guard chance(drawn, of: coins, rate: rate) < level else { return [] }
    let seen = Double(drawn) / Double(coins)
    return [.init(.inclusionRate, "examples are drawn at rate \(seen), declared is \(rate)")]
  }

  private func independence(_ batches: [[Int]], _ rate: Double) -> [Conformance.Finding] {
    guard rate < 1 else { return [] }
    var findings: [Conformance.Finding] = []
    let mean = Double(population) * rate
    let sizes = batches.reduce(0) { sum, batch in
      sum + (Double(batch.count) - mean) * (Double(batch.count) - mean)
    }
    if isOff(sizes / (mean * (1 - rate)), degrees: batches.count) {
      findings.append(
        .init(
          .batchSizes,
          "their mean square distance from \(mean) is \(sizes / Double(batches.count)), Poisson "
            + "sampling has \(mean * (1 - rate))"))
    }
    var counts = [Int](repeating: 0, count: population)
    for index in batches.joined() { counts[index] += 1 }
    let often = Double(batches.count) * rate
    let spread = counts.reduce(0) { $0 + (Double($1) - often) * (Double($1) - often) }
    if isOff(spread / (often * (1 - rate)), degrees: population) {
      findings.append(
        .init(
          .drawings,
          "examples are drawn too equally or too unequally often for coins of rate \(rate)"))
    }
    var both = 0
    for (batch, next) in zip(batches, batches.dropFirst()) {
      both += Set(batch).intersection(next).count
    }
    let pairs = (batches.count - 1) * population
    if chance(both, of: pairs, rate: rate * rate) < level {
      findings.append(
        .init(
          .drawings,
          "\(both) examples are in two batches in a row, of \(pairs) chances at rate \(rate * rate)"
        ))
    }
    return findings
  }

  /// Whether a sum of squares that should be chi-square is in either tail, by Wilson and Hilferty's
  /// approximation.
  private func isOff(_ statistic: Double, degrees: Int) -> Bool {
    let spread = 2 / (9 * Double(degrees))
    let z = (cbrt(statistic / Double(degrees)) - (1 - spread)) / spread.squareRoot()
    return erfc(abs(z) / 2.0.squareRoot()) < level
  }

  private func truncated(_ batches: [[Int]], _ rate: Double, _ cap: Int) -> [Conformance.Finding] {
    var findings: [Conformance.Finding] = []
    if let size = batches.map(\.count).max(), size > cap {
      findings.append(
        .init(.batchSizes, "a batch has \(size) examples, declared are \(cap) at most"))
    }
    let drawn = batches.reduce(0) { $0 + $1.count }
    let coins = batches.count * population
    if Double(drawn) > rate * Double(coins), chance(drawn, of: coins, rate: rate) < level {
      findings.append(
        .init(
          .inclusionRate,
          "examples are drawn at rate \(Double(drawn) / Double(coins)), declared is \(rate)"))
    }
    return findings
  }

  private func shuffled(_ batches: [[Int]], _ size: Int) -> [Conformance.Finding] {
    var findings: [Conformance.Finding] = []
    if let wrong = batches.first(where: { $0.count != size }) {
      findings.append(
        .init(.batchSizes, "a batch has \(wrong.count) examples, declared are exactly \(size)"))
    }
    let perPass = max(population / size, 1)
    for start in stride(from: 0, to: batches.count, by: perPass) {
      let pass = batches[start..<min(start + perPass, batches.count)].joined()
      if Set(pass).count != pass.count {
        findings.append(.init(.drawings, "an example is in two batches of one pass"))
        break
      }
    }
    return findings
  }
}
