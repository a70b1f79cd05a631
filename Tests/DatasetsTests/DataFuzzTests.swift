import Components
import Datasets
import FileFormats
import Foundation
import Learning
import Randomness
import TestSupport
import Testing

/// Every parser of data files on damaged files: each gives examples or a typed error of one line, in
/// little time and memory. `RAMPART_FUZZ_INPUTS` sets how many inputs each format gets.
@Suite("Damaged data files", .serialized)
struct DataFuzzTests {
  /// One parser with the files to start from.
  struct Target: Sendable, CustomTestStringConvertible {
    var name: String
    var corpus: [String]
    var words: [String] = []
    /// Reads the damaged bytes; returns how many examples there are.
    var read: @Sendable ([UInt8]) throws -> Int

    var testDescription: String { name }
  }

  static let csvWords = [
    ",", "\n", "\r\n", "\"", "\"\"", "nan", "-inf", "1e999", "1e-999", "0x1p3", ";", "\u{FEFF}",
    "999999999999999999999", "é", ",,,", "\0",
  ]
  static let jsonWords = [
    "[", "]", "{", "}", ",", ":", "\"", "[[[[[[", "1e999", "NaN", "-", "\"users\"", "\"x\":[[]],",
    "\"y\":[0],", "\\u0000", "\\ud800", "null", "-1", "65536", "1e15",
  ]
  static let numpyWords = [
    "'shape': (", "99999999999,", "(1,", "(0,", "True", "'descr': '<f8'", "|O", "<U4", ">f4", "<f2",
    "\u{93}NUMPY", "PK\u{1}\u{2}", "PK\u{5}\u{6}", "x_train.npy", "y_test.npy",
  ]

  static let targets: [Target] = [
    Target(
      name: "idx",
      corpus: ["train-images.idx", "train-labels.idx", "train-table.idx", "train-classes.idx"]
    ) { try arrays(try IDXFile.parse($0, file: "f")) },
    Target(
      name: "idx.gz",
      corpus: ["train-images.idx.gz", "train-labels.idx.gz", "members.idx.gz"]
    ) { try arrays(try IDXFile.parse($0, file: "f")) },
    Target(
      name: "cifar",
      corpus: ["cifar-10-test.bin", "cifar-100-test.bin"]
    ) { bytes in
      let kind = CIFARData.Kind.allCases[bytes.count % 3]
      return try CIFARFile.parse(bytes, file: "f", kind: kind).count
    },
    Target(
      name: "csv", corpus: ["train.csv", "test.csv", "numbers-train.csv"], words: csvWords
    ) { bytes in
      var parameters = CSVData.Parameters()
      parameters.train = "f"
      parameters.normalise = Normalisation.Method.allCases[bytes.count % 3]
      if !bytes.contains(UInt8(ascii: ";")) {
        parameters.label = .name("kind")
        parameters.group = .name("site")
        parameters.ignore = [.name("id")]
      } else {
        parameters.separator = .semicolon
      }
      let split = try CSVData(parameters).split(bytes, test: nil, files: ("f", ""))
      return split.train.count
    },
    Target(
      name: "npz", corpus: ["split.npz", "packed.npz", "train.npz"], words: numpyWords
    ) { bytes in
      var parameters = NPZData.Parameters()
      parameters.train = "f"
      parameters.channelsLast = bytes.count % 2 == 0
      let archive = TensorArchive(
        file: "f", tensors: try NumPyFile.parseArchive(bytes, file: "f"))
      return try NPZData(parameters).split(archive, test: nil).train.count
    },
    Target(name: "npy", corpus: ["train-x.npy", "test-x.npy", "train-y.npy"], words: numpyWords) {
      try arrays(try NumPyFile.parse($0, file: "f"))
    },
    Target(
      name: "leaf", corpus: ["leaf-train/all_0.json", "leaf-train/all_1.json"], words: jsonWords
    ) { try LEAFFile.parse([("f", $0)]).count },
  ]

  /// The examples of an array with labels that fit it, or the number of labels.
  static func arrays(_ x: NamedTensor) throws -> Int {
    let count = min(x.shape.first ?? 0, 1 << 20)
    let y = NamedTensor(
      name: "y", shape: [count],
      values: .uint8([UInt8](repeating: 1, count: count)))
    if x.shape.count == 1 { return try ArrayExamples.examples(y, "f", x, "f").count }
    return try ArrayExamples.examples(x, "f", y, "f", channelsLast: true).count
  }

  static let inputs =
    ProcessInfo.processInfo.environment["RAMPART_FUZZ_INPUTS"].flatMap { Int($0) }
    ?? (isOptimizedBuild ? 20_000 : 2_000)

  @Test("give examples or one line of error, quickly and in bounded memory", arguments: targets)
  func damaged(_ target: Target) throws {
    let corpus = try target.corpus.map { try DataFiles.bytes($0) }
    var mutator = Mutator(
      corpus, words: target.words, generator: testGenerator(name: "fuzz \(target.name)"))
    let clock = ContinuousClock()
    let peak = Self.peakMemory()
    var (read, refused) = (0, 0)
    var slowest = Duration.zero
    for number in 0..<Self.inputs {
      let bytes = mutator.next()
      let start = clock.now
      let problem = Self.problem(target, bytes)
      slowest = max(slowest, clock.now - start)
      if problem == nil { read += 1 } else { refused += 1 }
      if let problem, problem.isEmpty || problem.contains("\n") || problem.utf8.count > 4000 {
        Issue.record("\(target.name), input \(number): '\(problem)'")
      }
    }
    #expect(read > 0 && refused > 0, "\(read) read, \(refused) refused")
    #expect(slowest < .seconds(5))
    // Inputs have a few kilobytes; deflate makes a thousand times that of them at most.
    #expect(Self.peakMemory() - peak < 1 << 30)
  }

  /// The message of a typed error; nil if the bytes could be read; empty for any other error.
  static func problem(_ target: Target, _ bytes: [UInt8]) -> String? {
    do {
      _ = try target.read(bytes)
      return nil
    } catch let error as DataError {
      return error.description
    } catch let error as TensorFileError {
      return error.description
    } catch {
      return ""
    }
  }

  /// The most memory the process has had at once, mapped or not touched yet, in bytes.
  static func peakMemory() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmPeak:") } ?? ""
    return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1024
  }

  @Test("cut off anywhere, a file is refused or still complete", arguments: targets)
  func truncated(_ target: Target) throws {
    for name in target.corpus {
      let bytes = try DataFiles.bytes(name)
      for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 300)) {
        let problem = Self.problem(target, Array(bytes[..<count]))
        // A table cut between two rows is a table, and one cut inside the last number of one too.
        if target.name != "csv" {
          #expect(problem != nil, "\(name) reads with \(count) bytes")
        }
      }
    }
  }
}
