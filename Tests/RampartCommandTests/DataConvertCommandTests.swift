import FileFormats
import Foundation
import Testing

@Suite("rampart data convert")
struct DataConvertCommandTests {
  private static func vector(_ name: String) -> String { DataSummaryCommandTests.vector(name) }
  private static let table =
    "csv: {train: \(vector("train.csv")), label: kind, group: site, ignore: [id], normalise: none}"

  private func run(_ words: [String], in rampart: Program) throws -> Program.Result {
    let (process, output, errors) = try rampart.process(["data"] + words)
    try process.run()
    process.waitUntilExit()
    return Program.Result(
      status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }

  /// The digest that `data summary` shows for these words.
  private func digest(_ data: String, in rampart: Program) throws -> String {
    let result = try run(["summary", "--data", data], in: rampart)
    #expect(result.status == 0, "\(result.errors)")
    return String(try #require(result.output.firstMatch(of: /SHA-256 +([0-9a-f]{64})/)?.output.1))
  }

  private static let labels = "train-labels: \(vector("train-labels.idx"))"
  private static let images =
    "idx: {train-images: \(vector("train-images.idx")), \(labels), normalise: none}"

  @Test(
    "what is written reads back as the same data, in the words that are printed",
    arguments: [
      (images, "o.npz"), (images, "o.csv"), (images, "o.idx"), (table, "o.npz"), (table, "o.csv"),
      ("digits", "o.npz"), ("digits", "o.idx"), ("breast-cancer", "o.npz"),
      ("leaf: {train: \(vector("leaf-train"))}", "o.npz"),
      ("leaf: {train: \(vector("leaf-train"))}", "o.csv"),
      ("npy: {train-x: \(vector("train-x.npy")), train-y: \(vector("train-y.npy"))}", "o.npz"),
    ])
  func roundTrip(_ data: String, _ output: String) throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let before = try digest(data, in: rampart)
    let result = try run(["convert", "--data", data, "--to", output], in: rampart)
    #expect(result.status == 0, "\(result.errors)")
    let words = try #require(result.output.firstMatch(of: /data: +(.+)/)?.output.1)
    #expect(try digest(String(words), in: rampart) == before)
    #expect(result.output.contains(before))
    // Nothing is left over of writing.
    let names = try FileManager.default.contentsOfDirectory(atPath: rampart.folder.path)
    #expect(!names.contains { $0.hasSuffix(".part") })
  }

  @Test("groups and class names come through an archive, by name")
  func names() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    #expect(try run(["convert", "--data", Self.table, "--to", "o.npz"], in: rampart).status == 0)
    let summary = try run(["summary", "o.npz"], in: rampart).output
    #expect(summary.contains("groups      3;") && summary.contains("virginica"))
    let archive = try TensorArchive.read(rampart.path("o.npz"))
    let text = try archive.tensor("class_names").integers.map { UInt8($0) }
    #expect(String(decoding: text, as: UTF8.self).hasSuffix("\0"))
    let natural = try run(["summary", "o.npz", "--partition", "natural"], in: rampart)
    #expect(natural.status == 0 && natural.output.contains("clients     3;"))
  }

  @Test("a file that is there is replaced only by force")
  func force() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write("mine", to: "o-test.csv")
    let refused = try run(["convert", "--data", Self.table, "--to", "o.csv"], in: rampart)
    #expect(refused.status == 2 && refused.errors.contains("'o-test.csv' exists already"))
    #expect(try rampart.read("o-test.csv") == "mine")
    #expect(!FileManager.default.fileExists(atPath: rampart.path("o.csv")))
    let forced = try run(
      ["convert", "--data", Self.table, "--to", "o.csv", "--force"], in: rampart)
    #expect(forced.status == 0, "\(forced.errors)")
    #expect(try rampart.read("o-test.csv").hasPrefix("x1,x2,label,group\n"))
  }

  @Test(
    "what a format cannot hold, and words that do not fit, are one line and exit code 2",
    arguments: [
      (
        ["--data", table, "--to", "o.idx"], "data o.idx: .idx cannot hold groups; .npz and .csv can"
      ),
      (["--data", "breast-cancer", "--to", "o.idx"], ".idx cannot hold the names of classes"),
      (["--data", "breast-cancer", "--to", "o.csv"], "numbered in the order of their names"),
      (["--data", "csv: {train: gap.csv}", "--to", "o.txt"], "expected .npz, .csv or .idx"),
      (["--to", "o.npz"], "there is nothing to convert"),
      (
        ["--data", "npz: {train: none.npz}", "--to", "o.npz"],
        "data none.npz: there is no such file"
      ),
      (["cut.csv", "--to", "o.npz"], "data cut.csv, row 2: holds 1 fields, the first row has 2"),
      (["cut.csv", "--to", "no/o.npz"], "there is no folder 'no'"),
      (["--data", "[digits, patches]", "--to", "o.npz"], "names several data"),
      (
        ["--data", "npy: {train-x: x.npy, train-y: y.npy, shape: [2, 1]}", "--to", "o.idx"],
        "read back, features, classes or groups would differ"
      ),
      (
        ["--data", "npy: {train-x: x.npy, train-y: y.npy, classes: 4}", "--to", "o.csv"],
        "data o.csv: .csv cannot hold class "
      ),
    ])
  func refused(_ words: [String], _ message: String) throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write("1,2\n3\n", to: "cut.csv")
    for (name, values) in [("x", TensorValues.float32([1, 2, 3, 4])), ("y", .int64([0, 1]))] {
      let shape = name == "x" ? [2, 2] : [2]
      try NumPyFile.write(
        NamedTensor(name: name, shape: shape, values: values), to: rampart.path("\(name).npy"))
    }
    let result = try run(["convert"] + words, in: rampart)
    #expect(result.status == 2 && result.output.isEmpty)
    #expect(
      result.errors.hasPrefix("error: ") && result.errors.contains(message), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1)
    let names = try FileManager.default.contentsOfDirectory(atPath: rampart.folder.path)
    #expect(!names.contains { $0.hasPrefix("o.") || $0.hasPrefix("o-") })
  }
}
