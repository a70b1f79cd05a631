import Foundation
import TestSupport
import Testing

@Suite("rampart data summary")
struct DataSummaryCommandTests {
  static func vector(_ name: String) -> String {
    testsDirectory.appending(path: "Vectors/data/\(name)").path
  }

  private struct Record: Decodable {
    struct Part: Decodable {
      var examples: Int
      var labelCounts: [Int]
      var minimum: Double
      var maximum: Double
      var mean: Double
      var standardDeviation: Double
    }
    struct Division: Decodable {
      var partition: String
      var sha256: String
      var sizes: [Int]
      var disjoint: Bool
      var overlap: Int
      var leftOut: Int
      var meanEMD: Double
      var maximumEMD: Double
      var emd: [Double]
      var labelCounts: [[Int]]
    }
    struct Data: Decodable {
      var name: String
      var shape: [Int]
      var classes: Int
      var classNames: [String]
      var sha256: String
      var train: Part
      var test: Part
      var groups: Int?
      var partitions: [Division]
    }
    var seed: UInt64
    var data: [Data]
  }

  private func record(_ words: [String], in rampart: Program) throws -> Record {
    let (process, output, errors) = try rampart.process(
      ["data", "summary", "--format", "json"] + words)
    try process.run()
    process.waitUntilExit()
    let said = try String(contentsOf: errors, encoding: .utf8)
    #expect(process.terminationStatus == 0, "\(said)")
    return try JSONDecoder().decode(Record.self, from: Data(contentsOf: output))
  }

  @Test("distances follow from the counts, counts from the data, and a seed fixes the index map")
  func experiment() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let words = ["--partition", "dirichlet: {clients: 10, alpha: 0.1}"]
    let found = try record(words, in: rampart)
    let data = try #require(found.data.first)
    #expect((found.seed, data.name, data.shape, data.classes) == (1, "digits", [1, 8, 8], 10))
    let division = try #require(data.partitions.first)
    #expect(division.disjoint && division.overlap == 0 && division.leftOut == 0)
    for c in 0..<10 {
      #expect(division.labelCounts.map { $0[c] }.reduce(0, +) == data.train.labelCounts[c])
    }
    var distances: [Double] = []
    for counts in division.labelCounts {
      let n = Double(counts.reduce(0, +))
      distances.append(
        zip(counts, data.train.labelCounts).reduce(0) {
          $0 + abs(Double($1.0) / n - Double($1.1) / 1297)
        })
    }
    #expect(largestDifference(division.emd, distances) < 1e-12)
    #expect(abs(division.meanEMD - distances.reduce(0, +) / 10) < 1e-12)
    #expect(division.maximumEMD == division.emd.max())
    #expect(
      try record(words + ["--seed", "1"], in: rampart).data[0].partitions[0].sha256
        == division.sha256)
    #expect(
      try record(words + ["--seed", "2"], in: rampart).data[0].partitions[0].sha256
        != division.sha256)
  }

  @Test("every data is shown with every partition, --only chooses, csv has a row a client")
  func axes() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write(
      """
      data: [digits, breast-cancer]
      partition: [iid: {clients: 3}, dirichlet-shared: {clients: 4}]
      """, to: "e.yaml")
    let all = try record(["e.yaml"], in: rampart)
    #expect(all.data.map(\.name) == ["digits", "breast-cancer"])
    #expect(all.data.map { $0.partitions.map(\.sizes.count) } == [[3, 4], [3, 4]])
    let one = try record(
      ["e.yaml", "--only", "data=digits", "--only", "partition=iid"], in: rampart)
    #expect(one.data.map { $0.partitions.map(\.partition) } == [["iid(clients=3)"]])
    let csv = try rampart("data", "summary", "e.yaml", "--format", "csv").output
    let rows = csv.split(separator: "\n")
    #expect(rows.count == 1 + 2 * 7)
    #expect(rows[0].hasPrefix("data,partition,seed,client,examples,emd,divergence,class0,class1"))
    let text = try rampart("data", "summary", "e.yaml", "--svg", "f.svg")
    #expect(text.output.contains("overlapping: "))
    #expect(try rampart.read("f.svg").hasPrefix("<?xml"))
    #expect(try rampart("data", "summary").output.contains("dirichlet"))
    #expect(try rampart("data", "summary", "e.yaml", "--only", "data=digit").status == 2)
  }

  /// A file as a user would name it, and what must be found: training and test examples, shape, sum
  /// of all label counts weighted by label.
  struct Known: CustomTestStringConvertible, Sendable {
    var words: [String]
    var name: String
    var counts: [Int]
    var shape: [Int]
    var groups: Int?
    var testDescription: String { words.joined(separator: " ") }
  }

  static let known = [
    Known(words: [vector("train-images.idx")], name: "idx", counts: [30, 10], shape: [1, 5, 4]),
    Known(
      words: [vector("train-images.idx.gz")], name: "idx", counts: [30, 10], shape: [1, 5, 4]),
    Known(words: [vector("train-x.npy")], name: "npy", counts: [6, 2], shape: [2, 3, 3]),
    Known(words: [vector("split.npz")], name: "npz", counts: [30, 10], shape: [1, 5, 4]),
    Known(
      words: [
        "--data", "csv: {train: \(vector("train.csv")), label: kind, group: site, ignore: [id]}",
      ],
      name: "csv", counts: [7, 2], shape: [2], groups: 3),
    Known(words: [vector("leaf-train")], name: "leaf", counts: [8, 2], shape: [4], groups: 4),
  ]

  @Test("a file is known by its name, with labels and test files beside it", arguments: known)
  func files(_ known: Known) throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let data = try #require(try record(known.words, in: rampart).data.first)
    #expect(data.name == known.name)
    #expect([data.train.examples, data.test.examples] == known.counts)
    #expect(data.shape == known.shape)
    #expect(data.groups == known.groups)
    #expect(data.partitions.isEmpty)
    #expect(data.train.labelCounts.reduce(0, +) == known.counts[0])
    let text = try rampart(
      "data", "summary", known.words[0], known.words.count > 1 ? known.words[1] : "--seed=1")
    #expect(text.status == 0 && text.output.contains("class"))
  }

  @Test("values of a table have the range, mean and deviation that were written")
  func values() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write("1,0\n2,1\n3,0\n6,1\n", to: "a.csv")
    try rampart.write("-1,1\n1,0\n", to: "b.csv")
    let words = ["--data", "csv: {train: a.csv, test: b.csv}"]
    let data = try #require(try record(words, in: rampart).data.first)
    #expect((data.train.minimum, data.train.maximum, data.train.mean) == (1, 6, 3))
    #expect(abs(data.train.standardDeviation - 3.5.squareRoot()) < 1e-12)
    #expect((data.test.mean, data.test.standardDeviation) == (0, 1))
    #expect(data.train.labelCounts == [2, 2] && data.classNames == ["0", "1"])
    let divided = try record(words + ["--partition", "iid: {clients: 2}"], in: rampart)
    #expect(divided.data[0].partitions[0].sizes == [2, 2])
  }

  /// What stands in a file, how it is named, and what must be said about it.
  struct Mistake: CustomTestStringConvertible, Sendable {
    var says: String
    var words: [String]
    var files: [String: [UInt8]] = [:]
    var testDescription: String { says }
  }

  private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }
  private static let idx: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 9]
  private static let idxLabels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 2, 0, 1]

  static let mistakes = [
    Mistake(
      says: "data images.idx: holds 1 bytes of values from byte 16 on; expected 2",
      words: ["images.idx"], files: ["images.idx": idx.dropLast(), "labels.idx": idxLabels]),
    Mistake(
      says: "data images.idx: this is a binary file, no IDX file; expected 00 00",
      words: ["images.idx"], files: ["images.idx": [1] + idx.dropFirst(), "labels.idx": idxLabels]),
    Mistake(
      says: "data images.idx: no file of labels is beside it", words: ["images.idx"],
      files: ["images.idx": idx]),
    Mistake(
      says: "data labels.idx: holds 1 labels, images.idx holds 2 examples", words: ["images.idx"],
      files: ["images.idx": idx, "labels.idx": [0, 0, 8, 1, 0, 0, 0, 1, 0]]),
    Mistake(
      says: "data t.csv.gz: the packed content is ", words: ["t.csv.gz"],
      files: ["t.csv.gz": [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xFF, 0xFF, 0xFF]]),
    Mistake(
      says: "data t.npz: this is no ZIP archive", words: ["t.npz"],
      files: ["t.npz": text("a,b\n1,2\n")]),
    Mistake(
      says: "data t.csv: this is a ZIP archive; expected comma-separated text", words: ["t.csv"],
      files: ["t.csv": text("PK\u{3}\u{4}aaaaaaaaaaaa")]),
    Mistake(
      says: "data t.csv, row 3: holds 2 fields, the first row has 3", words: ["t.csv"],
      files: ["t.csv": text("1,2,0\n3,4,1\n5,6\n")]),
    Mistake(
      says: "data t.csv, row 2: column 1 holds 'x', expected a number", words: ["t.csv"],
      files: ["t.csv": text("1,2,0\nx,4,1\n")]),
    Mistake(
      says: "data t.csv: there is no column 'kind'; the header has a, b",
      words: ["--data", "csv: {train: t.csv, label: kind}"],
      files: ["t.csv": text("a,b\n1,0\n2,1\n")]),
    Mistake(
      says: "data t.csv, row 2: column 2 ('b') holds nothing", words: ["t.csv"],
      files: ["t.csv": text("a,b\n1,\n2,1\n")]),
    Mistake(
      says: "data t.bin, row 2: the label 10 at byte 3073 is out of range; expected 0 to 9",
      words: ["t.bin"],
      files: [
        "t.bin": [UInt8](repeating: 0, count: 3073) + [10] + [UInt8](repeating: 0, count: 3072)
      ]),
    Mistake(
      says: "data t.bin: holds 100 bytes; cifar-10 needs whole records of 3073", words: ["t.bin"],
      files: ["t.bin": [UInt8](repeating: 0, count: 100)]),
    Mistake(
      says: "data t.json: user 'a' has 1 examples, num_samples says 2", words: ["t.json"],
      files: [
        "t.json": text(
          #"{"users":["a"],"num_samples":[2],"user_data":{"a":{"x":[[1]],"y":[0]}}}"#)
      ]),
    Mistake(says: "data none.csv: there is no such file or folder", words: ["none.csv"]),
    Mistake(says: "none.yaml", words: ["none.yaml"]),
    Mistake(
      says: "data .: this folder holds no data by a known name", words: ["."]),
    Mistake(
      says:
        "--partition:1:20: partition 'dirichlet': alpha: must be a number greater than 0, got 0.0",
      words: ["--partition", "dirichlet: {alpha: 0}"]),
    Mistake(
      says: "partition 'dirichlet': alpha: must be a number greater than 0, got -1.0",
      words: ["--partition", "dirichlet: {alpha: -1}"]),
    Mistake(
      says: "partition iid: 2000 clients cannot share 1297 examples; at most 1297",
      words: ["--partition", "iid: {clients: 2000}"]),
    Mistake(
      says: "partition dirichlet: in ",
      words: ["--partition", "dirichlet: {clients: 200, alpha: 0.01, minimum-size: 6}"]),
    Mistake(
      says: "partition natural: the data does not say which group an example comes from",
      words: ["--partition", "natural"]),
    Mistake(
      says: "--svg: there is no partition to draw", words: ["--data", "digits", "--svg", "f.svg"]),
    Mistake(
      says: "cannot write 'no/f.svg'", words: ["--partition", "iid", "--svg", "no/f.svg"]),
    Mistake(
      says: "'t.csv' is data, and --data names data, too", words: ["t.csv", "--data", "digits"]),
    Mistake(says: "unknown format 'htm'", words: ["--format", "htm"]),
  ]

  @Test("what is wrong with a file or a word is one line, exit code 2", arguments: mistakes)
  func refused(_ mistake: Mistake) throws {
    let rampart = try Program()
    defer { rampart.remove() }
    for (name, bytes) in mistake.files {
      try Data(bytes).write(to: URL(filePath: rampart.path(name)))
    }
    let (process, output, errors) = try rampart.process(["data", "summary"] + mistake.words)
    try process.run()
    process.waitUntilExit()
    let said = try String(contentsOf: errors, encoding: .utf8)
    #expect(process.terminationStatus == 2, "\(said)")
    #expect(said.hasPrefix("error: ") && said.contains(mistake.says), "\(said)")
    #expect(said.split(separator: "\n").count == 1, "\(said)")
    #expect(try Data(contentsOf: output).isEmpty)
  }
}
