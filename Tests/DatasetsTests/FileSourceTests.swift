import Components
import Datasets
import Foundation
import Learning
import TestSupport
import Testing

@Suite("Data from files")
struct FileSourceTests {
  /// What a split must be, as NumPy and Python computed it.
  struct Expected: Decodable {
    var name: String
    var method: String
    var shape: [Int]
    var classes: Int
    var classNames: [String]
    var train: Int
    var test: Int
    var labels: [Int32]
    var groups: [String]
    var offsets: [Double]
    var scales: [Double]
    var first: [Float]
    var digest: String
  }

  static func idx(_ end: String, _ more: String) -> String {
    "{\"idx\": {\"train-images\": \"train-images.idx\(end)\", "
      + "\"train-labels\": \"train-labels.idx\(end)\", \"test-images\": \"test-images.idx\(end)\", "
      + "\"test-labels\": \"test-labels.idx\(end)\"\(more)}}"
  }

  static func cifar(_ kind: String) -> String {
    let name = kind == "cifar-10" ? "cifar-10" : "cifar-100"
    return "{\"cifar\": {\"train\": [\"\(name)-train-1.bin\", \"\(name)-train-2.bin\"], "
      + "\"test\": [\"\(name)-test.bin\"], \"kind\": \"\(kind)\", \"normalise\": \"standard\"}}"
  }

  static let splits: [(String, String)] = [
    ("idx unit", idx("", "")),
    ("idx unit", idx(".gz", "")),
    ("idx none", idx(".gz", ", \"normalise\": \"none\"")),
    ("idx standard", idx("", ", \"normalise\": \"standard\"")),
    ("idx transposed", idx("", ", \"transposed\": true")),
    (
      "idx unit",
      idx("", "").replacing("train-images.idx", with: "members.idx.gz")
    ),
    (
      "idx table",
      idx("", ", \"normalise\": \"standard\"").replacing("-images.idx", with: "-table.idx")
        .replacing("-labels.idx", with: "-classes.idx")
    ),
    ("cifar-10", cifar("cifar-10")), ("cifar-100", cifar("cifar-100")),
    ("cifar-100-coarse", cifar("cifar-100-coarse")),
    (
      "csv",
      """
      {"csv": {"train": "train.csv", "test": "test.csv", "label": "kind", "group": "site",
       "ignore": ["id"], "normalise": "standard"}}
      """
    ),
    (
      "csv",
      """
      {"csv": {"train": "train.csv", "test": "test.csv", "label": -3, "group": 2,
       "ignore": [5], "normalise": "standard", "header": "present"}}
      """
    ),
    (
      "csv numbers",
      """
      {"csv": {"train": "numbers-train.csv", "test": "numbers-test.csv", "separator": "semicolon"}}
      """
    ),
    ("npz", "{\"npz\": {\"train\": \"split.npz\", \"normalise\": \"unit\"}}"),
    ("npz", "{\"npz\": {\"train\": \"packed.npz\", \"normalise\": \"unit\"}}"),
    ("npz pair", "{\"npz\": {\"train\": \"train.npz\", \"test\": \"test.npz\"}}"),
    (
      "npy",
      """
      {"npy": {"train-x": "train-x.npy", "train-y": "train-y.npy", "test-x": "test-x.npy",
       "test-y": "test-y.npy", "channels-last": true, "normalise": "standard"}}
      """
    ),
    (
      "leaf",
      "{\"leaf\": {\"train\": \"leaf-train\", \"test\": \"leaf-test\", \"normalise\": \"standard\"}}"
    ),
  ]

  @Test("a split has the bits that NumPy and Python compute for it", arguments: splits)
  func matchesNumPy(name: String, source: String) throws {
    let expected = try #require(
      try VectorFile<Expected>(named: "data/expected").cases.first { $0.name == name })
    let split = try DataFiles.load(source)
    #expect(split.train.count == expected.train && split.test.count == expected.test)
    #expect(split.train.shape == expected.shape && split.train.classes == expected.classes)
    #expect(split.train.labels == expected.labels)
    #expect(split.classNames == expected.classNames)
    #expect(split.normalisation.method.rawValue == expected.method)
    #expect(split.normalisation.offsets == expected.offsets)
    #expect(split.normalisation.scales == expected.scales)
    #expect(Array(split.train.features(of: 0).prefix(20)) == expected.first)
    #expect(
      (split.groups.map { $0.members.map { id in split.groups?.names[Int(id)] ?? "" } } ?? [])
        == expected.groups)
    #expect(split.digest == expected.digest)
  }

  @Test(
    "one file is cut by its own seed, parts do not overlap, and only training rows make the numbers",
    arguments: [
      "{\"csv\": {\"train\": \"train.csv\", \"label\": \"kind\", \"ignore\": [\"id\", \"site\"]",
      "{\"idx\": {\"train-images\": \"train-images.idx\", \"train-labels\": \"train-labels.idx\"",
      "{\"npz\": {\"train\": \"train.npz\"", "{\"leaf\": {\"train\": \"leaf-train\"",
    ])
  func cutsOneFile(source: String) throws {
    let raw = try DataFiles.load(source + ", \"normalise\": \"none\"}}")
    let split = try DataFiles.load(source + ", \"normalise\": \"standard\"}}")
    let testRows = try #require(split.testRows)
    let count = split.train.count + split.test.count
    #expect(testRows == raw.testRows && split.train.labels == raw.train.labels)
    #expect(testRows.count == Int((0.2 * Double(count)).rounded()) && testRows == testRows.sorted())
    #expect(split.groups.map { $0.members.count == split.train.count } ?? true)

    let other = try DataFiles.load(
      source + ", \"split-seed\": 2, \"test-fraction\": 0.5, \"normalise\": \"none\"}}")
    #expect(other.testRows != testRows && other.test.count == Int((0.5 * Double(count)).rounded()))
    #expect(other.digest != raw.digest)
    var rows = (0..<raw.train.count).map { raw.train.features(of: $0) }
    rows += (0..<raw.test.count).map { raw.test.features(of: $0) }
    var others = (0..<other.train.count).map { other.train.features(of: $0) }
    others += (0..<other.test.count).map { other.test.features(of: $0) }
    #expect(rows.map(\.description).sorted() == others.map(\.description).sorted())

    // The training part has mean 0 and deviation 1 (or is constant); the test part goes along.
    let run = split.train.shape.count == 3 ? split.train.featureCount / split.train.shape[0] : 1
    for channel in 0..<(split.train.featureCount / run) {
      let values = (0..<split.train.count).flatMap { index in
        split.train.features(of: index)[(channel * run)..<((channel + 1) * run)].map(Double.init)
      }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      #expect(abs(mean) < 1e-5)
      #expect(abs(variance - 1) < 1e-4 || variance < 1e-9)
      let (offset, scale) = (
        split.normalisation.offsets[channel], split.normalisation.scales[channel]
      )
      for index in 0..<split.test.count {
        let before = Double(raw.test.features(of: index)[channel * run])
        #expect(split.test.features(of: index)[channel * run] == Float((before - offset) / scale))
      }
    }
  }

  @Test("a path stands relative to its experiment file, or is absolute")
  func paths() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let absolute = "{\"npz\": {\"train\": \"\(DataFiles.folder)/split.npz\"}}"
    #expect(try DataFiles.load(absolute, in: scratch.path).train.count == 30)
    #expect(
      DataFiles.message("{\"npz\": {\"train\": \"split.npz\"}}", in: scratch.path)
        == "data split.npz: there is no such file or folder")
  }
}
