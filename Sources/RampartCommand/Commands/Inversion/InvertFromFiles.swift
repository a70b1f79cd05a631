internal import CommandLineTools
internal import Components
internal import Experiments
internal import FileFormats
internal import Foundation
internal import GradientInversion
internal import Learning

/// One run of `rampart invert` on files.
struct InvertFromFiles {
  private let arguments: ParsedArguments
  private let task: InversionTask
  private let range: InputRange?
  private let shape: [Int]
  private let originals: Originals?
  private let output: PictureFolder?

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    let shape = Self.integers(arguments.string("shape"))
    self.shape = shape
    guard shape.count == 3 || shape.count == 1 else {
      throw UserError(
        "--shape: got \(shape.count) sizes; give channels, height, width as 3,32,32, or one number "
          + "of features")
    }
    let range = try arguments.string("normalisation").map {
      try NormalisationText.range($0, channels: shape.count == 3 ? shape[0] : 1)
    }
    self.range = range
    var options = InversionTask.Options()
    options.attack = arguments.string("attack") ?? options.attack
    options.unit = arguments.string("unit").flatMap(ObservedUpdate.Unit.init) ?? .gradient
    options.range = range
    options.batchSize = arguments.int("batch-size")
    options.steps = arguments.int("steps")
    options.restarts = arguments.int("restarts")
    options.isDouble = arguments.flag("double")
    options.inTraining = arguments.flag("training-mode")
    if let text = arguments.string("labels") {
      let labels = Self.integers(text)
      guard let small = labels.map(Int32.init(exactly:)) as? [Int32] else {
        throw UserError("--labels: got \(text); labels are whole numbers from 0")
      }
      options.labels = small
    }
    do {
      let files = try InversionFiles(
        model: try YAML.parseInline(arguments.string("model") ?? "", source: "--model"),
        shape: shape, weights: try TensorArchive.read(arguments.string("weights") ?? ""),
        gradient: try TensorArchive.read(arguments.string("gradient") ?? ""))
      options.training = try Self.training(
        arguments, examples: options.batchSize ?? options.labels?.count ?? 1)
      task = try InversionTask(files, options)
      originals = try arguments.string("originals").map {
        try Originals(try TensorArchive.read($0), shape: shape, range: range)
      }
    } catch let error as TensorFileError {
      throw UserError("\(error)")
    } catch let error as InversionError {
      throw UserError("\(error)")
    }
    output = try arguments.string("output").map { try PictureFolder($0) }
  }

  private static func integers(_ text: String?) -> [Int] {
    (text ?? "").split(separator: ",").compactMap { Int($0) }
  }

  private static func training(
    _ arguments: ParsedArguments, examples: Int
  ) throws -> LocalTraining? {
    guard let rate = arguments.double("learning-rate") else { return nil }
    let steps = arguments.int("local-steps") ?? 1
    guard examples % steps == 0 else {
      throw UserError(
        "--local-steps: \(examples) examples do not divide into \(steps) steps of equal size")
    }
    return try LocalTraining(
      rate: rate, momentum: arguments.double("momentum") ?? 0,
      batchSizes: [Int](repeating: examples / steps, count: steps))
  }

  func run() throws -> ExitStatus {
    for note in task.files.notes { Terminal.error.writeLine("warning: \(note)") }
    let clock = ContinuousClock()
    let start = clock.now
    let found = try task.run(
      workers: ChainArguments.workers(arguments), seed: UInt64(arguments.int("seed") ?? 0))
    let seconds = (clock.now - start) / .seconds(1)
    let images = found.inputs.map { range?.pixels($0) ?? $0 }
    var scores: InversionScores?
    var places: [Int?] = []
    if let originals, shape.count == 3 {
      var all = InversionScores(shape: try ImageShape(shape), classes: task.files.network.classes)
      if found.failure == nil {
        places = try all.add(
          images, labels: found.labels, originals: originals.pixels,
          trueLabels: originals.labels)
      } else {
        all.addFailure()
      }
      scores = all
    }
    let record = record(found, scores: scores, seconds: seconds)
    if let output {
      if shape.count == 3, shape[0] == 1 || shape[0] == 3 {
        try output.write(
          images, shape: shape, originals: originals?.pixels ?? [], places: places)
      } else if !images.isEmpty {
        try output.write(table: images)
      }
      try output.write(JSON.text(of: record) + "\n", to: "metrics.json")
    }
    if arguments.flag("json") {
      Terminal.output.writeLine(JSON.text(of: record))
    } else {
      for line in lines(found, scores: scores, seconds: seconds) {
        Terminal.output.writeLine(line)
      }
    }
    if let failure = found.failure {
      Terminal.error.writeLine(
        "attack failed: \(failure); this says nothing of protection: try another seed, more "
          + "restarts or another attack")
      return .failed
    }
    return .done
  }

  private func lines(
    _ found: InversionTask.Result, scores: InversionScores?, seconds: Double
  ) -> [String] {
    let options = task.options
    var lines = [
      "model     \(task.files.model), \(task.files.network.parameterCount) parameters",
      "attack    \(options.attack) on a \(options.unit.rawValue)"
        + (options.labels == nil ? "" : ", labels known"),
    ]
    if found.failure == nil {
      lines.append("found     \(found.inputs.count) of \(shape) in \(Self.short(seconds)) s")
      if !found.labels.isEmpty {
        lines.append("labels    \(found.labels.map { "\($0)" }.joined(separator: ", "))")
      }
      if let matching = found.matching { lines.append("distance  \(Self.short(matching))") }
    }
    for (name, value) in (scores?.figures ?? [:]).sorted(by: { $0.key < $1.key }) {
      lines.append("\(name): \(Self.short(value))")
    }
    if let output { lines.append("written   to \(output.path)") }
    return lines
  }

  private static func short(_ value: Double) -> String { String(format: "%.4g", value) }

  private func record(
    _ found: InversionTask.Result, scores: InversionScores?, seconds: Double
  ) -> ConfigurationNode {
    func node(_ value: ConfigurationNode.Value) -> ConfigurationNode { ConfigurationNode(value) }
    func map(_ entries: [(String, ConfigurationNode.Value)]) -> ConfigurationNode.Value {
      .map(entries.map { .init(key: $0.0, node: node($0.1)) })
    }
    func number(_ value: Double?) -> ConfigurationNode.Value {
      value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
    }
    let perImage = (scores?.examples ?? []).map { example in
      node(
        map([
          ("psnr", number(example.psnr)), ("grayPSNR", number(example.gray.cappedPSNR)),
          ("mse", number(example.score?.error.meanSquaredError)),
          ("ssim", number(example.score?.ssim)), ("msSSIM", number(example.score?.multiScaleSSIM)),
          ("gmsd", number(example.score?.gradientDeviation)),
          ("registeredPSNR", number(example.score?.registered.cappedPSNR)),
        ]))
    }
    return node(
      map([
        ("attack", .text(task.options.attack)), ("unit", .text(task.options.unit.rawValue)),
        ("model", .text(task.files.model)),
        ("outcome", .text(found.failure.map { "attack failed: \($0)" } ?? "found")),
        ("labels", .list(found.labels.map { node(.integer(Int($0))) })),
        ("matching", number(found.matching)),
        ("brokenAttempts", .integer(found.brokenAttempts)), ("seconds", .number(seconds)),
        (
          "figures",
          map(
            (scores?.figures ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, number($0.value)) })
        ),
        ("images", .list(perImage)),
      ]))
  }
}

/// The true examples, for scores.
private struct Originals {
  let pixels: [[Float]]
  let labels: [Int32]

  init(_ archive: TensorArchive, shape: [Int], range: InputRange?) throws {
    let x = try archive.tensor("x")
    guard Array(x.shape.dropFirst()) == shape, let count = x.shape.first, count >= 1 else {
      throw UserError(
        "\(archive.file): x: has shape \(x.shape); expected examples of --shape \(shape)")
    }
    let values = try x.floats
    let width = shape.reduce(1, *)
    let rows = (0..<count).map { Array(values[($0 * width)..<(($0 + 1) * width)]) }
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      throw UserError("\(archive.file): x: flat index \(bad) is not finite")
    }
    pixels = rows.map { range?.pixels($0) ?? $0 }
    labels = try archive["y"]?.integers.map { Int32(clamping: $0) } ?? []
  }
}
