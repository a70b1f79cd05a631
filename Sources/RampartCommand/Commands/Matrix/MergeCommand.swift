internal import CommandLineTools
internal import Experiments

extension CommandSpec {
  /// `rampart merge`.
  static let merge = CommandSpec(
    "merge",
    abstract: "Join the shards of one experiment into one run directory.",
    discussion: "Nothing is removed: the shards stay as they are.",
    parameters: [
      .argument("RUN", "A run directory.", .variadic(minimum: 1), kind: .folder),
      .option("out", "RUN", "Where the whole goes.", kind: .folder, required: true),
    ]
  ) { arguments in
    let target = arguments.string("out") ?? ""
    let gained = try MatrixMerge.merge(arguments.positionals("RUN"), into: target)
    let results = try MatrixResults(folder: target)
    let pending = results.rows.count { $0.status == .pending }
    Terminal.output.writeLine(
      "\(target): \(gained) results added, "
        + (pending == 0 ? "complete" : "\(pending) runs still pending"))
    if results.blasCores.count > 1 {
      Terminal.error.writeLine(
        "warning: results come from different OpenBLAS kernels "
          + "(\(results.blasCores.joined(separator: ", "))); they may differ in the last digits")
    }
    return .done
  }
}
