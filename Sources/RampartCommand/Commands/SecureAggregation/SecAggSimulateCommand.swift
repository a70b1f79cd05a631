internal import CommandLineTools
internal import Components
internal import CryptoCore
internal import Federation
internal import FileFormats
internal import Foundation
internal import Randomness
internal import SecureAggregation
internal import Tensors

extension CommandSpec {
  /// `rampart secagg simulate`.
  static let secaggSimulate = CommandSpec(
    "simulate",
    abstract: "Run a secure aggregation with all its parties and measure each round.",
    discussion: """
        rampart secagg simulate --clients 100 --dimension 1000000 --dropout 0.1
        rampart secagg simulate --clients 300 --dimension 10000 --protocol secagg-plus --json

      All clients and the server run here, exchange bytes only, and use real keys. The fraction \
      --dropout of the clients, drawn by --seed, drops out just before sending its masked vector, \
      where a dropout costs the server most. Vectors are drawn from a normal distribution, clipped \
      to 4 and rounded to --bits bits; the sum that comes out is compared with the plain sum of the \
      same codes. The degree is the least that withstands --corrupt and --dropout, as 'rampart secagg \
      parameters' finds it; the threshold is two thirds of a client's neighbours, as far as those \
      allow. With --active keys and the list of survivors are signed, and signatures are checked.

      Exit status: 0 the exact sum came out, 1 the run ended without it, 2 the command line is wrong.
      """,
    parameters: [
      .option("clients", "N", "Clients that take part.", required: true),
      .option("dimension", "D", "Coordinates of a vector.", required: true),
      .option("dropout", "F", "The fraction that drops out.", default: "0.1"),
      .option("corrupt", "F", "The fraction that may collude with the server.", default: "0.1"),
      .option(
        "protocol", "NAME", "Everybody with everybody, or a sparse graph.",
        kind: .oneOf("protocol", ["secagg", "secagg-plus"]), default: "secagg"),
      .flag("active", "Withstand a server that lies."),
      .option("bits", "B", "Bits of a coordinate.", default: "16"),
      .option(
        "max-weight", "W", "The largest weight; vectors have weights up to it.", default: "1"),
      .option("security-bits", "S", "Privacy fails below 2^-S.", default: "40"),
      .option("failure", "E", "The sum is lost below 2^-E.", default: "20"),
      .option("seed", "SEED", "For vectors and dropouts; keys are never seeded.", default: "1"),
      .option("jobs", "N", "How many threads (default: all cores)."),
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
    let result = try SecAggSimulation(answer, isActive: arguments.flag("active")).run(
      seed: seed, jobs: jobs)
    if arguments.flag("json") {
      Terminal.output.writeLine(JSON.text(of: result.node))
    } else {
      for line in result.lines { Terminal.output.writeLine(line) }
    }
    return result.isExact ? .done : .failed
  }
}

/// One run of all parties.
struct SecAggSimulation {
  private let parameters: AggregationParameters
  private let session: MaskingSession
  private let encoding: FixedPointEncoding

  init(_ answer: SecAggParametersAnswer, isActive: Bool) throws(UserError) {
    parameters = answer.parameters
    let clients = parameters.policy.clients
    do {
      encoding = try FixedPointEncoding(
        clip: 4, bits: answer.bits, clients: clients, maxWeight: answer.maxWeight)
      var graph: HararyGraph?
      if parameters.topology == .regular {
        var generator = Generator(seed: UInt64.random(in: .min ... .max))
        graph = try HararyGraph(clients: clients, degree: parameters.degree, using: &generator)
      }
      session = try MaskingSession(
        id: SystemRandomness.bytes(32), security: isActive ? .active : .semiHonest,
        clients: clients, threshold: parameters.usualThreshold,
        corrupt: parameters.policy.corruptClients, dimension: (answer.dimension ?? 1) + 1,
        ring: encoding.ring, graph: graph)
    } catch {
      throw UserError("\(error)")
    }
  }

  func run(seed: UInt64, jobs: Int) throws -> SecAggSimulationResult {
    let generator = Generator(seed: seed)
    let (session, encoding) = (session, encoding)
    var encoded: [RingVector] = []
    for client in 0..<session.clients {
      var own = generator.fork("secure aggregation", UInt64(client))
      let vector = Vector((1..<session.dimension).map { _ in Float(own.normal()) })
      encoded.append(
        try encoding.encode(vector, weight: 1 + own.uniform(below: encoding.maxWeight), using: &own)
      )
    }
    var draw = generator.fork("dropouts")
    let dropouts = draw.choice(parameters.policy.dropouts, of: session.clients)
    let local = try LocalAggregation(
      in: session, inputs: encoded,
      dropouts: Dictionary(uniqueKeysWithValues: dropouts.map { ($0, .maskedInput) }),
      workers: jobs)
    let clock = ContinuousClock()
    let began = clock.now
    let run = try local.run()
    let seconds = (clock.now - began) / .seconds(1)
    var isExact = false
    if let outcome = run.outcome {
      isExact = try outcome.sum == encoding.sum(outcome.contributors.map { encoded[$0] })
    }
    return SecAggSimulationResult(
      parameters: parameters, session: session, encoding: encoding, run: run,
      isExact: isExact, dropouts: dropouts.count, seconds: seconds, jobs: jobs)
  }
}

/// What a run came to.
struct SecAggSimulationResult {
  let parameters: AggregationParameters
  let session: MaskingSession
  let encoding: FixedPointEncoding
  let run: LocalAggregation.Run
  let isExact: Bool
  let dropouts: Int
  let seconds: Double
  let jobs: Int

  private var name: String { session.graph == nil ? "secagg" : "secagg-plus" }

  var lines: [String] {
    let clients = Words.grouped(session.clients)
    let server = session.security == .active ? "a server that may lie" : "a semi-honest server"
    var lines = [
      "\(clients) clients, \(Words.grouped(session.dimension - 1)) coordinates of \(encoding.bits) "
        + "bits and the weight, sums modulo 2^\(session.ring.bits); \(name) against \(server): "
        + "\(Words.grouped(parameters.degree)) neighbours, threshold "
        + "\(Words.grouped(session.threshold)); \(Words.grouped(dropouts)) dropped out.", "",
    ]
    var table = PrivacyTable([
      ("round", .left), ("role", .left), ("messages", .right), ("bytes", .right), ("CPU s", .right),
    ])
    for cost in run.costs where cost.messages > 0 || cost.cpuSeconds > 0 {
      table.rows.append([
        cost.round, cost.role.rawValue, Words.grouped(cost.messages), Words.grouped(cost.bytes),
        String(format: "%.4g", cost.cpuSeconds),
      ])
    }
    lines += table.lines + [""]
    if let outcome = run.outcome {
      lines.append(
        "The sum of \(Words.grouped(outcome.contributors.count)) vectors came out, "
          + (isExact ? "exact in every bit" : "and is WRONG")
          + "; \(Words.grouped(outcome.masksRemoved)) masks were taken off. "
          + String(format: "%.3g s on %d %@.", seconds, jobs, jobs == 1 ? "thread" : "threads"))
    } else {
      lines.append(
        "No sum: \(run.abort.map(\.description) ?? "the clients ended the session").")
    }
    return lines
  }

  var node: ConfigurationNode {
    ConfigurationNode(
      ReportNode.map([
        ("protocol", .text(name)), ("security", .text(session.security.rawValue)),
        ("clients", .integer(session.clients)), ("dimension", .integer(session.dimension - 1)),
        ("bits", .integer(encoding.bits)), ("modulusBits", .integer(session.ring.bits)),
        ("degree", .integer(parameters.degree)), ("threshold", .integer(session.threshold)),
        ("dropouts", .integer(dropouts)),
        (
          "rounds",
          ReportNode.list(
            run.costs.map { cost in
              ReportNode.map([
                ("round", .text(cost.round)), ("role", .text(cost.role.rawValue)),
                ("messages", .integer(cost.messages)), ("bytes", .integer(cost.bytes)),
                ("cpuSeconds", .number(cost.cpuSeconds)),
              ])
            })
        ),
        ("contributors", .integer(run.outcome?.contributors.count ?? 0)),
        ("masksRemoved", .integer(run.outcome?.masksRemoved ?? 0)),
        ("exact", .boolean(isExact)),
        (
          "aborted", ReportNode.text(run.outcome == nil ? run.abort?.description ?? "clients" : nil)
        ),
        ("seconds", .number(seconds)), ("jobs", .integer(jobs)),
      ]))
  }
}
