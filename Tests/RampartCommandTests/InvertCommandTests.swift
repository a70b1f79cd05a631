import Datasets
import FileFormats
import Foundation
import Learning
import Randomness
import TestSupport
import Testing

/// Weights, a batch of digits and its gradient in files, as another framework would leave them.
private struct DigitGradient {
  let rampart: Program
  let examples: LabeledExamples
  let indices: [Int]

  init(_ indices: [Int] = [3], hidden: Int = 16) throws {
    rampart = try Program()
    self.indices = indices
    var generator = testGenerator(name: "digit gradient")
    examples = try Digits().load(using: &generator).train
    let network = try MLP(MLP.Parameters(hidden: [hidden])).network(
      inputShape: [1, 8, 8], classes: 10)
    let parameters = network.initialParameters(using: &generator)
    try TensorArchive.write(
      try network.layout.named(parameters).map {
        NamedTensor(name: $0.name, shape: $0.shape, values: .float32($0.values))
      }, to: rampart.path("w.npz"))
    let batch = try examples.subset(indices)
    try TensorArchive.write(
      [
        NamedTensor(name: "x", shape: [indices.count, 1, 8, 8], values: .float32(batch.features)),
        NamedTensor(
          name: "y", shape: [indices.count], values: .int64(batch.labels.map { Int64($0) })),
      ], to: rampart.path("b.npz"))
    try rampart(
      "gradient", "--model", "mlp: {hidden: [\(hidden)]}", "--weights", "w.npz", "--batch", "b.npz",
      "--out", "g.npz")
    model = "mlp: {hidden: [\(hidden)]}"
  }

  private let model: String

  /// The gradient's arrays, changed, in another file.
  func write(_ name: String, _ change: (String, Int, Float) -> Float) throws {
    let tensors = try TensorArchive.read(rampart.path("g.npz")).tensors.map { tensor in
      NamedTensor(
        name: tensor.name, shape: tensor.shape,
        values: .float32(try tensor.floats.enumerated().map { change(tensor.name, $0, $1) }))
    }
    try TensorArchive.write(tensors, to: rampart.path(name))
  }

  func invert(_ more: [String], gradient: String = "g.npz") throws -> Program.Result {
    let words =
      ["invert", "--model", model, "--weights", "w.npz", "--gradient", gradient]
      + (more.contains("--shape") ? [] : ["--shape", "1,8,8"]) + more
    let (process, output, errors) = try rampart.process(words)
    try process.run()
    process.waitUntilExit()
    return Program.Result(
      status: process.terminationStatus,
      output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }
}

@Suite("rampart invert on files")
struct InvertCommandTests {
  private struct Record: Decodable {
    struct Image: Decodable {
      var psnr: Double
      var grayPSNR: Double
      var mse: Double
    }
    var outcome: String
    var labels: [Int]
    var figures: [String: Double]
    var images: [Image]
  }

  private func record(_ result: Program.Result) throws -> Record {
    try JSONDecoder().decode(Record.self, from: Data(result.output.utf8))
  }

  @Test("division gives the example back exactly, from a gradient and from a step along it")
  func dense() throws {
    let digit = try DigitGradient()
    defer { digit.rampart.remove() }
    try digit.write("d.npz") { -0.3 * $2 }
    try digit.write("p.npz") { 0.3 * $2 }
    let common = [
      "--attack", "dense-inversion", "--normalisation", "unit", "--originals", "b.npz", "--json",
    ]
    for (file, unit) in [
      ("g.npz", []), ("d.npz", ["--unit", "delta", "--learning-rate", "0.3"]),
      ("d.npz", ["--unit", "delta"]), ("p.npz", ["--unit", "pseudo-gradient"]),
    ] {
      let result = try digit.invert(common + unit, gradient: file)
      #expect(result.status == 0, "\(result.errors)")
      let found = try record(result)
      #expect(found.images.count == 1 && found.images[0].mse < 1e-9, "\(file) \(unit)")
    }
  }

  @Test("inverting-gradients reads the label off and beats gray; pictures and figures are written")
  func search() throws {
    let digit = try DigitGradient()
    defer { digit.rampart.remove() }
    let result = try digit.invert([
      "--normalisation", "unit", "--steps", "300", "--originals", "b.npz", "--output", "found",
      "--json",
    ])
    #expect(result.status == 0, "\(result.errors)")
    let found = try record(result)
    #expect(found.labels == [Int(digit.examples.labels[3])])
    #expect(found.figures["label overlap"] == 1)
    #expect(found.images[0].psnr > found.images[0].grayPSNR + 3)
    for name in ["image-1.png", "contact-sheet.png"] {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: digit.rampart.path("found/\(name)")))
      #expect([UInt8](bytes.prefix(8)) == [137, 80, 78, 71, 13, 10, 26, 10], "\(name)")
    }
    let kept = try JSONDecoder().decode(
      Record.self, from: Data(try digit.rampart.read("found/metrics.json").utf8))
    #expect(kept.images[0].psnr == found.images[0].psnr)
    // The same seed gives the same figures for any number of threads.
    let again = try digit.invert([
      "--normalisation", "unit", "--steps", "300", "--originals", "b.npz", "--jobs", "1", "--json",
    ])
    #expect(try record(again).images[0].psnr == found.images[0].psnr)
  }

  @Test("an attack that cannot stay finite has failed: status 1, and no word of protection")
  func failure() throws {
    let digit = try DigitGradient()
    defer { digit.rampart.remove() }
    try digit.write("huge.npz") { 1e30 * $2 }
    let result = try digit.invert(
      ["--attack", "dlg", "--steps", "3", "--json"], gradient: "huge.npz")
    #expect(result.status == 1)
    #expect(try record(result).outcome.hasPrefix("attack failed"))
    #expect(result.errors.contains("says nothing of protection"))
  }

  @Test("what is wrong with files or command line is said in a line, with what would work")
  func badInput() throws {
    let digit = try DigitGradient([3, 5])
    defer { digit.rampart.remove() }
    try digit.write("zero.npz") { _, _, _ in 0 }
    try digit.write("nan.npz") { name, index, value in
      name == "fc2.bias" && index == 4 ? .nan : value
    }
    let tensors = try TensorArchive.read(digit.rampart.path("g.npz")).tensors
    try TensorArchive.write(Array(tensors.dropLast()), to: digit.rampart.path("short.npz"))
    let unit = ["--normalisation", "unit", "--batch-size", "2"]
    for (words, file, expected) in [
      (unit, "short.npz", ["short.npz", "fc2.bias"]),
      (unit, "zero.npz", ["every entry is zero"]),
      (unit, "nan.npz", ["nan.npz", "fc2.bias", "flat index 4"]),
      (unit, "none.npz", ["none.npz"]),
      (unit + ["--labels", "1,10"], "g.npz", ["10", "0 to 9"]),
      (unit + ["--labels", "1,2,3"], "g.npz", ["known labels", "2"]),
      (["--normalisation", "imagenet"], "g.npz", ["unknown normalisation 'imagenet'", "unit"]),
      (["--normalisation", "0.5,0.5/0.2"], "g.npz", ["unknown normalisation"]),
      (["--normalisation", "0.5/0"], "g.npz", ["deviations", "positive"]),
      (["--batch-size", "2"], "g.npz", ["--normalisation"]),
      (unit + ["--attack", "inverting-gradient"], "g.npz", ["inverting-gradients"]),
      (unit + ["--unit", "delta"], "g.npz", ["--learning-rate"]),
      (unit + ["--shape", "1,9,9"], "g.npz", ["fc1.weight"]),
      (unit + ["--shape", "8,8"], "g.npz", ["--shape"]),
      (unit + ["--attack", "idlg"], "g.npz", ["must be 1"]),
      (unit + ["--attack", "r-gap", "--labels", "1,2"], "g.npz", ["one label"]),
      (unit + ["--attack", "fedavg-unroll"], "g.npz", ["--labels", "--learning-rate"]),
    ] {
      let result = try digit.invert(words, gradient: file)
      #expect(result.status == 2, "\(words) \(file): \(result.output) \(result.errors)")
      for part in expected {
        #expect(result.errors.contains(part), "\(words) \(file): \(result.errors)")
      }
    }
  }

  @Test("a summed loss, and a step where a gradient was promised, are warned about")
  func suspicions() throws {
    let digit = try DigitGradient([3])
    defer { digit.rampart.remove() }
    try digit.write("sum.npz") { 8 * $2 }
    try digit.write("delta.npz") { -0.1 * $2 }
    let words = ["--attack", "dense-inversion", "--normalisation", "unit"]
    #expect(try digit.invert(words).errors.isEmpty)
    #expect(try digit.invert(words, gradient: "sum.npz").errors.contains("summed over the batch"))
    #expect(try digit.invert(words, gradient: "delta.npz").errors.contains("--unit delta"))
  }
}
