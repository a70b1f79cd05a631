internal import CommandLineTools
internal import FileFormats
internal import Foundation
internal import SecureAggregation

extension CommandSpec {
  /// `rampart secagg simulate`.
  static let secaggSimulate = CommandSpec(
    "simulate",
    abstract: "Run a secure aggregation with all its parties and measure each round.",
    discussion: """
        rampart secagg simulate --clients 100 --dimension 1000000 --dropout 0.1
        rampart secagg simulate --clients 300 --dimension 10000 --protocol secagg-plus --json
        rampart secagg simulate --clients 20 --dimension 100000 --protocol committed --active
        rampart secagg simulate --clients 10 --dimension 1000 --protocol verifynet --verifiers 1

      All clients and the server run here, exchange bytes only, and use real keys. The fraction \
      --dropout of the clients, drawn by --seed, drops out just before sending its masked vector, \
      where a dropout costs the server most. Vectors are drawn from a normal distribution, clipped \
      to 4 and rounded to --bits bits; the sum that comes out is compared with the plain sum of the \
      same codes. The degree is the least that withstands --corrupt and --dropout, as 'rampart secagg \
      parameters' finds it; the threshold is two thirds of a client's neighbours, as far as those \
      allow. With --active keys and the list of survivors are signed, and signatures are checked.

      Under the last four protocols, everybody linked with everybody, clients check the sum that the \
      server announces. committed: they commit to their vectors first, and the sum must open the \
      commitments. verifynet: a proof of 288 bytes goes with every coordinate, under keys of an \
      authority (reconstructed from public code, with labels repaired); verifynet-per-vector: one \
      proof hides the whole vector. verifl: hashes of the vectors are committed to and opened by \
      shares, in the mended form, one sum a check. What that takes beyond the masks is told apart: \
      the time of a client to prove or commit and to check, the server's, and bytes. --verifiers says \
      how many of the clients check; each would find the same.

      Exit status: 0 the exact sum came out (and was accepted), 1 the run ended without it, 2 the \
      command line is wrong.
      """,
    parameters: [
      .option("clients", "N", "Clients that take part.", required: true),
      .option("dimension", "D", "Coordinates of a vector.", required: true),
      .option("dropout", "F", "The fraction that drops out.", default: "0.1"),
      .option("corrupt", "F", "The fraction that may collude with the server.", default: "0.1"),
      .option(
        "protocol", "NAME", "Everybody with everybody, a sparse graph, or a sum that is checked.",
        kind: .oneOf("protocol", SecAggProtocol.allCases.map(\.rawValue)), default: "secagg"),
      .option(
        "verifiers", "N", "How many clients check a sum that is checked, 0 for all.",
        kind: .integer(in: 0...Int.max), default: "0"),
      .flag("active", "Withstand a server that lies."),
      .option("bits", "B", "Bits of a coordinate.", default: "16"),
      .option(
        "max-weight", "W", "The largest weight; vectors have weights up to it.", default: "1"),
      .option("security-bits", "S", "Privacy fails below 2^-S.", default: "40"),
      .option("failure", "E", "The sum is lost below 2^-E.", default: "20"),
      .option("seed", "SEED", "For vectors and dropouts; keys are never seeded.", default: "1"),
      .option("jobs", "N", "How many threads (default: all cores).", kind: .integer()),
      .flag("json", "Write JSON."),
    ]
  ) { arguments in
    let answer = try SecAggPolicyReader(
      arguments, adversary: arguments.flag("active") ? .active : .curious
    ).answer()
    guard let seed = UInt64(arguments.string("seed") ?? "") else {
      throw UserError(
        "--seed: '\(arguments.string("seed") ?? "")' is not a whole number of 0 or more")
    }
    let jobs = arguments.int("jobs") ?? ProcessInfo.processInfo.activeProcessorCount
    guard jobs >= 1 else { throw UserError("--jobs \(jobs): at least 1 thread is needed") }
    let name = SecAggProtocol(rawValue: arguments.string("protocol") ?? "") ?? .secagg
    if arguments.isGiven("verifiers"), !name.isChecked {
      throw UserError(
        "--verifiers is for --protocol \(SecAggProtocol.checkedNames): under the others nobody can "
          + "check")
    }
    let result = try SecAggSimulation(
      answer, name, isActive: arguments.flag("active"), verifiers: arguments.int("verifiers") ?? 0
    ).run(seed: seed, jobs: jobs)
    if arguments.flag("json") {
      Terminal.output.writeLine(JSON.text(of: result.node))
    } else {
      for line in result.lines { Terminal.output.writeLine(line) }
    }
    return result.isExact ? .done : .failed
  }
}
