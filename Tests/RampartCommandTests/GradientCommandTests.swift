import FileFormats
import Foundation
import Randomness
import TestSupport
import Testing

@Suite("rampart gradient")
struct GradientCommandTests {
  private static func vector(_ name: String) -> String {
    testsDirectory.appending(path: "Vectors/tensors/gradient-\(name).npz").path
  }

  /// What `--json` printed.
  private struct Record: Decodable {
    var model: String
    var loss: Double
    var gradientNorm: Double
    var examples: Int
    var classes: Int
    var inputShape: [Int]
    var parameters: Int
    var precision: String
    var files: [String: String]
  }

  private func record(_ result: Program.Result) throws -> Record {
    try JSONDecoder().decode(Record.self, from: Data(result.output.utf8))
  }

  @Test(
    "loss and gradient are PyTorch's, in double precision to 1e-12",
    arguments: ["npz", "safetensors"])
  func double(ending: String) throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let result = try rampart(
      "gradient", "--model", "mlp: {hidden: [5]}", "--weights", Self.vector("weights"), "--batch",
      Self.vector("batch"), "--out", "g.\(ending)", "--json")
    #expect(result.status == 0, "\(result.errors)")
    let expected = try TensorArchive.read(Self.vector("expected"))
    let found = try record(result)
    #expect(abs(found.loss - (try expected.tensor("loss").doubles[0])) < 1e-12)
    #expect(found.model == "mlp(hidden=[5])")
    #expect(found.examples == 7)
    #expect(found.classes == 3)
    #expect(found.inputShape == [2, 2, 2])
    #expect(found.parameters == 63)
    #expect(found.precision == "float64")
    #expect(found.files["gradient"] == "g.\(ending)")
    let gradient = try TensorArchive.read(rampart.path("g.\(ending)"))
    #expect(gradient.tensors.map(\.name) == ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"])
    var squares = 0.0
    for tensor in gradient.tensors {
      let reference = try expected.tensor(tensor.name)
      #expect(tensor.shape == reference.shape)
      for (mine, theirs) in zip(try tensor.doubles, try reference.doubles) {
        #expect(abs(mine - theirs) < 1e-12, "\(tensor.name)")
        squares += theirs * theirs
      }
    }
    #expect(abs(found.gradientNorm - squares.squareRoot()) < 1e-12)
  }

  @Test("single-precision weights give a single-precision gradient, close to PyTorch's double one")
  func single() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let weights = try TensorArchive.read(Self.vector("weights")).tensors.map {
      NamedTensor(name: $0.name, shape: $0.shape, values: .float32(try $0.floats))
    }
    try TensorArchive.write(weights.reversed(), to: rampart.path("w.safetensors"))
    let result = try rampart(
      "gradient", "--model", "{mlp: {hidden: [5]}}", "--weights", "w.safetensors", "--batch",
      Self.vector("batch"), "--out", "g.npz")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("model     mlp(hidden=[5]), 63 parameters\n"))
    #expect(
      result.output.contains("batch     7 examples of shape [2, 2, 2], 3 classes\nloss      "))
    let expected = try TensorArchive.read(Self.vector("expected"))
    for tensor in try TensorArchive.read(rampart.path("g.npz")).tensors {
      #expect(tensor.values.type == .float32)
      for (mine, theirs) in zip(try tensor.doubles, try expected.tensor(tensor.name).doubles) {
        #expect(abs(mine - theirs) < 1e-6)
      }
    }
  }

  /// A change to the good files, and what the program must say about it.
  struct Mistake: CustomTestStringConvertible, Sendable {
    var says: String
    var weights: [NamedTensor] = []
    var batch: [NamedTensor] = []
    var model = "mlp: {hidden: [5]}"
    var drop: [String] = []
    var testDescription: String { says }
  }

  private static func tensor(_ name: String, _ shape: [Int], _ value: Float = 0) -> NamedTensor {
    NamedTensor(
      name: name, shape: shape, values: .float32(Array(repeating: value, count: shape.reduce(1, *)))
    )
  }

  private static func labels(_ values: [Int64]) -> NamedTensor {
    NamedTensor(name: "y", shape: [values.count], values: .int64(values))
  }

  static let mistakes: [Mistake] = [
    Mistake(says: "w.npz: 'fc1.bias' is missing; expected shape [5]", drop: ["fc1.bias"]),
    Mistake(
      says: "w.npz: 'fc1.wieght' is no part of the model; nearest: 'fc1.weight'",
      weights: [tensor("fc1.wieght", [5, 8])], drop: ["fc1.weight"]),
    Mistake(says: "w.npz: 'fc3.bias' is no part of the model", weights: [tensor("fc3.bias", [3])]),
    Mistake(
      says: "w.npz: 'fc1.weight' has shape [8, 5]; expected [5, 8] (outputs first",
      weights: [tensor("fc1.weight", [8, 5])]),
    Mistake(
      says: "w.npz: 'fc1.bias' has the value nan at flat index 0",
      weights: [tensor("fc1.bias", [5], .nan)]),
    Mistake(
      says: "w.npz: 'fc1.weight' has shape [5, 8]; expected [6, 8]", model: "mlp: {hidden: [6]}"),
    Mistake(
      says: "w.npz: fc1.bias: holds int64 values; expected floating-point numbers",
      weights: [NamedTensor(name: "fc1.bias", shape: [5], values: .int64([0, 0, 0, 0, 0]))]),
    Mistake(
      says: "w.npz: fc2.weight: has shape [1, 5]; expected the number of classes, at least 2",
      weights: [tensor("fc2.weight", [1, 5])]),
    Mistake(
      says: "b.npz: there is no array 'y'; expected it beside what the file has: x", drop: ["y"]),
    Mistake(
      says: "b.npz: there is no array 'x'; expected it beside what the file has: images, y",
      batch: [tensor("images", [7, 8])], drop: ["x"]),
    Mistake(
      says: "b.npz: x: has shape [7]; expected [examples, channels", batch: [tensor("x", [7])]),
    Mistake(
      says: "b.npz: x: has shape [0, 2, 2, 2]; expected at least one example",
      batch: [tensor("x", [0, 2, 2, 2]), labels([])]),
    Mistake(
      says: "b.npz: x: has shape [7, 0]; expected at least one example",
      batch: [tensor("x", [7, 0])]),
    Mistake(
      says: "b.npz: y: has shape [3]; expected [7], one label for each example of x",
      batch: [labels([0, 1, 2])]),
    Mistake(
      says: "b.npz: y: has shape [7, 1]; expected [7]",
      batch: [NamedTensor(name: "y", shape: [7, 1], values: .int64([0, 1, 2, 0, 1, 2, 0]))]),
    Mistake(
      says: "b.npz: y: example 3 has label 3; expected 0 to 2",
      batch: [labels([0, 1, 2, 3, 0, 0, -1])]),
    Mistake(
      says: "b.npz: y: example 6 has label -1; expected 0 to 2",
      batch: [labels([0, 1, 2, 0, 0, 0, -1])]),
    Mistake(
      says: "b.npz: y: holds float32 values; expected integers", batch: [tensor("y", [7])]),
    Mistake(
      says: "b.npz: x: has the value nan at flat index 0 (example 0); expected finite numbers",
      batch: [tensor("x", [7, 8], .nan)]),
    Mistake(
      says: "b.npz: x: holds uint8 values; expected float32 ones, scaled",
      batch: [NamedTensor(name: "x", shape: [1, 8], values: .uint8([0, 0, 0, 0, 0, 0, 0, 0]))]),
    Mistake(says: "--model:1:1: unknown model 'mpl'; did you mean 'mlp'?", model: "mpl"),
    Mistake(
      says: "--model:1:7: unknown parameter of model 'mlp' 'hiden'; did you mean 'hidden'?",
      model: "mlp: {hiden: [5]}"),
  ]

  @Test("what is wrong with a file is said with file, array, got and expected", arguments: mistakes)
  func refusal(of mistake: Mistake) throws {
    let rampart = try Program()
    defer { rampart.remove() }
    func write(_ vector: String, with changes: [NamedTensor], to name: String) throws {
      let dropped = mistake.drop + changes.map(\.name)
      let kept = try TensorArchive.read(Self.vector(vector)).tensors.filter {
        !dropped.contains($0.name)
      }
      let tensors = (changes + kept).sorted { $0.name < $1.name }
      try TensorArchive.write(tensors, to: rampart.path(name))
    }
    try write("weights", with: mistake.weights, to: "w.npz")
    try write("batch", with: mistake.batch, to: "b.npz")
    let result = try rampart(
      "gradient", "--model", mistake.model, "--weights", "w.npz", "--batch", "b.npz", "--out",
      "g.npz", "--json")
    #expect(result.status == 2)
    #expect(result.errors.contains("error: \(mistake.says)"), "\(result.errors)")
    #expect(result.output.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: rampart.path("g.npz")))
  }

  @Test("every mistake in the weights is reported at once")
  func allMistakes() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try TensorArchive.write(
      [
        Self.tensor("fc1.weight", [5, 7]), Self.tensor("fc2.weight", [3, 5]), Self.tensor("z", [1]),
      ],
      to: rampart.path("w.npz"))
    let result = try rampart(
      "gradient", "--model", "mlp: {hidden: [5]}", "--weights", "w.npz", "--batch",
      Self.vector("batch"), "--out", "g.npz")
    #expect(result.status == 2)
    #expect(
      result.errors == """
        error: w.npz: 'fc1.weight' has shape [5, 7]; expected [5, 8]
        error: w.npz: 'fc1.bias' is missing; expected shape [5]
        error: w.npz: 'fc2.bias' is missing; expected shape [3]
        error: w.npz: 'z' is no part of the model

        """)
  }

  @Test(
    "files that are not there, damaged, mislabelled or in the way are refused",
    arguments: [
      (["absent.npz", "b.npz", "g.npz"], "absent.npz: there is no such file"),
      (["w.npz", "cut.npz", "g.npz"], "cut.npz: this is no ZIP archive, or a damaged one"),
      (
        ["w.npz", "cut.safetensors", "g.npz"], "cut.safetensors: the content is that of a .npz file"
      ),
      (["w.npz", "text.npz", "g.npz"], "text.npz: this is no ZIP archive"),
      (["w.npz", "b.npz", "g.pt"], "g.pt: unknown extension '.pt'"),
      (["w.npz", "b.npz", "g.npy"], "g.npy: a .npy file holds one array"),
      (["w.npz", "b.npz", "./w.npz"], "--out: './w.npz' is what --weights reads"),
      (
        ["w.npz", "b.npz", "no/g.npz"],
        "no/g.npz: cannot be written: there is no folder 'no'"
      ),
      (["w.npz", "b.npz"], "--out"),
    ])
  func files(_ names: [String], _ message: String) throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let batch = try Data(contentsOf: URL(filePath: Self.vector("batch")))
    try batch.write(to: URL(filePath: rampart.path("b.npz")))
    try batch.dropLast(9).write(to: URL(filePath: rampart.path("cut.npz")))
    try batch.write(to: URL(filePath: rampart.path("cut.safetensors")))
    try Data(contentsOf: URL(filePath: Self.vector("weights")))
      .write(to: URL(filePath: rampart.path("w.npz")))
    try rampart.write("hello", to: "text.npz")
    let options = zip(["--weights", "--batch", "--out"], names).flatMap { [$0, $1] }
    let (process, _, errors) = try rampart.process(
      ["gradient", "--model", "mlp: {hidden: [5]}"] + options)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
    let said = try String(contentsOf: errors, encoding: .utf8)
    #expect(said.hasPrefix("error: "))
    #expect(said.contains(message), "\(said)")
  }

  @Test("a loss beyond the numbers is a failure and leaves no file")
  func overflow() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try TensorArchive.write(
      [Self.tensor("fc1.weight", [3, 8], 1e38), Self.tensor("fc1.bias", [3])],
      to: rampart.path("w.npz"))
    try TensorArchive.write(
      [Self.tensor("x", [1, 8], 1e5), Self.labels([1])], to: rampart.path("b.npz"))
    let result = try rampart(
      "gradient", "--model", "logistic", "--weights", "w.npz", "--batch", "b.npz", "--out", "g.npz")
    #expect(result.status == 1)
    #expect(result.errors.contains("is not finite"))
    #expect(!FileManager.default.fileExists(atPath: rampart.path("g.npz")))
  }

  /// Weights as PyTorch would draw them, in double precision.
  private static func random(
    _ shapes: KeyValuePairs<String, [Int]>, using generator: inout Generator
  ) -> [NamedTensor] {
    shapes.map { name, shape in
      let fan = shape.count > 1 ? shape.dropFirst().reduce(1, *) : 100
      let values = (0..<shape.reduce(1, *)).map { _ in
        (2 * generator.uniform() - 1) / Double(fan).squareRoot()
      }
      return NamedTensor(name: name, shape: shape, values: .float64(values))
    }
  }

  @Test("a step along cnn-431k's gradient changes the loss by the gradient's squared norm")
  func directionalDerivative() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    var generator = Generator(seed: 3)
    let weights = Self.random(
      [
        "conv1.weight": [20, 1, 5, 5], "conv1.bias": [20], "conv2.weight": [50, 20, 5, 5],
        "conv2.bias": [50], "fc1.weight": [500, 800], "fc1.bias": [500], "fc2.weight": [10, 500],
        "fc2.bias": [10],
      ], using: &generator)
    let x = NamedTensor(
      name: "x", shape: [3, 1, 8, 8],
      values: .float32((0..<192).map { _ in Float(generator.uniform()) }))
    try TensorArchive.write([x, Self.labels([4, 0, 9])], to: rampart.path("b.npz"))
    func run(_ tensors: [NamedTensor]) throws -> Record {
      try TensorArchive.write(tensors, to: rampart.path("w.npz"))
      let result = try rampart(
        "gradient", "--model", "cnn-431k", "--weights", "w.npz", "--batch", "b.npz", "--out",
        "g.npz", "--json")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("note: images of b.npz are resized from 8x8 to 28x28"))
      return try record(result)
    }
    let start = try run(weights)
    #expect(start.parameters == 431_080)
    #expect(start.inputShape == [1, 28, 28])
    let gradient = try TensorArchive.read(rampart.path("g.npz"))
    // Central differences: an error of order h^2 in the loss's third derivative, and of 1e-16 / h.
    let h = 1e-4 / start.gradientNorm
    func moved(_ sign: Double) throws -> Double {
      let step = try weights.map { tensor in
        let slope = try gradient.tensor(tensor.name).doubles
        let values = zip(try tensor.doubles, slope).map { $0 + sign * h * $1 }
        return NamedTensor(name: tensor.name, shape: tensor.shape, values: .float64(values))
      }
      return try run(step).loss
    }
    let slope = (try moved(1) - moved(-1)) / (2 * h)
    #expect(abs(slope / (start.gradientNorm * start.gradientNorm) - 1) < 1e-6)
  }

  @Test("running statistics are read, used as in evaluation, and have no gradient")
  func statistics() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    func vector(_ name: String, _ values: [Double]) -> NamedTensor {
      NamedTensor(name: name, shape: [values.count], values: .float64(values))
    }
    // One example x = (3, 5) of 2 channels, normalised to ((3-1)/2, (5-1)/4) = (1, 1), then two
    // logits w·(1, 1) = (0, 0): loss ln 2; their gradients -1/2 and 1/2 times (1, 1).
    let weights = [
      vector("norm1.weight", [1, 1]), vector("norm1.bias", [0, 0]),
      vector("norm1.running_mean", [1, 1]),
      vector("norm1.running_var", [4 - 1e-5, 16 - 1e-5]),
      NamedTensor(name: "norm1.num_batches_tracked", shape: [], values: .int64([7])),
      NamedTensor(name: "fc1.weight", shape: [2, 2], values: .float64([1, -1, -1, 1])),
      vector("fc1.bias", [0, 0]),
    ]
    try TensorArchive.write(weights, to: rampart.path("w.npz"))
    try TensorArchive.write(
      [
        NamedTensor(name: "x", shape: [1, 2, 1, 1], values: .float32([3, 5])), Self.labels([0]),
      ], to: rampart.path("b.npz"))
    let result = try rampart(
      "gradient", "--model", "sequential: {layers: [batch-norm, dense: classes]}", "--weights",
      "w.npz", "--batch", "b.npz", "--out", "g.npz", "--json")
    #expect(result.status == 0, "\(result.errors)")
    #expect(try record(result).precision == "float64")
    #expect(try abs(record(result).loss - log(2)) < 1e-12)
    let gradient = try TensorArchive.read(rampart.path("g.npz"))
    #expect(
      gradient.tensors.map(\.name) == ["norm1.weight", "norm1.bias", "fc1.weight", "fc1.bias"])
    let slopes = try gradient.tensor("fc1.weight").doubles
    for (slope, expected) in zip(slopes, [-0.5, -0.5, 0.5, 0.5]) {
      #expect(abs(slope - expected) < 1e-12)
    }
  }

  @Test("a list of layers with a fixed number of outputs, and tokens out of range")
  func otherModels() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try TensorArchive.write(
      [Self.tensor("fc1.weight", [7, 4]), Self.tensor("fc1.bias", [7])],
      to: rampart.path("w.npz"))
    try TensorArchive.write(
      [Self.tensor("x", [1, 4]), Self.labels([6])], to: rampart.path("b.npz"))
    let fixed = try rampart(
      "gradient", "--model", "sequential: {layers: [dense: 7]}", "--weights", "w.npz", "--batch",
      "b.npz", "--out", "g.npz", "--json")
    #expect(fixed.status == 0, "\(fixed.errors)")
    #expect(try abs(record(fixed).loss - log(7)) < 1e-6)

    try TensorArchive.write(
      [
        Self.tensor("embedding1.weight", [5, 2]), Self.tensor("fc1.weight", [3, 2]),
        Self.tensor("fc1.bias", [3]),
      ], to: rampart.path("t.npz"))
    for (token, words) in [(5, "the value 5.0"), (1.5, "the value 1.5"), (-1, "the value -1.0")] {
      try TensorArchive.write(
        [Self.tensor("x", [1, 3], Float(token)), Self.labels([2])], to: rampart.path("b.npz"))
      let result = try rampart(
        "gradient", "--model", "text: {vocabulary: 5, dimension: 2}", "--weights", "t.npz",
        "--batch", "b.npz", "--out", "g.npz")
      #expect(result.status == 2)
      #expect(
        result.errors.contains(
          "b.npz: x: has \(words) at flat index 0; expected token numbers, 0 to 4"))
    }
    let flat = try rampart(
      "gradient", "--model", "cnn-431k", "--weights", "t.npz", "--batch", "b.npz", "--out", "g.npz")
    #expect(flat.status == 2)
    #expect(flat.errors.contains("b.npz: x: model cnn-431k: the input shape must be an image"))
  }
}
