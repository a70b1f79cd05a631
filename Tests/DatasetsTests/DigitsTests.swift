import Components
import Datasets
import Foundation
import Learning
import Randomness
import TestSupport
import Testing

@Suite("The embedded digits")
struct DigitsTests {
  @Test("the split is fixed for good and ignores the experiment's seed")
  func isFixed() throws {
    var one = testGenerator(1)
    var two = testGenerator(2)
    let split = try Digits().load(using: &one)
    #expect(split.digest == "2d11526f1c2f60dde73bdef95f73918b07a80e8d26e91cb3a232deb5b4bf22e3")
    #expect(try Digits().load(using: &two).digest == split.digest)
    #expect(one.next() == testGeneratorWord(1))
    #expect(split.name == "digits")
    #expect(split.train.count == 1297 && split.test.count == 500)
    #expect(split.train.shape == [1, 8, 8] && split.train.classes == 10)
  }

  @Test("both parts together are the rows of the data file, pixels divided by 16")
  func matchesTheFile() throws {
    var generator = testGenerator()
    let split = try Digits().load(using: &generator)
    var rows: [String] = []
    for part in [split.train, split.test] {
      for index in 0..<part.count {
        let pixels = part.features(of: index)
        #expect(pixels.allSatisfy { $0 >= 0 && $0 <= 1 })
        rows.append(
          (pixels.map { "\(Int($0 * 16))" } + ["\(part.labels[index])"]).joined(separator: ","))
      }
    }
    let text = try String(contentsOf: dataFolder.appending(path: "digits.csv"), encoding: .utf8)
    #expect(rows.sorted() == text.split(separator: "\n").map(String.init).sorted())
  }

  @Test("the attribution is the one kept beside the data")
  func keepsAttribution() throws {
    let readme = try String(contentsOf: dataFolder.appending(path: "README.md"), encoding: .utf8)
    let words = readme.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains(Digits.attribution))
    #expect(Digits.card.citation == Digits.attribution)
  }

  @Test("a damaged table is refused with its row")
  func refusesDamage() throws {
    let text = try String(contentsOf: dataFolder.appending(path: "digits.csv"), encoding: .utf8)
    func message(_ text: String) -> String {
      do { return try Digits.split(of: Array(text.utf8)).name } catch { return "\(error)" }
    }
    #expect(message(text) == "digits")
    var lines = text.split(separator: "\n").map(String.init)
    lines[4] += ",1"
    #expect(
      message(lines.joined(separator: "\n")) == "data digits, row 5: got 66 values, expected 65")
    lines[4] = "17" + text.split(separator: "\n")[4].dropFirst()
    #expect(
      message(lines.joined(separator: "\n"))
        == "data digits, row 5: column 1 holds '17', expected a whole number from 0 to 16")
    #expect(
      message(text.split(separator: "\n").dropLast().joined(separator: "\n"))
        == "data digits: got 1796 rows, expected 1797")
  }

  @Test("the digest covers every bit, label, shape and the cut between the parts")
  func digestCovers() throws {
    func digest(_ features: [Float], _ labels: [Int32], shape: [Int], cut: Int) throws -> String {
      let all = try LabeledExamples(features: features, labels: labels, shape: shape, classes: 3)
      return DataSplit(
        name: "x", train: try all.subset(Array(0..<cut)),
        test: try all.subset(Array(cut..<all.count)), attribution: ""
      ).digest
    }
    let digests = [
      try digest([1, 2, 3, 4, 5, 6], [0, 1, 2], shape: [2], cut: 2),
      try digest([1, 2, 3, 4, 5, 6.000_001], [0, 1, 2], shape: [2], cut: 2),
      try digest([1, 2, 3, 4, 5, 6], [0, 1, 1], shape: [2], cut: 2),
      try digest([1, 2, 3, 4, 5, 6], [0, 1, 2], shape: [2, 1], cut: 2),
      try digest([1, 2, 3, 4, 5, 6], [0, 1, 2], shape: [2], cut: 1),
    ]
    #expect(Set(digests).count == digests.count)
  }

  private var dataFolder: URL {
    testsDirectory.deletingLastPathComponent().appending(path: "Sources/CEmbedded/data")
  }

  private func testGeneratorWord(_ variant: UInt64) -> UInt64 {
    var fresh = testGenerator(variant, name: "isFixed()")
    return fresh.next()
  }
}
