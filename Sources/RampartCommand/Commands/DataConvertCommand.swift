internal import CommandLineTools
internal import Components
internal import Datasets
internal import Experiments
internal import FileFormats

extension CommandSpec {
  /// `rampart data convert`.
  static let dataConvert = CommandSpec(
    "convert",
    abstract: "Write data in another format, with labels, groups and class names.",
    discussion: """
      INPUT is data as 'rampart data summary' takes them, or --data names them in the words of an \
      experiment. The name after --to says the format: .npz (all of it in one file), .csv (and \
      NAME-test.csv beside it) or .idx (four files, NAME-train-images.idx ...). Examples to train on \
      and to test on stay what they are; values stay as the files have them, unless --data says \
      'normalise'. What is written is read back before and compared: a format that cannot hold the \
      data is refused. Prints the words that name the new files in an experiment.

      Exit status: 0 done, 2 a file or the command line is wrong.
      """,
    parameters: [
      .argument("FILE", "The data.", .optional, kind: .file),
      .option("data", "DATA", "The data: 'csv: {train: t.csv, label: class, group: site}'."),
      .option(
        "to", "OUTPUT", "The file to write: .npz, .csv or .idx.", kind: .file, required: true),
      .flag("force", "Replace files that are there."),
    ]
  ) { arguments in
    let output = arguments.string("to") ?? ""
    do {
      let paths = try DataConversion.paths(of: output)
      if !arguments.flag("force"), let path = paths.first(where: DataConversion.exists) {
        throw UserError(
          "--to: '\(path)' exists already; give another name, or --force to replace it")
      }
    } catch let error as DataError {
      throw UserError("\(error)")
    }
    let experiment = try Experiment(
      ConfigurationNode(.map([.init(key: "data", node: try input(arguments).unnormalised)])))
    let survey = try DataSurvey(experiment, divides: false)
    guard let entry = survey.entries.first, survey.entries.count == 1 else {
      throw UserError("--data: names several data; give one")
    }
    do {
      let conversion = try DataConversion(entry.split, to: output)
      try conversion.write()
      let terminal = Terminal.output
      terminal.writeLine(
        "wrote    \(conversion.counts.train) examples to train on, \(conversion.counts.test) to test "
          + "on")
      terminal.writeLine("data:    \(conversion.words.flowText)")
      terminal.writeLine("SHA-256  \(entry.split.digest), read back the same")
    } catch let error as DataError {
      throw UserError("\(error)")
    }
    return .done
  }

  private static func input(_ arguments: ParsedArguments) throws -> ConfigurationNode {
    let file = arguments.positional("FILE")
    if let text = arguments.string("data") {
      if let file { throw UserError("'\(file)' is data, and --data names data, too; give one") }
      return try YAML.parseInline(text, source: "--data")
    }
    guard let file else { throw UserError("there is nothing to convert; name a file, or --data") }
    guard let node = try DataArguments.dataNode(file) else {
      throw UserError(
        "'\(file)' is no name of data; say what it is with --data, such as 'csv: {train: \(file)}'")
    }
    return node
  }
}

extension ConfigurationNode {
  /// Data in files with their values as they are, unless they say what is to become of them.
  fileprivate var unnormalised: ConfigurationNode {
    guard var entries, entries.count == 1, let parameters = entries[0].node.entries,
      ["idx", "cifar", "csv", "npz", "npy", "leaf"].contains(entries[0].key),
      !parameters.contains(where: { $0.key == "normalise" })
    else { return self }
    let none = Entry(key: "normalise", node: ConfigurationNode(.text("none")))
    entries[0].node = ConfigurationNode(.map(parameters + [none]), at: entries[0].node.position)
    return ConfigurationNode(.map(entries), at: position)
  }
}
