internal import CommandLineTools
internal import FileFormats
internal import Foundation

extension CommandSpec {
  /// `rampart secagg costs`.
  static let secaggCosts = CommandSpec(
    "costs",
    abstract: "Measure what checking a sum costs, over clients and over coordinates, and draw it.",
    discussion: """
        rampart secagg costs --protocol committed,verifynet,verifl
        rampart secagg costs --clients 5,20,100 --dimension 1000,10000 --svg costs.svg

      Whole sums are run as by 'rampart secagg simulate --active' with one client that checks, and \
      what is told is what checking takes beyond the masks: processor time of a client to prove or \
      commit, of one that checks, of the server, and bytes of a client. Curves over coordinates are \
      measured at the first of --clients, curves over clients at the first of --dimension: no other \
      cell is run. Everything told was measured: a cell that would take longer than --limit, going \
      by the one before it, is left out and named. --repeats runs each cell so often and tells the \
      median of each time.

      --svg draws the curves, logarithmic both ways, with a dot where something was measured.

      Exit status: 0 done, 1 a sum was not exact or not accepted, 2 the command line is wrong.
      """,
    parameters: [
      .option(
        "protocol", "NAMES", "Which, separated by commas: \(SecAggProtocol.checkedNames).",
        default: "committed,verifynet,verifl"),
      .option(
        "clients", "N,...", "Clients that take part.", kind: .integers(in: 2...10_000),
        default: "5,10,20,50"),
      .option(
        "dimension", "D,...", "Coordinates of a vector.", kind: .integers(in: 1...100_000_000),
        default: "100,1000,10000"),
      .option(
        "dropout", "F", "The fraction of the clients that drops out.",
        kind: .number(in: 0...0.49), default: "0"),
      .option(
        "bits", "B", "Bits of a coordinate.", kind: .integer(in: 2...32), default: "16"),
      .option(
        "repeats", "R", "How often each cell is run.", kind: .integer(in: 1...1000), default: "1"),
      .option(
        "limit", "SECONDS", "What a cell may take.", kind: .number(in: 0...1e9), default: "600"),
      .option(
        "seed", "SEED", "For vectors and dropouts; keys are never seeded.",
        kind: .integer(in: 0...Int.max), default: "1"),
      .option(
        "jobs", "N", "How many threads (default: all cores).", kind: .integer(in: 1...4096)),
      .flag("json", "Write JSON."),
      .option("svg", "FILE", "Also draw to this file.", kind: .file),
    ]
  ) { arguments in
    var protocols: [SecAggProtocol] = []
    for word in (arguments.string("protocol") ?? "").split(
      separator: ",", omittingEmptySubsequences: false)
    {
      guard let name = SecAggProtocol(rawValue: String(word)), name.isChecked else {
        throw UserError(
          "--protocol: '\(word)' is no protocol whose sums clients check; "
            + "\(SecAggProtocol.checkedNames) are")
      }
      if !protocols.contains(name) { protocols.append(name) }
    }
    let measurement = VerificationCosts.Measurement(
      protocols: protocols, clients: arguments.integers("clients"),
      dimensions: arguments.integers("dimension"),
      dropout: Double(arguments.string("dropout") ?? "") ?? 0,
      bits: arguments.int("bits") ?? 16, repeats: arguments.int("repeats") ?? 1,
      limit: Double(arguments.string("limit") ?? "") ?? 600,
      seed: UInt64(arguments.int("seed") ?? 1),
      jobs: arguments.int("jobs") ?? ProcessInfo.processInfo.activeProcessorCount)
    let costs = try measurement.run()
    if let path = arguments.string("svg") { try TextFile.write(costs.figure.svg, to: path) }
    if arguments.flag("json") {
      Terminal.output.writeLine(JSON.text(of: costs.node))
    } else {
      for line in costs.lines { Terminal.output.writeLine(line) }
    }
    return costs.areExact ? .done : .failed
  }
}

extension ParsedArguments {
  /// Whole numbers between commas, each once, by increasing size behind the first.
  fileprivate func integers(_ name: String) -> [Int] {
    let all = (string(name) ?? "").split(separator: ",").compactMap { Int($0) }
    guard let first = all.first else { return [] }
    return [first] + Set(all.dropFirst()).subtracting([first]).sorted()
  }
}
