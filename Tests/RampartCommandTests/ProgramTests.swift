import Foundation
import Testing

@Suite("The program")
struct ProgramTests {
  @Test(
    "explains every command",
    arguments: [
      "matrix", "merge", "run", "train", "gradient", "report", "list", "describe", "new",
      "completion",
    ])
  func help(_ command: String) throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let result = try rampart(command, "--help")
    #expect(result.status == 0)
    #expect(result.output.contains("rampart \(command)"))
    #expect(result.errors.isEmpty)
  }

  @Test("runs a matrix, reports it in every format and finds it finished")
  func matrix() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write(smallExperiment, to: "small.yaml")
    let first = try rampart("matrix", "small.yaml", "--out", "run", "--jobs", "2")
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.output.contains("Report: run/report.html"))
    #expect(try rampart.read("run/report.html").hasPrefix("<!"))
    let again = try rampart("matrix", "small.yaml", "--out", "run")
    #expect(again.status == 0)
    #expect(again.errors.contains("12/12 runs (12 of them before)"))
    #expect(again.output == first.output)
    for (format, mark) in [
      ("table", "median"), ("csv", "cell,data,"), ("json", "{"), ("latex", "\\toprule"),
      ("html", "</html>"),
    ] {
      let report = try rampart("report", "run", "--format", format)
      #expect(report.status == 0)
      #expect(report.output.contains(mark), "\(format)")
    }
    #expect(try rampart("report", "run", "--format", "csv", "--output", "x.csv").status == 0)
    #expect(
      try rampart.read("x.csv") == (try rampart("report", "run", "--format", "csv").output))
  }

  @Test("the documented columns are those of the CSV")
  func columns() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write("seeds: 1\ntraining: {rounds: 1}", to: "one.yaml")
    #expect(try rampart("matrix", "one.yaml", "--out", "run", "--quiet").status == 0)
    let header = try rampart("report", "run", "--format", "csv").output
      .prefix { $0 != "\n" }.split(separator: ",")
    let help = try rampart("report", "--help").output
    for column in header { #expect(help.contains("\(column) "), "\(column)") }
  }

  @Test("dry runs change nothing and name what cannot exist")
  func dryRun() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write(smallExperiment + "\ntransport: [plain, sum-only]", to: "small.yaml")
    let result = try rampart("matrix", "small.yaml", "--dry-run", "--out", "run")
    #expect(result.status == 0)
    #expect(result.output.contains("median needs individual updates; sum-only reveals only"))
    #expect(!FileManager.default.fileExists(atPath: rampart.folder.path + "/run"))
  }

  @Test(
    "components that need a file are described without one",
    arguments: ["csv", "trace", "device-speed", "krum"])
  func describesAll(_ name: String) throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let result = try rampart("describe", name)
    #expect(result.status == 0 && result.output.contains("in an experiment:"))
  }

  @Test(
    "what the user can correct is said on standard error, with exit status 2 and nothing else",
    arguments: [
      (["matrix", "absent.yaml"], "absent.yaml: there is no such file"),
      (["matrix", "bad.yaml"], "bad.yaml:1:16: unknown attack 'alei'; did you mean 'alie'?"),
      (["matrix", "bad.yaml"], "bad.yaml:2:21: defense 'krum' with f = 12"),
      (["matrix", "bad.yaml"], "bad.yaml:3:27: training: learning-rate: must be a finite number"),
      (["matrix", "trace.yaml"], "trace.yaml:1:28: population 'trace': file: "),
      (["matrix", "trace.yaml"], "trace.csv, row 3, device 'b': an interval ends at 2.0"),
      (["matrix", "many.yaml"], "5000 clients cannot share 1297 examples"),
      (["matrix", "binary.yaml"], "not an experiment file"),
      (["matrix", "good.yaml", "--out", "good.yaml/x"], "is a file"),
      (["matrix", "good.yaml", "--only", "defense=krumm"], "unknown defense 'krumm'"),
      (["matrix", "--shard", "3/2", "good.yaml"], "--shard: '3/2' is not of the form i/n"),
      (["report", "nowhere"], "'nowhere' holds no results"),
      (["report", "nowhere", "--format", "htm"], "did you mean 'html'?"),
      (["merge", "nowhere", "--out", "x"], "'nowhere' holds no results"),
      (["describe", "krumm"], "did you mean 'krum'?"),
      (["list", "defences"], "did you mean 'defenses'?"),
      (["new", "defense", "My_Rule"], "is not a name in kebab case"),
      (["new", "defense", "my-rule"], "this is no checkout of rampart"),
      (["frobnicate"], "unknown command 'frobnicate'"),
      (["matrix", "--frobnicate"], "unknown option"),
    ])
  func badInput(_ arguments: [String], _ message: String) throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write("attack: none\ntraining: {rounds: 1}", to: "good.yaml")
    try rampart.write("population: {trace: {file: trace.csv}}", to: "trace.yaml")
    try rampart.write("device,active,inactive\na,0,2\nb,3,2\n", to: "trace.csv")
    try rampart.write(
      """
      attack: [none, alei]
      defense: {krum: {f: 12}}
      training: {learning-rate: .nan}
      """, to: "bad.yaml")
    try rampart.write("partition: {iid: {clients: 5000}}", to: "many.yaml")
    try rampart.write("PK\u{3}\u{4}\u{0}\u{1}", to: "binary.yaml")
    let (process, output, errors) = try rampart.process(arguments)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
    let said = try String(contentsOf: errors, encoding: .utf8)
    #expect(said.contains(message), "\(said)")
    #expect(
      said.split(separator: "\n").allSatisfy { $0.hasPrefix("error: ") || $0.hasPrefix("  ") })
    #expect(try String(contentsOf: output, encoding: .utf8).isEmpty)
  }

  @Test("a cell that fails is named, the others go on, and the experiment is to blame")
  func failingCell() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write("training: [{rounds: 2}, {rounds: 2, learning-rate: 1e38}]", to: "two.yaml")
    let result = try rampart("matrix", "two.yaml", "--out", "run", "--quiet")
    #expect(result.status == 2)
    #expect(result.errors.contains("two.yaml:1:52: training diverged: client"), "\(result.errors)")
    let rows = try rampart.timelessCSV("run")
    #expect(rows.count == 3)
    #expect(rows.count { $0.contains("done") } == 1)
    #expect(rows.count { $0.contains("failed") } == 1)
  }

  @Test("a new component is written with its test, and nothing is overwritten")
  func scaffold() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write("", to: "Package.swift")
    try rampart.write("", to: "defenses/Catalogue.swift")
    #expect(try rampart("new", "defense", "my-rule").status == 0)
    #expect(try rampart.read("defenses/MyRule.swift").contains("struct MyRule: Aggregator"))
    #expect(try rampart.read("Tests/DefensesTests/MyRuleTests.swift").contains("MyRule(f: 1)"))
    let again = try rampart("new", "defense", "my-rule")
    #expect(again.status == 2)
    #expect(again.errors.contains("exists already"))
    #expect(try rampart("new", "attack", "ipm").errors.contains("the name 'ipm' is taken"))
  }
}
