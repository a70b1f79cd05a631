import Datasets
import FileFormats
import Foundation
import Learning
import Randomness
import Testing

@Suite("rampart train")
struct TrainCommandTests {
  /// What `--json` printed, as far as tests ask.
  private struct Record: Decodable {
    struct Point: Decodable, Equatable {
      var epoch: Int
      var accuracy: Double
      var loss: Double
    }
    var model: String
    var seed: Int
    var epochs: Int
    var steps: Int
    var parameters: Int
    var testExamples: Int
    var finalAccuracy: Double
    var finalLoss: Double
    var curve: [Point]
  }

  private func record(_ result: Program.Result) throws -> Record {
    try JSONDecoder().decode(Record.self, from: Data(result.output.utf8))
  }

  @Test("the written weights have the printed accuracy and loss, computed by hand")
  func weights() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let result = try rampart(
      "train", "--data", "digits", "--model", "logistic", "--training", "{rounds: 3}", "--seed",
      "4", "--out", "w.npz", "--json")
    #expect(result.status == 0, "\(result.errors)")
    let found = try record(result)
    #expect((found.model, found.seed, found.epochs, found.steps) == ("logistic", 4, 3, 390))
    let archive = try TensorArchive.read(rampart.path("w.npz"))
    #expect(archive.tensors.map(\.name) == ["fc1.weight", "fc1.bias"])
    let weight = try archive.tensor("fc1.weight").doubles
    let bias = try archive.tensor("fc1.bias").doubles
    var generator = Generator(seed: 4)
    let test = try Digits().load(using: &generator).test
    var (correct, loss) = (0, 0.0)
    for index in 0..<test.count {
      let x = test.features(of: index).map(Double.init)
      var logits = bias
      for c in 0..<10 {
        for (feature, value) in x.enumerated() { logits[c] += value * weight[64 * c + feature] }
      }
      let label = Int(test.labels[index])
      loss += log(logits.reduce(0) { $0 + exp($1) }) - logits[label]
      if logits.firstIndex(of: logits.max() ?? 0) == label { correct += 1 }
    }
    #expect(found.finalAccuracy == Double(correct) / Double(test.count))
    #expect(abs(found.finalLoss - loss / Double(test.count)) < 1e-5)
    #expect(found.finalAccuracy > 0.8)
    let gradient = try rampart(
      "gradient", "--model", "logistic", "--weights", "w.npz", "--batch", "w.npz", "--out", "g.npz")
    #expect(gradient.errors.contains("w.npz: there is no array 'x'"))
  }

  @Test("a file and the same words as options give the same bits, another seed gives others")
  func sameWords() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let words = "{rounds: 2, epochs: 2, momentum: 0.9, learning-rate: 0.01}"
    try rampart.write(
      """
      model: {mlp: {hidden: [8]}}
      training: \(words)
      attack: [none, ipm]
      seeds: [7, 8]
      """, to: "e.yaml")
    let model = "mlp: {hidden: [8]}"
    let runs = [
      ["e.yaml"], ["--model", model, "--training", words, "--seed", "7"],
      ["e.yaml", "--training", "{rounds: 2}", "--model", "mlp: {hidden: [8]}"],
      ["e.yaml", "--seed", "8"],
    ]
    var bytes: [Data] = []
    for (index, run) in runs.enumerated() {
      let (process, _, errors) = try rampart.process(
        ["train", "--out", "\(index).safetensors"] + run)
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      #expect(try Data(contentsOf: errors).isEmpty)
      bytes.append(try Data(contentsOf: URL(filePath: rampart.path("\(index).safetensors"))))
    }
    #expect(bytes[0] == bytes[1])
    #expect(bytes[0] == bytes[2])
    #expect(bytes[0] != bytes[3])
  }

  @Test("optimiser and schedule act as written: a loop by hand ends at the same weights")
  func optimizer() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let result = try rampart(
      "train", "--training",
      "{rounds: 4, epochs: 2, learning-rate: 0.01, optimizer: {adamw: {beta1: 0.8}}, "
        + "weight-decay: 0.1, clipping-norm: 1, schedule: cosine, warm-up: 2, "
        + "label-smoothing: 0.1}", "--out", "w.npz")
    #expect(result.status == 0, "\(result.errors)")
    let root = Generator(seed: 1)
    var stream = root
    let data = try Digits().load(using: &stream).train
    let network = try Network(
      input: [64], [.dense(outputs: 10)], loss: .crossEntropy(labelSmoothing: 0.1))
    var initialization = root.fork("initialization", 0, 0)
    var parameters = network.initialParameters(using: &initialization)
    var options = OptimizerOptions(
      .adamW(AdamCoefficients(beta1: 0.8)), learningRate: 0.01, weightDecay: 0.1, clippingNorm: 1)
    var state = OptimizerState<Float>(for: network, options: options)
    // Two rounds up, then half a cosine over the other two; two passes each.
    for (epoch, share) in [1.0 / 3, 1.0 / 3, 2.0 / 3, 2.0 / 3, 1, 1, 0.5, 0.5].enumerated() {
      options.learningRate = 0.01 * share
      var generator = root.fork("training", UInt64(epoch), 0)
      try trainEpochs(
        network: network, parameters: &parameters, state: &state, examples: data, epochs: 1,
        batchSize: 10, options: options, workspace: Workspace(for: network), generator: &generator)
    }
    let archive = try TensorArchive.read(rampart.path("w.npz"))
    let found = try archive.tensor("fc1.weight").doubles + archive.tensor("fc1.bias").doubles
    let expected = try network.layout.named(parameters).flatMap(\.values)
    #expect(found.count == expected.count)
    let largest = zip(found, expected).map { abs($0 - Double($1)) }.max()
    #expect(try #require(largest) < 1e-5)
  }

  @Test("measurements come every evaluate-every rounds and after the last, as plain lines")
  func lines() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let training = "{rounds: 5, epochs: 2, evaluate-every: 2}"
    let result = try rampart("train", "--training", training)
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(lines[0] == "data       digits, 1297 examples")
    #expect(lines[1] == "model      logistic, 650 parameters")
    #expect(lines[2].hasSuffix(", 10 epochs"))
    #expect(lines[3] == "seed       1")
    #expect(
      lines.filter { $0.hasPrefix("epoch ") }.map { $0.prefix(10) } == [
        "epoch    4", "epoch    8", "epoch   10",
      ])
    #expect(lines.last?.hasPrefix("final ") == true)
    #expect(!result.output.contains("\u{1B}"))
    let json = try rampart("train", "--training", training, "--json")
    #expect(try record(json).curve.map(\.epoch) == [4, 8, 10])
    #expect(json.errors.contains("epoch    8  accuracy"))
  }

  @Test("pooled training and a federation of one client that holds everything take the same steps")
  func oneClient() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write(
      "partition: {iid: {clients: 1}}\nthreat: {attackers: 0}\ntraining: {rounds: 10}",
      to: "one.yaml")
    let federated = try rampart("run", "one.yaml")
    #expect(federated.status == 0, "\(federated.errors)")
    let accuracy = try #require(federated.output.firstMatch(of: /final ([0-9.]+)%/)?.output.1)
    let pooled = try record(try rampart("train", "one.yaml", "--json"))
    // The same weights to start from and the same batches; the federation adds a difference back.
    #expect(abs((Double(accuracy) ?? 0) - pooled.finalAccuracy * 100) < 0.06)
  }

  @Test(
    "what cannot be trained is refused with what would work",
    arguments: [
      (["absent.yaml"], "absent.yaml: there is no such file"),
      (["--model", "mpl"], "--model:1:1: unknown model 'mpl'; did you mean 'mlp'?"),
      (["--model", "text"], "--model:1:1: model text: the input shape must be a single number"),
      (["--data", "digit"], "--data:1:1: unknown data 'digit'; did you mean 'digits'?"),
      (["--training", "{rounds: 0}"], "--training:1:10: training: rounds: must be 1 or more"),
      (["--training", "{lerning-rate: 1}"], "did you mean 'learning-rate'?"),
      (["--training", "{rounds: 4611686018427387904, epochs: 4}"], "are too many"),
      (["two.yaml"], "model has several entries (logistic, mlp); pick one with --only model=NAME"),
      (["two.yaml", "--only", "model=krum"], "unknown model 'krum'"),
      (["--out", "w.txt"], "w.txt: unknown extension '.txt'"),
      (["--out", "no/w.npz"], "no/w.npz: cannot be written: there is no folder 'no'"),
      (["--out", "w.npy"], "w.npy: a .npy file holds one array"),
      (["--training", "{rounds: 20, learning-rate: 1e38}"], "--training:1:29: training diverged"),
    ])
  func refused(_ words: [String], _ message: String) throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write("model: [logistic, mlp]", to: "two.yaml")
    let (process, _, errors) = try rampart.process(["train"] + words)
    try process.run()
    process.waitUntilExit()
    let said = try String(contentsOf: errors, encoding: .utf8)
    #expect(process.terminationStatus == 2, "\(said)")
    #expect(said.hasPrefix("error: "))
    #expect(said.contains(message), "\(said)")
    let chosen = try rampart("train", "two.yaml", "--only", "model=mlp", "--training", "rounds: 1")
    #expect(chosen.output.contains("mlp, 55210 parameters"))
  }
}
