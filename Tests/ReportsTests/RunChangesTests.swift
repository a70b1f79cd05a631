import Accounting
import Experiments
import Federation
import Foundation
import Reports
import Testing

/// What JSON says of two runs.
private struct Changes: Decodable {
  struct Figure: Decodable {
    var a: JSONCell.Estimate?
    var b: JSONCell.Estimate?
    var difference: JSONCell.Estimate?
  }
  struct Cell: Decodable { var labels: [String: String] }
  struct Pair: Decodable {
    var a, b: Cell
    var isSame: Bool
    var seeds: Int
    var figures: [String: Figure?]
  }
  struct Change: Decodable { var axis, a, b: String }
  var changes: [Change]
  var pairs: [Pair]
  var onlyInA, onlyInB: [Cell]

  init(_ first: MatrixResults, _ second: MatrixResults) throws {
    let text = try #require(RunChanges(first, second).text(.json))
    self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
  }
}

@Suite("Comparison of two runs")
struct RunChangesTests {
  /// The typical matrix, one defense another: two points worse under every attack in even seeds,
  /// four in odd ones.
  private static func changed(_ name: String) -> SyntheticMatrix {
    var matrix = SyntheticMatrix.typical
    let accuracy = matrix.accuracy
    matrix.defenses = matrix.defenses.map { $0 == "krum" ? name : $0 }
    matrix.accuracy = { attack, defense, setting, seed in
      let old = defense == name ? "krum" : defense
      let worse = defense == name ? (seed % 2 == 0 ? 0.02 : 0.04) : 0
      return accuracy(attack, old, setting, seed).map { $0 - worse }
    }
    return matrix
  }

  @Test("with one changed defense exactly that change shows, paired by seed")
  func oneDefense() throws {
    let (first, second) = (SyntheticMatrix.typical.results, Self.changed("krum(f=4)").results)
    let changes = try Changes(first, second)
    #expect(changes.changes.map(\.axis) == ["defense"])
    #expect(changes.changes.map(\.a) == ["krum"] && changes.changes.map(\.b) == ["krum(f=4)"])
    #expect(changes.pairs.count == 30 && changes.onlyInA.isEmpty && changes.onlyInB.isEmpty)
    for pair in changes.pairs {
      #expect(pair.isSame == (pair.a.labels["defense"] != "krum"))
      let difference = try #require(pair.figures["accuracy"]??.difference)
      if pair.isSame {
        #expect(difference.minimum == 0 && difference.maximum == 0)
        continue
      }
      // Differences -2, -4, -2, -4, -2 points: mean -2.8, half width 2.776 √(1.2 / 5) = 1.36.
      #expect(abs(difference.mean + 0.028) < 1e-12)
      #expect(abs((difference.halfWidth ?? 0) - 0.0136) < 1e-4)
    }
    let table = try #require(RunChanges(first, second).text(.table))
    #expect(table.contains("The defense krum of A is krum(f=4) in B."))
    #expect(table.contains("30 cells in both: 5 differ, 25 are the same in every seed."))
    #expect(table.contains("alie against krum → krum(f=4)"))
    #expect(table.contains("−2.8") && table.contains("±1.4*"))
    #expect(!table.contains("against median") && !table.contains("Only in"))
    #expect(table.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test("beside other differences, an entry with other parameters is still the same entry")
  func twoDefenses() throws {
    var more = Self.changed("krum(f=4)")
    more.defenses.append("bulyan")
    let changes = try Changes(SyntheticMatrix.typical.results, more.results)
    #expect(changes.changes.map(\.b) == ["krum(f=4)"])
    #expect(changes.pairs.count == 30 && changes.onlyInB.count == 5 && changes.onlyInA.isEmpty)
  }

  @Test("epsilons and what observers concluded are second minus first, where both have them")
  func figures() throws {
    func results(epsilon: Double, gain: Double?) -> MatrixResults {
      let made = SyntheticMatrix.typical.results
      let rows = made.rows.map { row in
        var row = row
        row.metrics?.privacy = PrivacyEvidence(
          mechanism: "dp", trust: .central, unit: .client, adjacency: .zeroOut, delta: 1e-5,
          epsilonUpper: epsilon)
        if let gain { row.metrics?.conclusions = ["gain": gain + Double(row.seed) * epsilon] }
        return row
      }
      return MatrixResults(name: "x", folder: "x", rows: rows, versions: ["1"], blasCores: ["x"])
    }
    let (first, second) = (results(epsilon: 2, gain: 1), results(epsilon: 5, gain: 3))
    let table = try #require(RunChanges(first, second).text(.table))
    #expect(table.contains("30 differ, 0 are the same"))
    let words = table.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("epsilon promised 2.000 5.000 +3.000 *"))
    // 2 + 3 seed over seeds 1 to 5: mean 11, half width 2.776 · 3 · √(2.5 / 5) = 5.89.
    #expect(words.contains("+11.000 ±5.890*") || words.contains("+11.000 ±5.889*"))
    let none = RunChanges(first, results(epsilon: 2, gain: nil))
    #expect(try #require(none.text(.table)).contains("gain") == false)
  }

  @Test("what only one run has is listed with its run, and the other way round")
  func lonely() throws {
    let whole = SyntheticMatrix.typical.results
    var part = SyntheticMatrix.typical
    part.defenses.removeLast(2)
    let changes = try Changes(whole, part.results)
    #expect(changes.pairs.count == 20 && changes.onlyInA.count == 10 && changes.onlyInB.isEmpty)
    let lonely = Set(changes.onlyInA.compactMap { $0.labels["defense"] })
    #expect(lonely == ["nnm+trimmed-mean", "clipping+mean"])
    #expect(try Changes(part.results, whole).onlyInB.count == 10)
    let table = try #require(RunChanges(whole, part.results).text(.table))
    #expect(table.contains("Only in A, 10 cells:"))
    #expect(!table.contains("B − A"))
  }

  @Test("seeds of one run only are no pairs, and too few pairs have no interval")
  func seeds() throws {
    var later = Self.changed("krum")
    later.seeds = [1, 2, 3, 9]
    let changes = try Changes(SyntheticMatrix.typical.results, later.results)
    #expect(changes.pairs.allSatisfy { $0.seeds == 3 })
    let both = RunChanges(SyntheticMatrix.typical.results, later.results)
    let table = try #require(both.text(.table))
    #expect(table.contains("too few seeds") && !table.contains("*"))
  }

  @Test("runs with nothing to compare, unfinished and hostile ones give pages that are well formed")
  func badInput() throws {
    let samples = SampleReport.allCases.map(\.results)
    for (first, second) in zip(samples, samples.dropFirst() + samples.prefix(1)) {
      for format in RunChanges.formats {
        let text = try #require(RunChanges(first, second).text(format))
        if format == .html { _ = try PageReader(text) }
      }
    }
    #expect(RunChanges(samples[0], samples[1]).text(.csv) == nil)
  }
}
