import Components
import Experiments
import Foundation
import Randomness
import TestSupport
import Testing

@Suite("Comparisons along an axis")
struct ComparisonTests {
  /// A run whose model is tested after every round, each taking `pace` and sending 10 bytes.
  static func metrics(_ accuracies: [Double], pace: Double? = 1) -> RunMetrics {
    RunMetrics(
      finalAccuracy: accuracies.last ?? 0, lastAccuracyMean: 0, peakAccuracy: 0, finalLoss: 0,
      heldRounds: 0, honestExclusionRate: nil, colluderExclusionRate: nil,
      bytesUp: 10 * accuracies.count, bytesDown: 20 * accuracies.count, conclusions: [:], notes: [],
      curve: accuracies.enumerated().map { index, accuracy in
        RunMetrics.Point(
          round: index + 1, accuracy: accuracy, loss: nil,
          time: pace.map { $0 * Double(index + 1) }, bytesUp: pace == nil ? nil : 10 * (index + 1),
          bytesDown: pace == nil ? nil : 20 * (index + 1))
      })
  }

  /// Results of one axis: a list of runs, one a seed, for each label.
  static func results(
    _ entries: [(String, [RunMetrics?])], axis: Axis = .algorithm, targets: [Double] = []
  ) -> MatrixResults {
    var rows: [MatrixResults.Row] = []
    for (cell, (label, runs)) in entries.enumerated() {
      var labels = Dictionary(uniqueKeysWithValues: Axis.allCases.map { ($0.rawValue, "one") })
      labels[axis.rawValue] = label
      let description = CellDescription(
        labels: labels, isCompanion: false, refusal: nil, suggestion: nil, twin: cell,
        control: cell, controlMinimum: nil, controlSummary: nil, colluders: 0)
      for (seed, run) in runs.enumerated() {
        rows.append(
          MatrixResults.Row(
            cell: cell, seed: UInt64(seed + 1), description: description,
            status: run == nil ? .pending : .done, metrics: run))
      }
    }
    return MatrixResults(
      name: "made up", folder: "", rows: rows, versions: [], blasCores: [], targets: targets)
  }

  @Test("unsteadiness counts what goes up and down late in the run, not learning")
  func unsteadiness() throws {
    // Rounds 4 to 6: differences 0.2 and -0.1; √((0.04 + 0.01) / 4).
    let run = Self.metrics([0, 0.9, 0.1, 0.5, 0.7, 0.6])
    #expect(isClose(try #require(run.unsteadiness), (0.05 / 4).squareRoot(), tolerance: 1e-12))
    #expect(Self.metrics([0.1, 0.9, 0.5, 0.5, 0.5, 0.5]).unsteadiness == 0)
    #expect(Self.metrics([0.5, 0.6]).unsteadiness == nil)
  }

  /// For independent noise of deviation 1, von Neumann's estimate has expectation 1 in its square and
  /// there variance about 3/(n - 1): at n = 10 000, 5 deviations are 0.087. A ramp of ten levels over
  /// the whole adds 1e-6 / 2.
  @Test("unsteadiness of noise on a slope is the noise's standard deviation")
  func noise() throws {
    var generator = testGenerator(41)
    let run = Self.metrics((0..<20_000).map { Double($0) / 2000 + generator.normal() })
    let estimate = try #require(run.unsteadiness)
    #expect(abs(estimate * estimate - 1) < 0.087)
  }

  @Test("the largest drop is over the whole run, and none is 0")
  func drop() throws {
    let run = Self.metrics([0.2, 0.8, 0.5, 0.6, 0.55])
    #expect(isClose(try #require(run.largestDrop), 0.3, tolerance: 1e-12))
    #expect(Self.metrics([0.2, 0.3, 0.3]).largestDrop == 0)
    #expect(Self.metrics([0.2]).largestDrop == nil)
  }

  @Test("a target is reached at the first measurement at it or above")
  func reach() {
    let run = Self.metrics([0.2, 0.9, 0.5, 0.95], pace: 2.5)
    #expect(run.reach(0.9)?.round == 2)
    #expect(run.reach(0.9)?.time == 5)
    #expect(run.reach(0.9)?.bytesUp == 20)
    #expect(run.reach(0.91)?.round == 4)
    #expect(run.reach(0.96) == nil)
  }

  @Test("differences are paired by seed, not by place, and intervals are Student's")
  func pairing() throws {
    let base = [0.5, 0.6, 0.7, 0.8, 0.9]
    let gains = [0.01, 0.02, 0.03, 0.04, 0.05]
    var results = Self.results([
      ("a", base.map { Self.metrics([$0]) }),
      ("b", zip(base, gains).map { Self.metrics([$0 + $1]) }),
    ])
    results.rows.swapAt(5, 9)
    let comparison = try #require(results.comparisons.first)
    #expect(comparison.axis == .algorithm)
    #expect(comparison.entries.map(\.label) == ["a", "b"])
    let figure = try #require(comparison.entries[1].figures[.accuracy])
    let difference = try #require(figure.difference)
    #expect(isClose(difference.mean, 0.03, tolerance: 1e-12))
    // 2.776 · √(0.00025 / 5)
    #expect(abs(try #require(difference.halfWidth) - 0.019_632) < 1e-5)
    #expect(difference.excludesZero)
    #expect(comparison.entries[0].figures[.accuracy]?.difference == nil)
    #expect(comparison.entries[0].figures[.worstTenth] == nil)
  }

  @Test("seeds that did not finish in both have no part in a difference")
  func unfinished() throws {
    let results = Self.results([
      ("a", [Self.metrics([0.5]), nil, Self.metrics([0.7])]),
      ("b", [Self.metrics([0.6]), Self.metrics([0.1]), nil]),
    ])
    let entry = try #require(results.comparisons.first?.entries[1])
    #expect(entry.planned == 3 && entry.finished == 2)
    let difference = try #require(entry.figures[.accuracy]?.difference)
    #expect(difference.count == 1)
    #expect(isClose(difference.mean, 0.1, tolerance: 1e-12))
    #expect(!difference.excludesZero)
  }

  @Test("a run that never reached the target is no number, and no mean is taken with it")
  func censored() throws {
    let never = Self.metrics([0.1, 0.2, 0.3])
    let late = Self.metrics([0.1, 0.2, 0.9])
    let early = Self.metrics([0.1, 0.9, 0.9])
    let results = Self.results(
      [
        ("base", [late, never, late, never, early]),
        ("few", [never, never, early, early, never]),
        ("all", [early, early, early, late, early]),
      ], targets: [0.9])
    let entries = try #require(results.comparisons.first).entries
    let base = try #require(entries[0].targets.first)
    #expect(base.reached == 3 && base.runs == 5 && base.missedAfter == 3)
    #expect(base.costs[.rounds]?.median == 3)
    let few = try #require(entries[1].targets[0].costs[.rounds])
    #expect(few.median == nil)
    #expect(few.difference == nil)
    #expect((few.won, few.lost, few.tied, few.undecided) == (2, 2, 0, 1))
    let all = try #require(entries[2].targets[0].costs[.time])
    #expect(all.median == 2)
    #expect(all.difference == nil)
    #expect((all.won, all.lost, all.tied, all.undecided) == (4, 0, 1, 0))
  }

  @Test("a run that ended before the other got there leaves open which was sooner")
  func shortRun() throws {
    let short = Self.metrics([0.1, 0.2, 0.3], pace: 1)
    let long = Self.metrics([0.1, 0.2, 0.9], pace: 10)
    let results = Self.results([("a", [short]), ("b", [long])], targets: [0.9])
    let costs = try #require(results.comparisons.first?.entries[1].targets.first?.costs)
    #expect(costs[.rounds]?.won == 1)
    #expect(costs[.time]?.won == 0)
    #expect(costs[.time]?.undecided == 1)
  }

  @Test("differences to a target exist where every seed of both reached it")
  func reachedByAll() throws {
    let base = (1...5).map { _ in Self.metrics([0.1, 0.2, 0.9]) }
    let other = (1...5).map { Self.metrics([0.1, $0 > 2 ? 0.9 : 0.2, 0.9], pace: 2) }
    let results = Self.results([("a", base), ("b", other)], targets: [0.9])
    let costs = try #require(results.comparisons.first?.entries[1].targets.first?.costs)
    let rounds = try #require(costs[.rounds]?.difference)
    #expect(isClose(rounds.mean, -0.6, tolerance: 1e-12))
    let time = try #require(costs[.time]?.difference)
    #expect(isClose(time.mean, (3 + 3 + 1 + 1 + 1) / 5.0, tolerance: 1e-12))
    #expect(costs[.bytesUp]?.median == 20)
  }

  @Test("results without times have no cost in time, yet in rounds")
  func withoutTimes() throws {
    let old = [Self.metrics([0.9], pace: nil)]
    let results = Self.results([("a", old), ("b", old)], targets: [0.9])
    let costs = try #require(results.comparisons.first?.entries[0].targets.first?.costs)
    #expect(Set(costs.keys) == [.rounds])
  }

  @Test("the transport is no axis to compare along, the training is")
  func axes() {
    let runs = [Self.metrics([0.9])]
    #expect(Self.results([("a", runs), ("b", runs)], axis: .transport).comparisons.isEmpty)
    #expect(
      Self.results([("a", runs), ("b", runs)], axis: .training).comparisons.map(\.axis)
        == [.training])
  }

  @Test("targets are read, kept with the results, and replaced without running again")
  func targets() throws {
    let scratch = try Scratch()
    let small = ["attack": "attack: none", "defense": "defense: mean", "seeds": "seeds: 1"]
    let first = try Tiny.experiment(small.merging(["targets": "targets: [0.5, 0.25]"]) { $1 })
    #expect(first.targets == [0.5, 0.25])
    _ = try Tiny.runner(of: first, in: scratch.path).run { _ in }
    #expect(try MatrixResults(folder: scratch.path).targets == [0.5, 0.25])
    let second = try Tiny.experiment(small.merging(["targets": "targets: 0.75"]) { $1 })
    let outcome = try Tiny.runner(of: second, in: scratch.path).run { _ in }
    #expect(outcome.ran == 0 && outcome.reused == 1)
    #expect(try MatrixResults(folder: scratch.path).targets == [0.75])
    let all = try Scratch()
    _ = try MatrixMerge.merge([scratch.path], into: all.file("all"))
    #expect(try MatrixResults(folder: all.file("all")).targets == [0.75])
  }

  @Test("points of a real run have time and bytes that end at the run's")
  func kept() throws {
    let scratch = try Scratch()
    let experiment = try Tiny.experiment(["attack": "attack: none", "defense": "defense: mean"])
    _ = try Tiny.runner(of: experiment, in: scratch.path).run { _ in }
    let metrics = try #require(try MatrixResults(folder: scratch.path).rows.first?.metrics)
    #expect(metrics.curve.map(\.time) == [1, 2])
    #expect(metrics.curve.last?.bytesUp == metrics.bytesUp)
    #expect(metrics.curve.last?.bytesDown == metrics.bytesDown)
    #expect(metrics.curve.first?.bytesUp.map { 2 * $0 } == metrics.bytesUp)
  }

  @Test(
    "targets that are no accuracies are refused in one line",
    arguments: ["0", "1.5", "-0.1", "ninety", "[0.9, 0.9]", ".nan"])
  func badTargets(_ written: String) throws {
    let found = try problems("targets: \(written)\n")
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("e.yaml:1:") == true && found.first?.contains("targets") == true)
  }
}
