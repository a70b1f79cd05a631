import Experiments
import Foundation
import Reports
import Testing

/// Reports of stores that are large, and of such that lack something.
@Suite("Large and incomplete stores")
struct LargeStoreTests {
  /// 1,000 cells of five seeds: ten settings, ten attacks and ten defenses, curves of 40 points,
  /// privacy hashes and warnings.
  private static var large: MatrixResults {
    let attacks = ["none"] + (1...9).map { "attack-\($0)(strength=\($0))" }
    let defenses = ["mean"] + (1...9).map { "defense-\($0)(f=\($0))" }
    var matrix = SyntheticMatrix(
      name: "large", settings: (1...10).map { [.partition: "iid(clients=\($0))"] },
      attacks: attacks, defenses: defenses, rounds: 40,
      accuracy: { attack, defense, setting, seed in
        let lost = attack == "none" ? 0 : Double(attack.count * 7 % 11) / 14
        return 0.95 - lost * (defense == "mean" ? 1 : 0.3) - Double(setting) / 50
          + SyntheticMatrix.jitter[seed]
      })
    matrix.common[.model] = "mlp(hidden=[200, 200])"
    let made = matrix.results
    let key = String(repeating: "0123456789abcdef", count: 4)
    let rows = made.rows.map { row in
      var row = row
      row.key = key
      row.description.dataDigest = key
      return row
    }
    return MatrixResults(
      name: "large", folder: "runs/large", rows: rows, versions: ["1"], blasCores: ["x"])
  }

  @Test("a thousand cells are a page below 20 MB with every cell, chart and command")
  func size() throws {
    let results = Self.large
    #expect(results.cells.count == 1000 && results.rows.count == 5000)
    let clock = ContinuousClock()
    var html = ""
    let time = clock.measure { html = Report(results).text(.html) }
    print("1000 cells: \(time), \(html.utf8.count) bytes of HTML")
    #expect(html.utf8.count < 20_000_000)
    // Nothing was left out to get there.
    #expect(html.components(separatedBy: "<div class=\"inside\" id=\"cell-").count == 1001)
    #expect(html.components(separatedBy: "Run this cell again").count == 1001)
    #expect(html.components(separatedBy: "<div class=\"frontier\">").count == 11)
  }

  @Test("an interrupted run says what is missing, its frontiers have only what is finished")
  func interrupted() throws {
    var matrix = SyntheticMatrix.typical
    let accuracy = matrix.accuracy
    matrix.accuracy = { attack, defense, setting, seed in
      // Defenses from krum on never finished where nobody attacks, and the last seed nowhere.
      if attack == "none", defense == "krum" { return nil }
      return seed == 4 ? nil : accuracy(attack, defense, setting, seed)
    }
    let page = Report(matrix.results).text(.html)
    _ = try PageReader(page)
    #expect(page.contains("<strong>Not finished</strong>: 34 runs"))
    #expect(!page.contains("id=\"frontiers\""))
    // Later all but krum's twin are there: krum is named as not drawn.
    matrix.accuracy = { attack, defense, setting, seed in
      attack == "none" && defense == "krum" ? nil : accuracy(attack, defense, setting, seed)
    }
    let later = Report(matrix.results).text(.html)
    _ = try PageReader(later)
    #expect(later.contains("Not drawn: krum (pending)"))
  }

  @Test("a store of an older program says what it did not keep")
  func older() throws {
    let page = Report(SyntheticMatrix.typical.results).text(.html)
    #expect(page.contains("not kept by the version that ran it"))
    #expect(page.contains("rampart matrix EXPERIMENT.yaml --only"))
    #expect(page.contains("the store did not keep"))
  }

  @Test("one seed, nothing at all and failed runs are pages in every format that has them")
  func little() throws {
    var one = SyntheticMatrix.everyCell
    one.seeds = [3]
    for results in [one.results, SampleReport.empty.results] {
      let report = Report(results)
      for format in ReportFormat.allCases { #expect(!report.text(format).isEmpty) }
      _ = try PageReader(report.text(.html))
      #expect(report.figures.allSatisfy { !$0.data.isEmpty })
    }
  }
}
