import Experiments
import Foundation
import TestSupport
import Testing

/// The results of a small version of a paper's table (`experiments/twins`), to compare cells of it.
struct Twin {
  private let rows: [MatrixResults.Row]
  private let seeds: [UInt64]

  /// Runs the twin `name` on the seeds 1 to `seeds`, only the entries that `only` names.
  init(_ name: String, seeds: Int = 5, only: [Axis: [String]] = [:]) throws {
    let file = testsDirectory.deletingLastPathComponent()
      .appending(path: "experiments/twins/\(name).yaml")
    var experiment = try Experiment.read(path: file.path)
    self.seeds = (1...UInt64(seeds)).map { $0 }
    experiment.seeds = self.seeds
    let scratch = try Scratch()
    _ = try Tiny.runner(Selection(only: only), of: experiment, in: scratch.path, jobs: 2).run { _ in
    }
    rows = try MatrixResults(folder: scratch.path).rows
    #expect(rows.allSatisfy { $0.status == .done })
  }

  /// Final test accuracies of the cell with these labels, one a seed.
  func accuracies(
    _ defense: String, _ attack: String, _ other: [Axis: String] = [:]
  ) throws -> [Double] {
    let wanted = other.merging([.defense: defense, .attack: attack]) { $1 }
    let cells = rows.filter { row in
      wanted.allSatisfy { row.description.labels[$0.key.rawValue] == $0.value }
    }
    let bySeed = Dictionary(grouping: cells, by: \.seed)
    return try seeds.map { seed in
      let found = bySeed[seed] ?? []
      try #require(found.count == 1, "\(found.count) cells are called \(wanted)")
      return try #require(found[0].metrics).finalAccuracy
    }
  }
}

/// The mean of `values` minus `others`, paired, with its 95% t interval.
func difference(_ values: [Double], _ others: [Double]) throws -> Estimate {
  try #require(Estimate(zip(values, others).map(-)))
}

/// Records an issue unless `values` are above `others`, the 95% interval of the paired difference
/// leaving out zero.
func expectMore(
  _ values: [Double], than others: [Double], _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let difference = try difference(values, others)
  #expect(
    difference.mean > 0 && difference.excludesZero, "\(what): \(difference)",
    sourceLocation: sourceLocation)
}

/// Records an issue if `values` are below `others`, the 95% interval of the paired difference leaving
/// out zero.
func expectNotLess(
  _ values: [Double], than others: [Double], _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let difference = try difference(values, others)
  #expect(
    difference.mean >= 0 || !difference.excludesZero, "\(what): \(difference)",
    sourceLocation: sourceLocation)
}
