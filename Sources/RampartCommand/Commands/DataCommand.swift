internal import CommandLineTools
internal import Components
internal import Datasets
internal import Experiments
internal import FileFormats
internal import Reports

extension CommandSpec {
  /// `rampart data`.
  static let data = CommandSpec(
    "data",
    abstract: "Look at data and partitions, or write data in another format.",
    subcommands: [dataSummary, dataConvert])

  /// `rampart data summary`.
  private static let dataSummary = CommandSpec(
    "summary",
    abstract: "Show what data are and what clients get of them.",
    discussion: """
      FILE is an experiment (.yaml), or data: .npz, .npy, .csv, .tsv, IDX (.idx, -ubyte), CIFAR's \
      .bin, LEAF's .json, packed by gzip or not, or a folder of them; labels and test files are \
      found beside it by their names. Without FILE, --data and --partition say it in the words of \
      an experiment; without those, too, it is the built-in experiment.

      For data alone: counts of each class, values, groups. For each partition of an experiment: \
      sizes, label distances (EMD: sum over classes of |p_k(c) - p(c)|, Zhao et al. 2018), \
      divergence, overlap, examples left out, SHA-256 of the index map, and every client's shares \
      of the classes, drawn as in a run with the same seed.

      Exit status: 0 done, 2 a file or the command line is wrong.
      """,
    parameters: [
      .argument("FILE", "An experiment or data.", .optional, kind: .file),
      .option("data", "DATA", "The data: digits, 'csv: {train: t.csv, label: class}'."),
      .option("partition", "PARTITION", "The partition: 'dirichlet: {clients: 20, alpha: 0.1}'."),
      .option(
        "only", "AXIS=NAME", "Only this entry of data or partition; given twice, either.",
        kind: .pair(axisWords().filter { ["data", "partition"].contains($0.key) }), repeated: true),
      .option(
        "seed", "N", "The seed (default: the experiment's first).", kind: .integer(in: 0...Int.max)),
      .option(
        "format", "FORMAT", "text, csv (a row a client) or json.",
        kind: .oneOf("format", DataFormat.allCases.map(\.rawValue)), default: "text"),
      .option("svg", "FILE", "Also draw the partitions, side by side, to this file.", kind: .file),
    ]
  ) { arguments in
    let (experiment, isDataAlone) = try DataArguments.experiment(arguments)
    let svg = arguments.string("svg")
    if isDataAlone, svg != nil {
      throw UserError("--svg: there is no partition to draw; give one with --partition")
    }
    let survey = try DataSurvey(
      experiment, selection: Selection(only: arguments.pairs("only")),
      seed: arguments.int("seed").map { UInt64($0) }, divides: !isDataAlone)
    let report = DataReport(survey)
    let format = DataFormat(rawValue: arguments.string("format") ?? "") ?? .text
    let terminal = Terminal.output
    if let svg, let figure = report.figure() { try TextFile.write(figure, to: svg) }
    terminal.write(
      report.text(
        format,
        options: ReportOptions(width: terminal.width, usesColour: terminal.usesColour)))
    return .done
  }
}

/// What the words of `rampart data` mean.
enum DataArguments {
  /// The experiment, and whether only its data were asked for.
  static func experiment(
    _ arguments: ParsedArguments
  ) throws -> (experiment: Experiment, isDataAlone: Bool) {
    let file = arguments.positional("FILE")
    let changes = [Axis.data, .partition].compactMap { axis in
      arguments.string(axis.rawValue).map { (axis, $0, "--\(axis.rawValue)") }
    }
    let isDivided = arguments.isGiven("partition")
    if let file, let data = try dataNode(file) {
      guard !arguments.isGiven("data") else {
        throw UserError("'\(file)' is data, and --data names data, too; give one of them")
      }
      var entries = [ConfigurationNode.Entry(key: "data", node: data)]
      if let text = arguments.string("partition") {
        let node = try YAML.parseInline(text, source: "--partition")
        entries.append(.init(key: "partition", node: node))
      }
      return (try Experiment(ConfigurationNode(.map(entries))), !isDivided)
    }
    if file == nil, changes.isEmpty { return (try Experiment.builtIn(), false) }
    return (try Experiment.read(path: file, changes: changes), file == nil && !isDivided)
  }

  /// The data that a path means by its name; nil if it may be an experiment.
  static func dataNode(_ path: String) throws -> ConfigurationNode? {
    do {
      return try DataFileKind.data(at: path)
    } catch {
      throw UserError("\(error)")
    }
  }
}
