import Foundation
import Testing

@Suite("Data files in experiments")
struct DataFileCommandTests {
  private static let rows = (0..<40).map { "\($0 % 7),\($0 % 5),\($0 % 2 == 0 ? "no" : "yes")\n" }

  private func write(_ rows: [String], in rampart: Program) throws {
    try rampart.write("a,b,answer\n" + rows.joined(), to: "folder/table.csv")
    try rampart.write(
      """
      data:
        csv: {train: table.csv, label: answer, normalise: standard}
      partition: {iid: {clients: 4}}
      training: {rounds: 2}
      threat: {attackers: 0}
      """, to: "folder/e.yaml")
  }

  @Test("paths count from the experiment's folder, and every command reads the same table")
  func works() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try write(Self.rows, in: rampart)
    for words in [["run"], ["train"], ["matrix", "--out", "runs/x"]] {
      let (process, output, errors) = try rampart.process(
        [words[0], "folder/e.yaml"] + words.dropFirst())
      try process.run()
      process.waitUntilExit()
      let said = try String(contentsOf: errors, encoding: .utf8)
      #expect(process.terminationStatus == 0, "\(said)")
      #expect(try String(contentsOf: output, encoding: .utf8).isEmpty == false)
    }
    let data = "csv: {train: folder/table.csv, label: answer}"
    #expect(try rampart("train", "--data", data, "--training", "{rounds: 1}").status == 0)
  }

  @Test(
    "a bad file ends with exit code 2 and one line that names experiment, file and row",
    arguments: ["run", "train", "matrix"])
  func bad(_ command: String) throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try write(Self.rows.dropLast() + ["1,nan,no\n"], in: rampart)
    let result = try rampart(command, "folder/e.yaml")
    #expect(result.status == 2)
    #expect(
      result.errors
        == "error: folder/e.yaml:2:3: data folder/table.csv, row 41: column 2 ('b') holds 'nan', "
        + "expected a finite number\n")
  }

  @Test("a file that is not there is a mistake of the experiment")
  func missing() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write("data: {npz: {train: none.npz}}", to: "e.yaml")
    let result = try rampart("run", "e.yaml")
    #expect(result.status == 2)
    #expect(result.errors == "error: e.yaml:1:8: data none.npz: there is no such file or folder\n")
    try rampart.write("data: npz", to: "e.yaml")
    #expect(try rampart("matrix", "e.yaml").errors.contains("train: must be the path of a file"))
  }
}
