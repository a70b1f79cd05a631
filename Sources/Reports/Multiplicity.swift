internal import Experiments

/// Which verdicts stand when all of them are asked for at once.
///
/// Each verdict is a two-sided t test at 5% of whether the mean loss differs from the bound. Of
/// many such tests one in twenty errs where nothing is to be found; Holm's procedure keeps the
/// chance of any error among all of them at 5% (Holm 1979, Scand. J. Statist. 6, section 3).
struct Multiplicity: Sendable {
  /// How many verdicts were asked for.
  var asked = 0
  /// The cells with a verdict of held or broke.
  var decided: Set<Int> = []
  /// Those of them whose verdict stands among all.
  var standing: Set<Int> = []

  /// The chance of any error among all verdicts that stand.
  static let familyError = 0.05

  /// The verdicts of `blocks` that rest on an interval.
  init(_ blocks: [MatrixBlock]) {
    var tests: [(cell: Int, chance: Double)] = []
    for block in blocks {
      for (_, _, cell) in block.cells {
        guard let outcome = cell.outcome, let harm = cell.summary.harm,
          cell.summary.observed?.isNonAdaptiveOnly != true,
          let chance = Self.chance(harm.loss, bound: harm.bound)
        else { continue }
        tests.append((cell.summary.cell, chance))
        if outcome != .undecided { decided.insert(cell.summary.cell) }
      }
    }
    asked = tests.count
    tests.sort { ($0.chance, $0.cell) < ($1.chance, $1.cell) }
    for (index, test) in tests.enumerated() {
      guard test.chance <= Self.familyError / Double(tests.count - index) else { break }
      standing.insert(test.cell)
    }
  }

  /// How likely a mean at least as far from `bound` is if the true one were there; nil without an
  /// interval.
  static func chance(_ estimate: Estimate, bound: Double) -> Double? {
    guard let halfWidth = estimate.halfWidth else { return nil }
    let distance = abs(estimate.mean - bound)
    if halfWidth == 0 { return distance == 0 ? 1 : 0 }
    let degrees = estimate.count - 1
    let error = halfWidth / StudentT.quantile(0.975, degreesOfFreedom: degrees)
    return 2 * (1 - StudentT.cumulative(distance / error, degreesOfFreedom: degrees))
  }
}
