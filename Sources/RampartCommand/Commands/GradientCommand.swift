internal import CommandLineTools
internal import Components
internal import Experiments
internal import FileFormats
internal import Foundation

extension CommandSpec {
  /// `rampart gradient`.
  static let gradient = CommandSpec(
    "gradient",
    abstract: "Compute the gradient of a model's loss on a batch, from files to a file.",
    discussion: """
      Prints the mean cross-entropy and writes its gradient by every parameter, under the \
      parameters' names. Files are .npz or .safetensors. Weights are named by kind and order \
      (conv1.weight, conv1.bias, fc1.weight, norm1.weight ...) and lie as in PyTorch (OIHW, \
      outputs x inputs); the batch has x (float32, NCHW, or one row of features an example) and \
      y (int64). The shape of x is the model's input, the first size of the last layer's weights \
      is the number of classes. Normalisation and dropout work as in evaluation. If all weights \
      are float64, the computation and the gradient are, too.

      Exit status: 0 done, 1 the loss is not finite, 2 a file or the command line is wrong.
      """,
    parameters: [
      .option(
        "model", "MODEL", "The model as in an experiment: cnn-431k, 'mlp: {hidden: [64]}'.",
        required: true),
      .option("weights", "FILE", "The parameters.", kind: .file, required: true),
      .option("batch", "FILE", "The examples x and their labels y.", kind: .file, required: true),
      .option("out", "FILE", "Where the gradient goes.", kind: .file, required: true),
      .flag("json", "Print one JSON object instead of lines."),
    ]
  ) { arguments in
    let paths = ["weights", "batch", "out"].map { arguments.string($0) ?? "" }
    let (weights, batch, out) = (paths[0], paths[1], paths[2])
    let task: GradientTask
    do {
      try checkOutput(out, keeping: [("--weights", weights), ("--batch", batch)])
      task = try GradientTask(
        model: try YAML.parseInline(arguments.string("model") ?? "", source: "--model"),
        weights: try TensorArchive.read(weights), batch: try TensorArchive.read(batch))
    } catch let error as TensorFileError {
      throw UserError("\(error)")
    }
    if let note = task.note { Terminal.error.writeLine("note: \(note)") }
    let result = try task.run()
    do {
      try TensorArchive.write(result.gradient, to: out)
    } catch {
      throw UserError("\(error)")
    }
    let terminal = Terminal.output
    if arguments.flag("json") {
      terminal.writeLine(
        JSON.text(of: task.record(result, weights: weights, batch: batch, out: out)))
      return .done
    }
    terminal.writeLine("model     \(task.model), \(task.parameterCount) parameters")
    terminal.writeLine(
      "batch     \(task.examples) examples of shape \(task.inputShape), \(task.classes) classes")
    terminal.writeLine("loss      \(result.loss)")
    terminal.writeLine("gradient  norm \(result.norm), in \(out)")
    return .done
  }

  /// Checks where tensors are to be written, before the work for them begins.
  static func checkOutput(
    _ path: String, keeping inputs: [(option: String, path: String)]
  ) throws {
    try TensorArchive.checkDestination(path)
    if path.lowercased().hasSuffix(".npy") {
      throw TensorFileError(
        file: path, "a .npy file holds one array",
        expected: "a name that ends in .npz or .safetensors")
    }
    func resolved(_ path: String) -> String {
      URL(filePath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
    for input in inputs where resolved(input.path) == resolved(path) {
      throw UserError("--out: '\(path)' is what \(input.option) reads; name another file")
    }
  }
}

extension GradientTask {
  /// What `--json` prints.
  fileprivate func record(
    _ result: Result, weights: String, batch: String, out: String
  ) -> ConfigurationNode {
    func node(_ value: ConfigurationNode.Value) -> ConfigurationNode { ConfigurationNode(value) }
    func map(_ entries: [(String, ConfigurationNode.Value)]) -> ConfigurationNode.Value {
      .map(entries.map { .init(key: $0.0, node: node($0.1)) })
    }
    return node(
      map([
        ("model", .text(model)),
        ("loss", .number(result.loss)),
        ("gradientNorm", .number(result.norm)),
        ("examples", .integer(examples)),
        ("classes", .integer(classes)),
        ("inputShape", .list(inputShape.map { node(.integer($0)) })),
        ("parameters", .integer(parameterCount)),
        ("precision", .text(isDouble ? "float64" : "float32")),
        (
          "files",
          map([("weights", .text(weights)), ("batch", .text(batch)), ("gradient", .text(out))])
        ),
      ]))
  }
}
