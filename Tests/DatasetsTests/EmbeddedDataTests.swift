import Datasets
import FileFormats
import Foundation
import Learning
import TestSupport
import Testing

@Suite("Embedded tables and patches")
struct EmbeddedDataTests {
  private var dataFolder: URL {
    testsDirectory.deletingLastPathComponent().appending(path: "Sources/CEmbedded/data")
  }

  @Test("the breast cancer table is the file's, cut once and for all")
  func breastCancer() throws {
    var one = testGenerator(1)
    var two = testGenerator(2)
    let split = try BreastCancer().load(using: &one)
    #expect(split.digest == "0823eb56c6991ded1604756b61217df9515ddf7efe18731a18124dbda569f1a7")
    #expect(try BreastCancer().load(using: &two).digest == split.digest)
    let words: [UInt64] = [one.next(), two.next()]
    #expect(words[0] != words[1])
    #expect(split.train.count == 455 && split.test.count == 114 && split.train.shape == [30])
    #expect(split.classNames == ["malignant", "benign"])
    let counts = zip(split.train.labelCounts, split.test.labelCounts).map { $0 + $1 }
    #expect(counts == [212, 357])
    // Undone, every value is the file's.
    let text = try String(
      contentsOf: dataFolder.appending(path: "breast-cancer.csv"), encoding: .utf8)
    let rows = text.split(separator: "\n").dropFirst().map { line in
      line.split(separator: ",").compactMap { Double($0) }
    }
    let testRows = Set(try #require(split.testRows))
    var (train, test) = (0, 0)
    for (index, row) in rows.enumerated() {
      let isTest = testRows.contains(index)
      let part = isTest ? split.test : split.train
      let place = isTest ? test : train
      if isTest { test += 1 } else { train += 1 }
      #expect(part.labels[place] == Int32(row[30]))
      for (feature, value) in part.features(of: place).enumerated() {
        let back =
          Double(value) * split.normalisation.scales[feature]
          + split.normalisation.offsets[feature]
        #expect(abs(back - row[feature]) <= 1e-5 * abs(row[feature]) + 1e-5)
      }
    }
  }

  @Test("the patches are the archive's pixels divided by 255")
  func patches() throws {
    var generator = testGenerator()
    let split = try Patches().load(using: &generator)
    #expect(split.digest == "94974f1b30c4b8916c9f624bf18a50e15259c36dd9c23064e64abbd9d0ce021c")
    #expect(split.train.count == 96 && split.test.count == 24)
    #expect(split.train.shape == [3, 32, 32] && split.train.classes == 2)
    let archive = try TensorArchive.read(dataFolder.appending(path: "patches32.npz").path)
    let pixels = try archive.tensor("x").integers
    let labels = try archive.tensor("y").integers
    let testRows = try #require(split.testRows)
    for (place, row) in testRows.enumerated() {
      #expect(Int64(split.test.labels[place]) == labels[row])
      let own = pixels[(row * 3072)..<((row + 1) * 3072)].map { Float($0) / 255 }
      #expect(split.test.features(of: place) == own)
    }
  }

  @Test("attributions are those kept beside the data")
  func attributions() throws {
    let readme = try String(contentsOf: dataFolder.appending(path: "README.md"), encoding: .utf8)
    let words = readme.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains(BreastCancer.attribution))
    for name in ["danielbuechele", "vultilion", "CC BY 2.0"] {
      #expect(words.contains(name) && Patches.attribution.contains(name))
    }
  }
}
