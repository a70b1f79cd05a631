import Experiments
import Foundation
import Reports
import Testing

/// Reports of stores that are large, and of such that lack something.
@Suite("Large and incomplete stores")
struct LargeStoreTests {
  /// 1,000 cells of five seeds: ten settings, ten attacks and ten defenses, curves of 40 points,
  /// privacy hashes and warnings. With fewer `settings`, 100 cells each.
  private static func large(settings: Int = 10) -> MatrixResults {
    let attacks = ["none"] + (1...9).map { "attack-\($0)(strength=\($0))" }
    let defenses = ["mean"] + (1...9).map { "defense-\($0)(f=\($0))" }
    var matrix = SyntheticMatrix(
      name: "large", settings: (1...settings).map { [.partition: "iid(clients=\($0))"] },
      attacks: attacks, defenses: defenses, rounds: 40,
      accuracy: { attack, defense, setting, seed in
        let lost = attack == "none" ? 0 : Double(attack.count * 7 % 11) / 14
        return 0.95 - lost * (defense == "mean" ? 1 : 0.3) - Double(setting) / 50
          + SyntheticMatrix.jitter[seed]
      })
    matrix.common[.model] = "mlp(hidden=[200, 200])"
    let made = matrix.results
    let digest = String(repeating: "0123456789abcdef", count: 4)
    let rows = made.rows.map { row in
      var row = row
      let own = "\(row.cell)-\(row.seed)-"
      row.key = own + digest.dropFirst(own.count)
      row.description.dataDigest = digest
      return row
    }
    return MatrixResults(
      name: "large", folder: "runs/large", rows: rows, versions: ["1"], blasCores: ["x"])
  }

  @Test("a thousand cells are a page below 20 MB with every cell, chart and command")
  func size() throws {
    let results = Self.large()
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

  /// What reading a store of so many hundreds of cells and making its page takes, and the page.
  private static func readAndReport(hundreds: Int) throws -> (time: Duration, page: String) {
    var (page, time) = ("", Duration.zero)
    try PaperTools.inFolder { folder in
      try large(settings: hundreds).write(to: folder.path)
      let start = ContinuousClock.now
      let results = try MatrixResults(folder: folder.path)
      page = Report(results).text(.html)
      time = ContinuousClock.now - start
      #expect(results.rows.allSatisfy { $0.status == .done })
    }
    return (time, page)
  }

  /// The bound of time is one of growth, for machines differ: five times the cells, linear work. A
  /// quadratic part as large as the rest at 200 cells would make it 15. Of two tries the better, so
  /// that a pause of the machine is no failure.
  @Test("a store of a thousand cells gives the page of what was written, in time linear in cells")
  func store() throws {
    let (time, page) = try Self.readAndReport(hundreds: 10)
    let made = Self.large()
    let rows = made.rows.map { row in
      var row = row
      (row.version, row.blasCore) = ("1", "x")
      return row
    }
    let written = MatrixResults(
      name: made.name, folder: made.folder, rows: rows, versions: made.versions,
      blasCores: made.blasCores)
    /// Without the folder, which stands in the commands of cells.
    func body(_ page: String) -> [Substring] {
      page.split(separator: "\n").filter { !$0.contains("--out") }
    }
    #expect(body(page) == body(Report(written).text(.html)))
    let few = try Self.readAndReport(hundreds: 2).time
    print("store of 1000 cells read and reported: \(time), of 200 cells: \(few)")
    if time > few * 12 {
      let again = try Self.readAndReport(hundreds: 10).time / Self.readAndReport(hundreds: 2).time
      #expect(again < 12, "\(time) and \(few)")
    }
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
