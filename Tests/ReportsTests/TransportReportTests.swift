import Experiments
import Federation
import Foundation
import Reports
import Testing

@Suite("What a transport cost, in reports")
struct TransportReportTests {
  /// Two cells of two seeds whose runs kept books: two rounds of training with ten clients.
  static let results: MatrixResults = {
    var matrix = SyntheticMatrix(
      attacks: ["none", "sign-flip"], defenses: ["mean", "krum(f=3)"], seeds: [1, 2],
      accuracy: { _, _, _, _ in 0.9 })
    matrix.common[.transport] = "double-masking(groups=5)"
    var results = matrix.results
    for index in results.rows.indices {
      var ledger = TransportLedger()
      for round in [1, 2] {
        ledger.add(
          [
            RoundCost(round: "keys", role: .client, messages: 10, bytes: 1000, cpuSeconds: 0.01),
            RoundCost(round: "keys", role: .server, messages: 10, bytes: 8000, cpuSeconds: 0.002),
            RoundCost(round: "input", role: .client, messages: 10, bytes: 39_000, cpuSeconds: 0.03),
            RoundCost(round: "input", role: .server, messages: 5, bytes: 500, cpuSeconds: 1.998),
          ], round: round, clients: 10)
      }
      results.rows[index].metrics?.transport = ledger
      if results.rows[index].description.labels["defense"] == "krum(f=3)" {
        results.rows[index].description.stagesOnGroups = ["krum"]
      }
    }
    return MatrixResults(
      name: results.name, folder: results.folder, rows: results.rows, versions: results.versions,
      blasCores: results.blasCores, targets: results.targets)
  }()

  @Test("the table says what a client and the server send in a round of training, and take")
  func table() {
    let text = Report(Self.results).text(.table, options: ReportOptions(width: 400))
    #expect(
      text.contains(
        "double-masking(groups=5): a client sends 2 messages in 4.0 kB and takes 4.0 ms of processor "
          + "time, the server sends 15 messages in 8.5 kB and takes 2.0 s\n"))
    #expect(text.contains("krum(f=3) on sums of groups in place of updates: weaker"))
  }

  @Test("the page has a row for every round of the protocol")
  func page() {
    let page = Report(Self.results).text(.html)
    #expect(page.contains("id=\"transport\"") && page.contains("href=\"#transport\""))
    for row in [
      "keys</th><td>1.0</td><td>100 B</td><td>1.0 ms</td><td>10.0</td><td>8.0 kB</td><td>2.0 ms</td>",
      "input</th><td>1.0</td><td>3.9 kB</td><td>3.0 ms</td><td>5.0</td><td>500 B</td><td>2.0 s</td>",
      "all</th><td>2.0</td><td>4.0 kB</td><td>4.0 ms</td><td>15.0</td><td>8.5 kB</td><td>2.0 s</td>",
    ] {
      #expect(page.contains(row), "\(row)")
    }
    #expect(page.contains("on group sums"))
  }

  @Test("CSV and JSON have messages, bytes and processor time of both roles")
  func data() throws {
    let results = Self.results
    let csv = Report(results).text(.csv).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let names = ["clientMessages", "clientCPUSeconds", "serverMessages", "serverCPUSeconds"]
    let places = try names.map { name in try #require(csv[0].firstIndex { $0 == name }) }
    #expect(places.map { String(csv[1][$0]) } == ["40", "0.08", "30", "4.0"])
    let parsed = try JSONSerialization.jsonObject(with: Data(Report(results).text(.json).utf8))
    let rows = (parsed as? [String: Any])?["rows"] as? [[String: Any]]
    let transport = try #require(rows?.first?["transport"] as? [String: Any])
    let training = try #require(transport["trainingRounds"] as? [[String: Any]])
    #expect(training.map { $0["trainingRound"] as? Int } == [1, 1, 2, 2])
    #expect(training.map { $0["bytes"] as? Int } == [40_000, 8500, 40_000, 8500])
    let rounds = try #require(transport["rounds"] as? [[String: Any]])
    #expect(rounds.map { $0["round"] as? String } == ["keys", "keys", "input", "input"])
    #expect(rounds.map { $0["messages"] as? Int } == [20, 20, 20, 10])
    let cells = (parsed as? [String: Any])?["cells"] as? [[String: Any]]
    #expect((cells ?? []).contains { $0["stagesOnGroups"] as? [String] == ["krum"] })
  }

  @Test("without a protocol nothing is said of its cost")
  func none() {
    for format in [ReportFormat.table, .html] {
      let text = Report(SyntheticMatrix.everyCell.results).text(format)
      #expect(!text.lowercased().contains("cost of the transport"))
    }
  }
}
